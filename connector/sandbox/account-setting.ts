import type { FieldDefinition, FieldedStream } from "./field-definition.ts";
import type { Seconds } from "./instant.ts";

/** How many records of each stream there are. */
export interface AccountSizes {
  organizations: number;
  persons: number;
  deals: number;
  notes: number;
}

/** What every invented record is made from: the same setting gives the same records, each for itself. */
export interface AccountSetting {
  seed: string | number;
  /** The moment at which the account's story ends: no record is newer. */
  now: Seconds;
  /** The account's time zone, as `America/Los_Angeles`. */
  timeZone: string;
  sizes: AccountSizes;
  fields: Record<FieldedStream, FieldDefinition[]>;
  /** The ids of each pipeline's stages, first to last. */
  stageIds: ReadonlyMap<number, readonly number[]>;
}

/** A day in seconds. */
export const DAY = 86_400;

/** The moment of a bulk import that many records share as their update_time, so that ties occur. */
export const importTime: Seconds = Date.UTC(2024, 2, 1, 6) / 1000;

/** Whether the bulk import was the last to touch the record with this number. */
export function wasImported(number: number): boolean {
  return number % 40 === 0;
}
