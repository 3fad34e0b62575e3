/**
 * Postgres's codes (appendix A) for a transaction that failed only because of a concurrent change:
 * - foreign_key_violation: a referenced row was removed
 * - unique_violation: a row to be created exists
 * - serialization_failure, deadlock_detected, lock_not_available
 */
const codes = new Set(["23503", "23505", "40001", "40P01", "55P03"]);

interface Coded {
  code?: unknown;
}

/** Returns true for errors worth a retry: another session changed what the transaction had read. */
export function isOutdated(error: unknown): boolean {
  // A Failure of the server keeps Postgres's error as its cause.
  return (
    error instanceof Error && [error, error.cause].some((one) => codes.has(String((one as Coded | undefined)?.code)))
  );
}
