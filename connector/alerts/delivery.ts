/**
 * The outcome of sending one message. `answer` goes on after the name of the channel: "answered 200 ok". It may quote
 * the other side, and nothing of the channel's address but its host.
 */
export type Delivery =
  | {
      taken: true;
      answer: string;
      /** Names who of several did not get it. */
      lacking?: string;
    }
  | {
      taken: false;
      answer: string;
      hint?: string;
      /**
       * Says how soon it is worth another try: in a moment, after a while because it may have arrived, or hardly ever,
       * because somebody must change something.
       */
      again: "soon" | "later" | "rarely";
      /** The least wait in seconds that was asked for. */
      wait?: number;
    };

/** The time that one try may take. */
export interface Limits {
  /** Milliseconds. */
  deadline: number;
  signal: AbortSignal | undefined;
}

/** Words of the other side as a message may quote them: short, on one line. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
