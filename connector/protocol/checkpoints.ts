import { streamStateLine } from "./airbyte.ts";

/**
 * A printer of the STATE messages of one stream. It holds a STATE back until the next page has a different one. Lists
 * read again a little (the overlap) would otherwise give two equal states with records between them, which breaks the
 * protocol.
 */
export class Checkpoints {
  readonly #stream: string;
  readonly #print: (line: string) => Promise<void>;
  #held: { state: object; text: string; records: number } | undefined;

  constructor(stream: string, print: (line: string) => Promise<void>) {
    this.#stream = stream;
    this.#print = print;
  }

  /** Prints a page of `records` records with `write`; `state` is the position after it. */
  async page(state: object, records: number, write: () => Promise<void>): Promise<void> {
    const text = JSON.stringify(state);
    if (this.#held !== undefined && this.#held.text !== text) await this.flush();
    await write();
    this.#held = { state, text, records: records + (this.#held?.records ?? 0) };
  }

  /** Prints the STATE that is held back, if there is one. */
  async flush(): Promise<void> {
    if (this.#held === undefined) return;
    const { state, records } = this.#held;
    this.#held = undefined;
    await this.#print(streamStateLine(this.#stream, state, records));
  }

  /** Prints the stream's last STATE: `state` replaces the one that is held back and covers its records. */
  async finish(state: object): Promise<void> {
    await this.#print(streamStateLine(this.#stream, state, this.#held?.records ?? 0));
    this.#held = undefined;
  }
}
