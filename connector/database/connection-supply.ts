import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { Failure } from "../failure.ts";

/**
 * How often, and how long (ms) apart, a server that is full is asked again: one that was closed just now may still
 * count.
 */
const tries = 15;
const pauseMilliseconds = 200;
/** After this time (ms) more connections are tried again than a full server let us have. */
const growAgainAfter = 60_000;

/** Whether a server, or a pooler before it, has no connection left for us. */
export function isFull(error: unknown): boolean {
  const { code, message = "" } = (error ?? {}) as { code?: string; message?: string };
  return code === "53300" || message.includes("no more connections allowed");
}

/** As many as a run makes use of, and one for deliveries. */
const plenty = 6;

/**
 * Gives out the connections of a pool. A server that has none left for us is no fault while one of ours is at work: the
 * caller waits for that one, and the pool stays small for a while.
 */
export class ConnectionSupply {
  readonly #pool: Pool;
  #most: number;
  /** Those that hold locks: nobody gets them meanwhile. */
  #kept = 0;
  /** Those that wait for a connection. */
  readonly #waiting = new Set<Promise<PoolClient>>();

  constructor(pool: Pool, most: number) {
    this.#pool = pool;
    this.#most = most;
  }

  /** A connection. Throws the server's error, or `MissingConnections`. */
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

  /** Says that one of the connections holds locks from now on, or (-1) does not any more. */
  keep(change: 1 | -1): void {
    this.#kept += change;
    // Whoever works waits for a connection that somebody gives back.
    this.#options.max = Math.max(this.#options.max, this.#kept + 1);
  }

  /**
   * Makes sure that so many connections can be had at once, and leaves the last of them to another part of this process
   * from now on. Throws what the server says, or `MissingConnections`.
   */
  async share(needed: number): Promise<void> {
    for (let tried = 1; ; tried++) {
      const asked = Array.from({ length: Math.min(plenty, this.#most) }, () => this.#pool.connect());
      const results = await Promise.allSettled(asked);
      const had = results.filter(({ status }) => status === "fulfilled").length;
      // Closed: what is idle would be missing to the other part.
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

  /** Waits for those who wait for a connection: the pool would leave them without an answer when it ends. */
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

  /** The pool looks there each time that it may open one more (pg-pool, `_isFull`). */
  get #options(): { max: number } {
    return (this.#pool as unknown as { options: { max: number } }).options;
  }
}

/** What a run needs at once: one that holds its lock, and one to work with. */
export const leastConnections = 2;

/** What `serve` needs: the same, and one that stores deliveries meanwhile. */
export const serviceConnections = leastConnections + 1;

/** Does something that a full server may refuse, a few times: a connection that was closed just now may still count. */
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

/** A server gives fewer connections than are needed at once. */
export class MissingConnections extends Error {
  readonly needed: number;
  readonly had: number;

  constructor(cause: unknown, needed: number, had: number) {
    super((cause as Error).message, { cause });
    this.needed = needed;
    this.had = had;
  }
}

/** The same as a Failure for people: who must raise what. */
export function missingConnections(
  { message, needed, had, cause }: { message: string; needed?: number; had?: number; cause?: unknown },
  { server, user, database }: { server: string; user: string; database: string },
): Failure {
  const all = needed ?? leastConnections;
  const missing = all - (had ?? 0);
  const count = `${all} are needed at once, ${had ?? 0} could be had: ${missing} ${missing === 1 ? "is" : "are"} missing`;
  const raise = message.includes("for role")
    ? `give the role more: alter role "${user}" connection limit ${all}`
    : message.includes("for database")
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
