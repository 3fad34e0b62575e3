import { setFlagsFromString } from "node:v8";

/** 0 leaves it to V8, which lets the heap grow to four times what is alive rather than collect it. */
let current = 0;

/** From now on V8's heap grows by so many percent of what is alive in it, and garbage is collected then. */
export function growHeapBy(percent: number): void {
  current = percent;
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** The same during some work, whose result it returns. */
export async function whileHeapGrowsBy<Result>(percent: number, work: () => Promise<Result>): Promise<Result> {
  const before = current;
  growHeapBy(percent);
  try {
    return await work();
  } finally {
    growHeapBy(before);
  }
}
