import { pause as waitFor } from "./pause.ts";

/** The limits of a request's retries (contract, section 7, "API trouble"). All times in milliseconds. */
export interface Patience {
  /** Tries at most, the first included. */
  tries: number;
  /** The total time of all tries. */
  total: number;
  /** The time without a byte after which a try is abandoned. */
  silence: number;
  /** The longest first pause; each further one may be twice as long, up to `longestPause`. */
  firstPause: number;
  longestPause: number;
  /** Returns a number from 0 to 1, exclusive. */
  random: () => number;
}

const usual: Patience = {
  tries: 8,
  total: 40_000,
  silence: 30_000,
  firstPause: 500,
  longestPause: 10_000,
  random: Math.random,
};

/** The tries of one request. */
export interface Retries {
  readonly patience: Patience;
  /** Tries started so far. */
  readonly tries: number;
  begin(): void;
  /** Returns true if one more try is within the limits, and chooses the pause before it. */
  allowed(): boolean;
  /** Waits for the chosen pause. Throws the signal's reason if it is aborted. */
  wait(signal: AbortSignal | undefined): Promise<void>;
  /** Adds a wait that the server asked for to the total time. */
  extend(milliseconds: number): void;
  /** Returns the time without a byte that this try may have, within the total time. */
  silence(): number;
  /** Returns the time that is left for this try. */
  left(): number;
  /** Returns ` after 8 tries in 38 s`, or nothing after one try. */
  told(): string;
}

/** Starts the tries of one request: exponential pauses with full jitter. */
export function createRetries(patience: Partial<Patience> = {}): Retries {
  const limits = { ...usual, ...patience };
  let tries = 0;
  let pause = 0;
  let began = 0;
  let extension = 0;
  const elapsed = () => performance.now() - began;
  const left = () => Math.ceil(limits.total + extension - elapsed());
  return {
    patience: limits,
    get tries() {
      return tries;
    },
    begin() {
      if (tries === 0) began = performance.now();
      tries++;
    },
    allowed() {
      const longest = Math.min(limits.longestPause, limits.firstPause * 2 ** (tries - 1));
      pause = limits.random() * longest;
      return tries < limits.tries && left() > pause;
    },
    wait: (signal) => waitFor(pause, signal),
    extend(milliseconds) {
      extension += milliseconds;
    },
    silence: () => Math.max(1, Math.min(limits.silence, left())),
    left: () => Math.max(1, left()),
    told: () => (tries < 2 ? "" : ` after ${tries} tries in ${Math.round(elapsed() / 1000)} s`),
  };
}
