import { dayOf } from "../../mapping/day.ts";
import type { JsonObject } from "../../mapping/value.ts";

/** A deal that does not sync, and since when a run has known it. */
export interface LeftOutDeal {
  record: JsonObject;
  deleted: boolean;
  /** An instant, `…Z`. */
  since: string;
}

/**
 * Returns the day on which a deal was lost, as Pipedrive shows it, or deleted (`YYYY-MM-DD`); undefined for one that is
 * neither. A deal that is in no list any more may only be hidden from the token's user, so that alone is no deletion.
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

/** Returns the day on which a license ends that was to end on another day, or on none: the earlier of both. */
export function endOf(lost: string, planned: string | null): string {
  return planned !== null && planned < lost ? planned : lost;
}
