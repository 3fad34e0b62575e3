import type { FieldDefinition, FieldedStream } from "./field-definition.ts";
import type { Seconds } from "./instant.ts";

/** The number of records of each stream. */
export interface AccountSizes {
  organizations: number;
  persons: number;
  deals: number;
  notes: number;
}

/** The input from which every record is invented: equal settings give equal records, each on its own. */
export interface AccountSetting {
  seed: string | number;
  /** The end of the account's story: no record is newer. */
  now: Seconds;
  /** The account's time zone, such as `America/Los_Angeles`. */
  timeZone: string;
  sizes: AccountSizes;
  fields: Record<FieldedStream, FieldDefinition[]>;
  /** The ids of each pipeline's stages, first to last. */
  stageIds: ReadonlyMap<number, readonly number[]>;
}

/** A day in seconds. */
export const DAY = 86_400;

/** The time of a bulk import that many records share as their update_time, so that ties occur. */
export const importTime: Seconds = Date.UTC(2024, 2, 1, 6) / 1000;

/** Returns true if the bulk import was the last change of the record with this number. */
export function wasImported(number: number): boolean {
  return number % 40 === 0;
}
