import { Failure } from "../../failure.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Answer, Client, Query } from "../client/client.ts";
import { toRfc3339 } from "../client/rfc3339.ts";
import type { Decoded } from "../records/decode.ts";
import type { StreamList } from "../records/streams.ts";
import { type AheadRecord, aheadOf } from "./ahead.ts";

/** Records per page, the largest allowed: a page costs the same whatever its size (Pipedrive docs, "Pagination"). */
export const pageSize = 500;

/** One page of a list. */
export interface ListPage extends Decoded {
  /** The update_time of each record in order, rejected ones included; null if it has none. */
  times: (string | null)[];
  /** Pipedrive's clock at the time of the answer: RFC 3339, whole seconds. */
  clock: string;
  /** The records whose update_time is ahead of that clock. */
  ahead: AheadRecord[];
  isLast: boolean;
  /** Bytes of the answer. */
  size: number;
}

/** A list to be walked page by page. */
export interface ListWalk {
  client: Client;
  stream: StreamName;
  list: StreamList;
  /** Parameters besides the list's own: a filter, another order. */
  query?: Query;
  /** The start (RFC 3339, whole seconds); undefined reads everything. */
  since?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Returns an answer's clock and the records of its page that are ahead of it. */
export function clocked(
  answer: Pick<Answer, "headers">,
  ids: readonly (Json | undefined)[],
  times: readonly (string | null)[],
): Pick<ListPage, "clock" | "ahead"> {
  const clock = clockOf(answer);
  return { clock, ahead: aheadOf(ids, times, clock) };
}

/** Returns the `Date` of an answer; this machine's clock if it has none. */
function clockOf({ headers }: Pick<Answer, "headers">): string {
  const told = Date.parse(headers["date"] ?? "");
  return `${new Date(Number.isNaN(told) ? Date.now() : told).toISOString().slice(0, 19)}Z`;
}

/** Returns the value in place of a record's id. */
export function idOf(element: Json): Json | undefined {
  return element !== null && typeof element === "object" && !Array.isArray(element) ? element["id"] : undefined;
}

/** Returns the update_time of a record as RFC 3339; null if it has no valid one. */
export function timeOf(element: Json): string | null {
  const time =
    element !== null && typeof element === "object" && !Array.isArray(element) ? element["update_time"] : null;
  return typeof time === "string" ? (toRfc3339(time) ?? null) : null;
}

/** Returns an answer's `additional_data`, which v2 leaves out on some last pages. */
export function additionalData(body: JsonObject): JsonObject {
  const additional = body["additional_data"];
  return additional !== null && typeof additional === "object" && !Array.isArray(additional) ? additional : {};
}

/** Returns the page data of a v1 answer (`additional_data.pagination`); empty if there is none. */
export function pagination(body: JsonObject): JsonObject {
  const said = additionalData(body)["pagination"];
  return said !== null && typeof said === "object" && !Array.isArray(said) ? said : {};
}

/** Returns the failure of a walk without progress: continuing would never end, and stopping would lose records. */
export function stuck({ stream, list }: { stream: string; list: { path: string } }, why: string): Failure {
  return new Failure("run", `The list of ${stream} (${list.path}) does not end: ${why}.`, {
    hint: "Committed work is kept: run again. If it persists, the API has changed: try a newer pipedrive-planhat.",
  });
}
