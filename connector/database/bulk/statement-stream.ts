import { Duplex } from "node:stream";
import { movableBytes } from "./movable-bytes.ts";

/** First byte of the protocol's Terminate message, which needs no answer here (Postgres manual, "Message Formats"). */
const terminate = "X".charCodeAt(0);

/** AuthenticationOk and ReadyForQuery: a server's answer to a client that needs no password. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** Executes messages of Postgres's protocol; calls `onAnswer` with each part of the answer. */
export type CarryOut = (bytes: Uint8Array<ArrayBuffer>, onAnswer: (bytes: Uint8Array) => void) => Promise<void>;

/**
 * A replacement for the socket to a server, for `pg`'s option `stream`. `pg` corks the stream around the messages of a
 * statement, so one write is one whole statement.
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

  // Methods of a socket that have no effect here.
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
      // The first message is the startup message.
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
