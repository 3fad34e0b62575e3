import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import type { StreamName } from "../stream-name.ts";
import { type AheadRecord, aheadOf } from "./ahead.ts";
import type { Answer, Client, Query } from "./client.ts";
import type { Decoded } from "./decode.ts";
import { toRfc3339 } from "./rfc3339.ts";
import type { StreamList } from "./streams.ts";

/** The largest page there is; a page costs the same whatever its size (Pipedrive docs, "Pagination"). */
export const pageSize = 500;

/** One page of a list. */
export interface ListPage extends Decoded {
  /** The update_time of each of its records in order, rejected ones included; null where it is none. */
  times: (string | null)[];
  /** What Pipedrive's clock showed when it answered: RFC 3339, whole seconds. */
  clock: string;
  /** Those of its records whose update_time that clock has not come to. */
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
  /** Where to begin (RFC 3339, whole seconds); undefined: everything. */
  since?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What an answer's clock has to say about its page. */
export function clocked(
  answer: Pick<Answer, "headers">,
  ids: readonly (Json | undefined)[],
  times: readonly (string | null)[],
): Pick<ListPage, "clock" | "ahead"> {
  const clock = clockOf(answer);
  return { clock, ahead: aheadOf(ids, times, clock) };
}

/** The `Date` of an answer; this machine's clock where it has none. */
function clockOf({ headers }: Pick<Answer, "headers">): string {
  const told = Date.parse(headers["date"] ?? "");
  return `${new Date(Number.isNaN(told) ? Date.now() : told).toISOString().slice(0, 19)}Z`;
}

/** What stands in the place of a record's id. */
export function idOf(element: Json): Json | undefined {
  return element !== null && typeof element === "object" && !Array.isArray(element) ? element["id"] : undefined;
}

/** The update_time of a record as RFC 3339, or null where it has none that can be read. */
export function timeOf(element: Json): string | null {
  const time =
    element !== null && typeof element === "object" && !Array.isArray(element) ? element["update_time"] : null;
  return typeof time === "string" ? (toRfc3339(time) ?? null) : null;
}

/** What an answer says about its page: `additional_data`, which v2 leaves out on some last pages. */
export function additionalData(body: JsonObject): JsonObject {
  const additional = body["additional_data"];
  return additional !== null && typeof additional === "object" && !Array.isArray(additional) ? additional : {};
}

/** What a v1 answer says about its page (`additional_data.pagination`); empty where there is none. */
export function pagination(body: JsonObject): JsonObject {
  const said = additionalData(body)["pagination"];
  return said !== null && typeof said === "object" && !Array.isArray(said) ? said : {};
}

/** The failure of a walk that does not get on: to go on would ask for ever, to stop would lose records. */
export function stuck({ stream, list }: { stream: string; list: { path: string } }, why: string): Failure {
  return new Failure("run", `The list of ${stream} (${list.path}) does not come to its end: ${why}.`, {
    hint: "What was read is saved: run again. If it stays so, the API has changed and a newer pipedrive-planhat may know how.",
  });
}
