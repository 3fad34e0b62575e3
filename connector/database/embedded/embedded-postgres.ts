import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { growHeapBy } from "../../heap-growth.ts";
import { packageRoot } from "../../package-root.ts";
import { movableBytes } from "../bulk/movable-bytes.ts";
import { StatementStream } from "../bulk/statement-stream.ts";
import { DeadPostgres } from "./dead-postgres.ts";
import type { FromPostgres, PostgresPlace, SentError, ToPostgres } from "./embedded-postgres-messages.ts";

/** The built file, also when this module runs from its source, as in tests: source loaders do not reach threads. */
const threadFile = `${packageRoot}dist/embedded-postgres-thread.mjs`;

/** The callbacks of a message to the thread. */
interface Waiting {
  onAnswer(bytes: Uint8Array): void;
  onDone(): void;
  onFailure(error: Error): void;
}

/**
 * Postgres's settings in the embedded database.
 * - shared_buffers: Postgres touches all of it at its start; the system caches the folder's files anyway.
 * - wal_buffers: the default, a part of shared_buffers, would write a transaction's log page by page.
 * - wal_init_zero: filling a log file with zeros before its use writes everything twice.
 * - max_wal_size: half of it is written to the log before a checkpoint (keepLogShort, in the thread).
 */
const settings = ["shared_buffers=16MB", "wal_buffers=4MB", "wal_init_zero=off", "max_wal_size=256MB"];

/** Young generation of the thread, in MB: its JavaScript makes little more than messages. */
const maxYoungGenerationSizeMb = 6;

/** The running threads. */
const running = new Set<Worker>();
let stopping = false;

/**
 * Ends the threads at the process's exit, before the folder's lock is released: a later write would go into another
 * process's database.
 */
function stopAtExit(thread: Worker): void {
  running.add(thread);
  if (stopping) return;
  stopping = true;
  process.prependListener("exit", () => {
    for (const one of running) void one.terminate();
  });
}

/**
 * Limits this thread's heap, because Postgres uses a part of the process's memory. The new space stays as large as it
 * is, and garbage is collected more often. Call it after the other thread has its heap: creating a heap resets the
 * setting.
 */
function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  growHeapBy(60);
}

/**
 * The embedded Postgres in a thread of its own: while it executes a statement, this thread receives pages, maps and
 * writes. It does not keep the process alive unless an answer is pending.
 */
export class EmbeddedPostgres {
  /** Resolves when Postgres has started; rejects with the reason if it cannot start. */
  readonly started: Promise<void>;
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  /** The reason why no more statements are accepted. */
  #over: Error | undefined;

  /** Starts Postgres on the data in a folder. */
  constructor(data: string) {
    const workerData: PostgresPlace = { data, settings };
    // This process's options (such as an input type or a source loader) are not meant for the thread.
    this.#thread = new Worker(threadFile, { workerData, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb } });
    this.#thread.on("message", (message: FromPostgres) => this.#told(message));
    this.#thread.once("error", (error) => this.#end(new DeadPostgres(error.message, { cause: error })));
    stopAtExit(this.#thread);
    this.#ended = new Promise((resolve) =>
      this.#thread.once("exit", (status) => {
        running.delete(this.#thread);
        this.#end(new DeadPostgres(`its thread ended with status ${status}`));
        resolve();
      }),
    );
    this.started = new Promise((resolve, reject) => this.#wait({ onAnswer() {}, onDone: resolve, onFailure: reject }));
    this.started.then(keepHeapSmall, (error: Error) => this.#end(error));
  }

  /** Returns a stream for `pg` that acts as a connection to a server. All streams share Postgres's one session. */
  connect(): StatementStream {
    return new StatementStream((bytes, onAnswer) => this.#carryOut(bytes, onAnswer));
  }

  /** Passes the COPY input of the next statement. */
  giveCopyInput(chunks: Iterable<string | Buffer>): void {
    // Send it piece by piece: memory of a large piece would not go back to the system (postgres-module.ts).
    for (const chunk of chunks) {
      const bytes = movableBytes([chunk]);
      this.#tell({ kind: "copy input", bytes }, bytes);
    }
  }

  /** Shuts Postgres down after all earlier work is done. */
  async close(): Promise<void> {
    if (this.#over === undefined) {
      await new Promise<void>((resolve, reject) => {
        this.#wait({ onAnswer() {}, onDone: resolve, onFailure: reject });
        this.#tell({ kind: "close" });
        this.#over = new Error("The database is closed.");
      });
    }
    this.#thread.ref();
    await this.#ended;
  }

  /** Ends the thread immediately, as the end of the process does. */
  async kill(): Promise<void> {
    this.#thread.ref();
    await this.#thread.terminate();
    await this.#ended;
  }

  #carryOut(bytes: Uint8Array<ArrayBuffer>, onAnswer: (bytes: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) throw this.#over;
      this.#wait({ onAnswer, onDone: resolve, onFailure: reject });
      this.#tell({ kind: "statement", bytes }, bytes);
    });
  }

  #tell(message: ToPostgres, moved?: Uint8Array<ArrayBuffer>): void {
    this.#thread.postMessage(message, moved === undefined ? [] : [moved.buffer]);
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#thread.ref();
  }

  #told(message: FromPostgres): void {
    if (message.kind === "answer") {
      this.#waiting[0]?.onAnswer(message.bytes);
      return;
    }
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#thread.unref();
    if (message.kind === "failed") waiting?.onFailure(received(message.failure));
    else waiting?.onDone();
  }

  #end(error: Error): void {
    this.#over ??= error;
    for (const { onFailure } of this.#waiting.splice(0)) onFailure(this.#over);
  }
}

function received({ message, code, dead }: SentError): Error {
  if (dead) return new DeadPostgres(message);
  return code === undefined ? new Error(message) : Object.assign(new Error(message), { code });
}
