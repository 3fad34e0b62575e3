import { streamStateLine } from "./airbyte.ts";

/**
 * Prints the STATE messages of one stream. A STATE is held back until the next page shows another one: two equal ones
 * with records between them would break the protocol, which lists that are read again a little (the overlap) would
 * otherwise give.
 */
export class Checkpoints {
  readonly #stream: string;
  readonly #print: (line: string) => Promise<void>;
  #held: { state: object; text: string; records: number } | undefined;

  constructor(stream: string, print: (line: string) => Promise<void>) {
    this.#stream = stream;
    this.#print = print;
  }

  /** Has `write` print a page of so many records, of which `state` is where to go on after it. */
  async page(state: object, records: number, write: () => Promise<void>): Promise<void> {
    const text = JSON.stringify(state);
    if (this.#held !== undefined && this.#held.text !== text) await this.flush();
    await write();
    this.#held = { state, text, records: records + (this.#held?.records ?? 0) };
  }

  /** Prints the STATE that is held back, where there is one. */
  async flush(): Promise<void> {
    if (this.#held === undefined) return;
    const { state, records } = this.#held;
    this.#held = undefined;
    await this.#print(streamStateLine(this.#stream, state, records));
  }

  /** Prints the stream's last STATE: `state` stands for the one that is held back and covers its records. */
  async finish(state: object): Promise<void> {
    await this.#print(streamStateLine(this.#stream, state, this.#held?.records ?? 0));
    this.#held = undefined;
  }
}
