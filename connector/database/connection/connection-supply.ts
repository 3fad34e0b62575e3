import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { Failure } from "../../failure.ts";

/** Attempts at a full server, and the pause (ms) between them: a connection closed a moment ago may still count. */
const tries = 15;
const pauseMilliseconds = 200;
/** Time (ms) after which the pool tries to grow again beyond what a full server granted. */
const growAgainAfter = 60_000;

/** Returns whether the server, or a pooler before it, has no free connection. */
export function isFull(error: unknown): boolean {
  const { code, message = "" } = (error ?? {}) as { code?: string; message?: string };
  return code === "53300" || message.includes("no more connections allowed");
}

/** Connections that a run can use, plus one for deliveries. */
const plenty = 6;

/**
 * Hands out the connections of a pool. A full server is no failure while this process has a working connection: the
 * caller waits for that one, and the pool stays small for a while.
 */
export class ConnectionSupply {
  readonly #pool: Pool;
  #most: number;
  /** Number of connections that hold locks and are not handed out. */
  #kept = 0;
  /** Pending requests for a connection. */
  readonly #waiting = new Set<Promise<PoolClient>>();

  constructor(pool: Pool, most: number) {
    this.#pool = pool;
    this.#most = most;
  }

  /** Takes a connection. Throws the server's error, or `MissingConnections`. */
  async take(): Promise<PoolClient> {
    for (let tried = 1; ; tried++) {
      const taking = this.#pool.connect();
      this.#waiting.add(taking);
      try {
        return await taking;
      } catch (error) {
        if (!isFull(error)) throw error;
        if (this.#pool.totalCount > this.#kept) this.#stayAt(this.#pool.totalCount);
        else if (tried >= tries) throw new MissingConnections(error, leastConnections, this.#pool.totalCount);
        await sleep(pauseMilliseconds);
      } finally {
        this.#waiting.delete(taking);
      }
    }
  }

  /** Records that a connection now holds locks (1), or no longer does (-1). */
  keep(change: 1 | -1): void {
    this.#kept += change;
    // Leave room for one connection that is handed back; otherwise a caller would wait forever.
    this.#options.max = Math.max(this.#options.max, this.#kept + 1);
  }

  /**
   * Checks that `needed` connections can be open together, then leaves the last of them to another part of this
   * process. Throws the server's error, or `MissingConnections`.
   */
  async share(needed: number): Promise<void> {
    for (let tried = 1; ; tried++) {
      const asked = Array.from({ length: Math.min(plenty, this.#most) }, () => this.#pool.connect());
      const results = await Promise.allSettled(asked);
      const had = results.filter(({ status }) => status === "fulfilled").length;
      // Close them: idle connections would be missing to the other part.
      for (const result of results) if (result.status === "fulfilled") result.value.release(true);
      const refusal = results.find((result) => result.status === "rejected")?.reason as unknown;
      if (refusal !== undefined && !isFull(refusal)) throw refusal;
      if (had >= needed) {
        if (had < asked.length) this.#keepTo(had - 1);
        return;
      }
      if (tried >= tries) throw new MissingConnections(refusal, needed, had);
      await sleep(pauseMilliseconds);
    }
  }

  /** Waits for pending requests: a pool that ends would leave them without an answer. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#waiting);
  }

  #stayAt(count: number): void {
    this.#options.max = count;
    setTimeout(() => {
      this.#options.max = this.#most;
    }, growAgainAfter).unref();
  }

  #keepTo(count: number): void {
    this.#most = count;
    this.#options.max = count;
  }

  /** The pool reads `max` here each time before it opens a connection (pg-pool, `_isFull`). */
  get #options(): { max: number } {
    return (this.#pool as unknown as { options: { max: number } }).options;
  }
}

/** Connections that a run needs: one holds its lock, one works. */
export const leastConnections = 2;

/** Connections that `serve` needs: those of a run, and one that stores deliveries. */
export const serviceConnections = leastConnections + 1;

/**
 * Runs an action that a full server may refuse, up to `tries` times: a connection closed a moment ago may still count.
 */
export async function unlessFull<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFull(error) || tried >= tries) throw error;
      await sleep(pauseMilliseconds);
    }
  }
}

/** Thrown when a server gives fewer connections than are needed together. */
export class MissingConnections extends Error {
  readonly needed: number;
  readonly had: number;

  constructor(cause: unknown, needed: number, had: number) {
    super((cause as Error).message, { cause });
    this.needed = needed;
    this.had = had;
  }
}

/** Returns the Failure for missing connections; it names the limit to raise and who can raise it. */
export function missingConnections(
  { message, needed, had, cause }: { message: string; needed?: number; had?: number; cause?: unknown },
  { server, user, database }: { server: string; user: string; database: string },
): Failure {
  const all = needed ?? leastConnections;
  const missing = all - (had ?? 0);
  const count = `${all} are needed at once, ${had ?? 0} available: ${missing} ${missing === 1 ? "is" : "are"} missing`;
  const raise = message.includes("connections for role")
    ? `give the role more: alter role "${user}" connection limit ${all}`
    : message.includes("connections for database")
      ? `give the database more: alter database "${database}" connection limit ${all}`
      : message.includes("max_client_conn")
        ? "raise max_client_conn of the pooler"
        : "raise max_connections of the server";
  return new Failure("surroundings", `The database server ${server} has no free connection (${message}); ${count}.`, {
    hint: `Close connections of other programs, or ${raise}.`,
    remedy: "retry",
    cause,
  });
}
