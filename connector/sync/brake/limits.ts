import type { BrakeLimits } from "../brake-terms.ts";

/** The limits if the config sets none. */
export const usualLimits: BrakeLimits = { share: 0.5, rows: 100 };

/** Returns whether the harmed rows exceed both limits. */
export function isTooMuch(harmed: number, total: number, { share, rows }: BrakeLimits): boolean {
  return harmed > rows && harmed > share * total;
}
