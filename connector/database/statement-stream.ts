import { Duplex } from "node:stream";
import { movableBytes } from "./movable-bytes.ts";

/** The first byte of the protocol's messages that ask for nothing here (Postgres manual, "Message Formats"). */
const terminate = "X".charCodeAt(0);

/** AuthenticationOk and ReadyForQuery: what a server says when it lets somebody in without a password. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** Carries out messages of Postgres's protocol; what they are answered goes to `onAnswer`, part by part. */
export type CarryOut = (bytes: Uint8Array<ArrayBuffer>, onAnswer: (bytes: Uint8Array) => void) => Promise<void>;

/**
 * Stands in for the socket to a server, as `pg` uses one (its option `stream`). What `pg` writes at once is a statement
 * (it corks the stream meanwhile), and is handed on as a whole.
 */
export class StatementStream extends Duplex {
  readonly #carryOut: CarryOut;
  #started = false;

  constructor(carryOut: CarryOut) {
    super();
    this.#carryOut = carryOut;
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  // What a socket has besides, and which means nothing here.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  #send(chunks: Buffer[], done: (error?: Error) => void): void {
    if (!this.#started) {
      // The startup message.
      this.#started = true;
      this.push(welcome);
      done();
      return;
    }
    const messages = chunks.filter((chunk) => chunk[0] !== terminate);
    if (messages.length === 0) {
      done();
      return;
    }
    this.#carryOut(movableBytes(messages), (bytes) => {
      if (!this.destroyed) this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }).then(() => done(), done);
  }
}
