import type { BrakeLimits } from "../brake-terms.ts";

/** What holds where the config says nothing. */
export const usualLimits: BrakeLimits = { share: 0.5, rows: 100 };

/** Says whether so many harmed rows of so many are more than both limits allow. */
export function isTooMuch(harmed: number, total: number, { share, rows }: BrakeLimits): boolean {
  return harmed > rows && harmed > share * total;
}
