import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { growHeapBy } from "../heap-growth.ts";
import { packageRoot } from "../package-root.ts";
import { DeadPostgres } from "./dead-postgres.ts";
import type { FromPostgres, PostgresPlace, SentError, ToPostgres } from "./embedded-postgres-messages.ts";
import { movableBytes } from "./movable-bytes.ts";
import { StatementStream } from "./statement-stream.ts";

/** The built file also where this one runs from its source, as in tests: what loads sources does not reach threads. */
const threadFile = `${packageRoot}dist/database/embedded-postgres-thread.js`;

/** What waits for something that the thread was told. */
interface Waiting {
  onAnswer(bytes: Uint8Array): void;
  onDone(): void;
  onFailure(error: Error): void;
}

/**
 * Postgres's settings in the embedded database.
 * - shared_buffers: Postgres touches all of it as it starts. The system keeps the folder's files in memory anyway.
 * - wal_buffers: otherwise a part of shared_buffers, and a transaction's log would be written a page at a time.
 * - wal_init_zero: filling a log file with zeros before it is used writes everything twice.
 * - max_wal_size: half of it is written to the log before a checkpoint (keepLogShort, in the thread).
 */
const settings = ["shared_buffers=16MB", "wal_buffers=4MB", "wal_init_zero=off", "max_wal_size=256MB"];

/** Of JavaScript the thread makes little more than messages. */
const maxYoungGenerationSizeMb = 6;

/** The threads that are at work. */
const running = new Set<Worker>();
let stopping = false;

/** What is written after a folder's lock is given back (at the exit too) would be written into another process's database. */
function stopAtExit(thread: Worker): void {
  running.add(thread);
  if (stopping) return;
  stopping = true;
  process.prependListener("exit", () => {
    for (const one of running) void one.terminate();
  });
}

/**
 * Postgres takes a part of the memory that the process may take, so this thread's heap gets less: its new space stays as
 * large as it has become (to be told after the other thread has its heap, because making one sets this back), and garbage
 * is collected more often.
 */
function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  growHeapBy(60);
}

/**
 * The embedded Postgres in a thread of its own: while it carries a statement out, this one receives pages, maps and
 * writes. It lets the process end where nobody waits for an answer.
 */
export class EmbeddedPostgres {
  /** Settles when Postgres has started; rejects with what kept it from that. */
  readonly started: Promise<void>;
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  /** Why nothing is carried out any more. */
  #over: Error | undefined;

  /** Starts Postgres on the data in a folder. */
  constructor(data: string) {
    const workerData: PostgresPlace = { data, settings };
    // The options of this process (another kind of input, a loader of sources) are not meant for it.
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

  /** What `pg` takes for a connection to a server. Several at once share Postgres's one session. */
  connect(): StatementStream {
    return new StatementStream((bytes, onAnswer) => this.#carryOut(bytes, onAnswer));
  }

  /** Hands over what the next statement reads as COPY's input. */
  giveCopyInput(chunks: Iterable<string | Buffer>): void {
    // Piece by piece: what is large is not given back to the system again (postgres-module.ts).
    for (const chunk of chunks) {
      const bytes = movableBytes([chunk]);
      this.#tell({ kind: "copy input", bytes }, bytes);
    }
  }

  /** Shuts Postgres down, once everything before is done. */
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

  /** Ends the thread where it is, as the end of the process does. */
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
