import { setFlagsFromString } from "node:v8";

/** Percent. 0 leaves it to V8, which grows the heap to four times its live size rather than collect it. */
let current = 0;

/** Makes V8's heap grow by this percentage of its live size before garbage is collected. */
export function growHeapBy(percent: number): void {
  current = percent;
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** Sets the heap growth while `work` runs, restores it, and returns the result. */
export async function whileHeapGrowsBy<Result>(percent: number, work: () => Promise<Result>): Promise<Result> {
  const before = current;
  growHeapBy(percent);
  try {
    return await work();
  } finally {
    growHeapBy(before);
  }
}
