import type { Json, JsonObject } from "../../mapping/value.ts";
import { fromInstant } from "../account/instant.ts";
import { readCursor, writeCursor } from "./cursor.ts";

const jsonType = { "content-type": "application/json; charset=utf-8" };
const comma = Buffer.from(",");

/** Returns an answer with one thing, in the form of both versions: `{success, data}` and the rest. */
export function answerOne(data: Json | Buffer, rest: Record<string, Json> = {}, status = 200): Response {
  const text = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data));
  return new Response(envelope([text], "", "", rest), { status, headers: jsonType });
}

/** Returns an answer with a list: `{success, data: […], additional_data}` from the JSON texts of its elements. */
export function answerList(elements: readonly Buffer[], additional: Record<string, Json>): Response {
  return new Response(envelope(elements, "[", "]", additional), { headers: jsonType });
}

/** Returns `additional_data` of a v2 list: the last page has null as its cursor. */
export function nextCursor(cursor: string | null): Record<string, Json> {
  return { additional_data: { next_cursor: cursor } };
}

function envelope(
  elements: readonly Buffer[],
  open: string,
  close: string,
  rest: Record<string, Json>,
): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from(`{"success":true,"data":${open}`)];
  for (const [index, element] of elements.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(element);
  }
  const tail = JSON.stringify(rest).slice(1, -1);
  parts.push(Buffer.from(`${close}${tail === "" ? "" : `,${tail}`}}`));
  return Buffer.concat(parts);
}

/** The order, and the page, that a request asks for. */
export interface SortedQuery {
  sort_by?: string | undefined;
  sort_direction?: "asc" | "desc" | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Answers a page of objects in the order that was asked for; `shown` returns what is shown of one. */
export function answerSorted(
  objects: readonly JsonObject[],
  { sort_by = "id", sort_direction = "asc", limit = 100, cursor }: SortedQuery,
  shown: (object: JsonObject) => JsonObject = (object) => object,
): Response {
  const placed = objects.map((object) => ({ ...placeOf(object, sort_by), object }));
  const sign = sort_direction === "asc" ? 1 : -1;
  placed.sort((one, other) => sign * (one.value - other.value || one.id - other.id));
  const after = cursor === undefined ? undefined : readCursor(cursor, sort_by, sort_direction);
  const left =
    after === undefined ? placed : placed.filter(({ value, id }) => sign * (value - after.value || id - after.id) > 0);
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return answerList(
    page.map(({ object }) => Buffer.from(JSON.stringify(shown(object)))),
    nextCursor(left.length > limit && last !== undefined ? writeCursor(sort_by, sort_direction, last) : null),
  );
}

function placeOf(object: JsonObject, sortBy: string): { value: number; id: number } {
  const id = object["id"] as number;
  if (sortBy === "id") return { value: id, id };
  const value = object[sortBy] ?? null;
  return { value: typeof value === "number" ? value : (fromInstant(value) ?? -1), id };
}
