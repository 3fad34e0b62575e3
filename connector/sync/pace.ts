import type { Progress } from "./run-context.ts";

/** Records, and time (ms), from which a rate is meaningful. */
const fewestRated = 100;
const shortestRated = 1_000;

/** The pace of a stage; what is not known yet is absent. */
export interface StagePace {
  /** Records per second. */
  rate?: number;
  /** The part that is done, 0 to 1. */
  share?: number;
  secondsLeft?: number;
}

/** Follows the progress of a run. The rate is that of the stage: a slow start of one does not count in another. */
export class Pace {
  readonly #clock: () => number;
  #stage = "";
  #began = 0;
  #before = 0;

  /** `clock` returns the time in milliseconds. */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** Takes the next progress, and returns the pace so far. */
  of({ stage, stream, records, total }: Progress): StagePace {
    const now = this.#clock();
    const name = `${stage} ${stream ?? ""}`;
    if (name !== this.#stage) [this.#stage, this.#began, this.#before] = [name, now, records];
    const known = total === undefined || total < records || total === 0 ? {} : { share: records / total };
    const [done, time] = [records - this.#before, now - this.#began];
    if (done < fewestRated || time < shortestRated) return known;
    const rate = done / (time / 1000);
    return known.share === undefined ? { rate } : { ...known, rate, secondsLeft: (total! - records) / rate };
  }
}
