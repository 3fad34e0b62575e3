/**
 * Postgres's codes (appendix A) for a transaction that failed only because of what someone else did meanwhile: a row was
 * made that was to be created (unique_violation), or removed that was
 * referred to (foreign_key_violation), serialization_failure, deadlock_detected, lock_not_available.
 */
const codes = new Set(["23503", "23505", "40001", "40P01", "55P03"]);

interface Coded {
  code?: unknown;
}

/** True for an error after which the same transaction, begun anew, may well succeed: what it had read is out of date. */
export function isOutdated(error: unknown): boolean {
  // The server's errors come as sentences, with what they are made of as their cause.
  return (
    error instanceof Error && [error, error.cause].some((one) => codes.has(String((one as Coded | undefined)?.code)))
  );
}
