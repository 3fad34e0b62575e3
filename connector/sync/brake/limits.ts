/** How many rows of a model a run may harm without anybody's word: as many as the higher of the two allows. */
export interface BrakeLimits {
  /** A part of the model's rows: 0.5 is half of them. */
  share: number;
  rows: number;
}

/** What holds where the config says nothing. */
export const usualLimits: BrakeLimits = { share: 0.5, rows: 100 };

/** Says whether so many harmed rows of so many are more than both limits allow. */
export function isTooMuch(harmed: number, total: number, { share, rows }: BrakeLimits): boolean {
  return harmed > rows && harmed > share * total;
}
