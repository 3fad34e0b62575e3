import type { PoolClient } from "pg";

/** The source of connections for locks. */
export interface LockConnections {
  /** Takes a connection that is used for locks only, until it is given back. */
  take(): Promise<PoolClient>;
  giveBack(connection: PoolClient): void;
}

/** Takes a lock and returns the function that releases it; undefined if another session holds it. */
export type TryLock = (key: number) => Promise<(() => Promise<void>) | undefined>;

/**
 * Returns session-level advisory locks. All locks of this process share one connection, which is given back when none
 * is held. A connection that breaks has lost its locks.
 */
export function sessionLocks({ take, giveBack }: LockConnections): TryLock {
  let held = 0;
  let current: Promise<PoolClient> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const giveBackUnlessHeld = (connection: PoolClient, broken: boolean) => {
    if (!broken && held > 0) return;
    held = 0;
    current = undefined;
    giveBack(connection);
  };
  return (key) =>
    inTurn(async () => {
      current ??= take();
      let connection: PoolClient;
      try {
        connection = await current;
      } catch (error) {
        current = undefined;
        throw error;
      }
      const mine = current;
      try {
        const { rows } = await connection.query("select pg_try_advisory_lock($1) as taken", [key]);
        if (rows[0]?.taken !== true) {
          giveBackUnlessHeld(connection, false);
          return undefined;
        }
      } catch (error) {
        giveBackUnlessHeld(connection, true);
        throw error;
      }
      held++;
      return () =>
        inTurn(async () => {
          if (current !== mine) return;
          held--;
          const broken = await connection.query("select pg_advisory_unlock($1)", [key]).then(
            () => false,
            () => true,
          );
          giveBackUnlessHeld(connection, broken);
        });
    });
}

/**
 * SQL that lets a transaction idle or last without limit (`transaction_timeout` exists since Postgres 17): Pipedrive
 * may be slow.
 */
export const neverEnding = `select set_config(name, '0', true) from pg_settings
  where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`;

/** Interval (ms) of signs of life on a connection that holds a lock: poolers and servers may end silent ones. */
const signMilliseconds = 15_000;

/**
 * Returns transaction-level advisory locks, each in an open transaction on its own connection. A pooler that pools by
 * transaction may give the server's session to another client after each transaction, which would leave a session's
 * lock behind. The open transaction has no snapshot and no id, so it does not hold up vacuum. `begin` starts it.
 */
export function transactionLocks({ take, giveBack }: LockConnections, begin: string): TryLock {
  return async (key) => {
    const connection = await take();
    let signs: NodeJS.Timeout | undefined;
    let last: Promise<unknown> = Promise.resolve();
    const end = async () => {
      clearInterval(signs);
      await last;
      await connection.query("commit").catch(() => undefined);
      giveBack(connection);
    };
    try {
      await connection.query(begin);
      await connection.query(neverEnding);
      const { rows } = await connection.query("select pg_try_advisory_xact_lock($1) as taken", [key]);
      if (rows[0]?.taken !== true) {
        await end();
        return undefined;
      }
    } catch (error) {
      await connection.query("rollback").catch(() => undefined);
      giveBack(connection);
      throw error;
    }
    signs = setInterval(() => {
      last = connection.query("select 1").catch(() => clearInterval(signs));
    }, signMilliseconds);
    signs.unref();
    return end;
  };
}
