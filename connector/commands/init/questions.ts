import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { Failure } from "../../failure.ts";
import { terminalText } from "../../text/terminal-text.ts";
import { Stopped } from "../terminal/stop-signal.ts";

/** The question that is open. */
interface Waiting {
  resolve: (line: string) => void;
  reject: (reason: Error) => void;
}

/** Asks people on the terminal: questions and what they type go to stderr, because stdout is for results. */
export class Questions {
  readonly #readline: Interface;
  readonly #lines: string[] = [];
  #waiting: Waiting | undefined;
  #ended: Error | undefined;
  #shows = false;

  /** Starts to read the terminal. `onEnd` is called when Ctrl-C ends the questions. */
  constructor(onEnd: (reason: Stopped) => void) {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (this.#shows) process.stderr.write(chunk);
        done();
      },
    });
    this.#readline = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    this.#readline.on("line", (line) => {
      if (this.#waiting === undefined) this.#lines.push(line);
      else this.#settle(({ resolve }) => resolve(line));
    });
    this.#readline.on("SIGINT", () => {
      const stopped = new Stopped("SIGINT", "Nothing was written.");
      this.end(stopped);
      onEnd(stopped);
    });
    this.#readline.on("close", () =>
      this.end(new Failure("usage", "The input ended before the last answer.", { hint: "Run init again." })),
    );
  }

  /** Asks, and returns the answer without blanks around it, or `fallback` for an empty one. */
  async ask(question: string, { fallback = "", hidden = false } = {}): Promise<string> {
    process.stderr.write(`${question}${fallback === "" ? "" : ` [${fallback}]`}: `);
    this.#shows = !hidden;
    try {
      const answer = await this.#nextLine();
      return answer.trim() || fallback;
    } finally {
      this.#shows = false;
      if (hidden) process.stderr.write("\n");
    }
  }

  /** Says something to the person at the terminal. */
  say(text: string): void {
    process.stderr.write(`${terminalText(text)}\n`);
  }

  /** True if no more answers can come. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Gives the terminal back. */
  close(): void {
    this.#ended ??= new Failure("usage", "The input ended before the last answer.");
    this.#readline.close();
  }

  #nextLine(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** Rejects the open question and later ones. */
  end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#settle(({ reject }) => reject(reason));
  }

  #settle(answer: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) answer(waiting);
  }
}
