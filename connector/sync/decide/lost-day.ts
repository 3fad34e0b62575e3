import type { StoredRow } from "../../database/row.ts";
import { dayOf } from "../../mapping/day.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";

/** A deal that does not sync, and when a run first knew it. */
export interface LeftOutDeal {
  record: JsonObject;
  deleted: boolean;
  /** An instant, `…Z`. */
  since: string;
}

/**
 * Returns the day on which a deal was lost, as Pipedrive shows it, or deleted (`YYYY-MM-DD`); undefined for one that is
 * neither. A deal missing from the lists may be hidden from the token's user, so that alone is not a deletion.
 */
export function lostDay({ record, deleted, since }: LeftOutDeal): string | undefined {
  const isDeleted = record["is_deleted"] === true || record["status"] === "deleted";
  const isLost = record["status"] === "lost" && !deleted;
  if (!isDeleted && record["status"] !== "lost") return undefined;
  const times = ["local_lost_date", "lost_time", ...(isDeleted || isLost ? ["update_time"] : [])];
  for (const time of times) {
    const value = record[time];
    const day = typeof value === "string" ? dayOf(value) : undefined;
    if (day !== undefined) return day;
  }
  return dayOf(since);
}

/** Returns true for a row that has a term, which may end: a license, or a line item that is no fee. */
export function hasTerm(model: ModelName, { columns }: Pick<StoredRow, "columns">): boolean {
  return model === "license" || (model === "lineitem" && columns["type"] !== "fee");
}

/** Returns the end of a license whose deal was lost: the earlier of that day and the planned end, if there is one. */
export function endOf(lost: string, planned: string | null): string {
  return planned !== null && planned < lost ? planned : lost;
}
