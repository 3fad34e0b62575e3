import type { PGlite } from "@electric-sql/pglite";

/** Thrown once the embedded Postgres has died: it answers no further statement and must be started again. */
export class DeadPostgres extends Error {
  override name = "DeadPostgres";
}

type Call = (...parameters: unknown[]) => unknown;

/** Functions of Postgres that PGlite calls during a statement, and when it is closed. */
const inStatement = ["stackRestore", "_PostgresSendReadyForQueryIfNecessary", "_pgl_pq_flush"];
const atClose = ["_pgl_setPGliteActive", "_pgl_run_atexit_funcs"];

/**
 * Makes a Postgres that dies in a statement fail that statement and all later ones with DeadPostgres. A PANIC (its log
 * cannot be written) ends Postgres. PGlite 0.5 keeps calling it for the rest of the statement, so that this process
 * would stay busy forever (`execProtocolRawSync`). A dead Postgres is not asked to shut down either.
 */
export function failWhereItDies(postgres: PGlite): void {
  const calls = postgres.Module as unknown as Record<string, Call>;
  const longJump = (postgres as unknown as { POSTGRES_MAIN_LONGJMP?: number }).POSTGRES_MAIN_LONGJMP;
  let died: DeadPostgres | undefined;
  const wrap = (name: string, around: (call: Call) => Call) => {
    const call = calls[name];
    if (call !== undefined) calls[name] = around(call);
  };
  const unlessDead =
    (call: Call): Call =>
    (...parameters) => {
      if (died !== undefined) throw died;
      return call(...parameters);
    };
  wrap("_PostgresMainLoopOnce", (call) =>
    unlessDead((...parameters) => {
      try {
        return call(...parameters);
      } catch (error) {
        // A long jump is how Postgres ends a failed statement; any other error is its death.
        const { status } = error as { status?: unknown };
        if (longJump === undefined || status !== longJump) died = deadOf(error);
        throw error;
      }
    }),
  );
  for (const name of [...inStatement, ...atClose]) wrap(name, unlessDead);
}

function deadOf(cause: unknown): DeadPostgres {
  return new DeadPostgres(cause instanceof Error ? cause.message : String(cause), { cause });
}
