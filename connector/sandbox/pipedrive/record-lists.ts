import type { FieldedStream } from "../account/field-definition.ts";
import type { Entry } from "../store/entry.ts";
import type { Store } from "../store/store.ts";
import { answerList, nextCursor } from "./answer.ts";
import { refused } from "./api-error.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { optionalFieldsOf } from "./optional-fields.ts";
import { readQuery } from "./read-query.ts";
import { archivedDealParameters, recordParameters } from "./record-parameters.ts";
import { renderRecord } from "./render-record.ts";

/**
 * Seconds for which a deleted record remains available: 30 days (Pipedrive changelog, permanent deletion logic,
 * 2023-01-30).
 */
export const deletedReach = 30 * 86_400;

/**
 * Answers `GET /api/v2/organizations`, `/persons`, `/deals`: one page, ordered by (sort_by, id), `updated_since`
 * inclusive and `updated_until` exclusive. Throws an ApiError for parameters that the endpoint does not know.
 */
export function listRecords(store: Store, stream: FieldedStream, search: URLSearchParams): Response {
  return answerPage(store, stream, "listed", readQuery(search, recordParameters[stream].list));
}

/** Answers `GET /api/v2/deals/archived`. */
export function listArchivedDeals(store: Store, search: URLSearchParams): Response {
  return answerPage(store, "deals", "archived", readQuery(search, archivedDealParameters));
}

/** The parameters of a list, over all three streams. */
interface RecordQuery {
  filter_id?: number | undefined;
  ids?: number[] | undefined;
  owner_id?: number | undefined;
  org_id?: number | undefined;
  person_id?: number | undefined;
  deal_id?: number | undefined;
  pipeline_id?: number | undefined;
  stage_id?: number | undefined;
  status?: ("open" | "won" | "lost" | "deleted")[] | undefined;
  updated_since?: number | undefined;
  updated_until?: number | undefined;
  sort_by?: "id" | "update_time" | "add_time" | undefined;
  sort_direction?: "asc" | "desc" | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  include_fields?: string[] | undefined;
  custom_fields?: string[] | undefined;
  include_option_labels?: boolean | undefined;
  include_labels?: boolean | undefined;
}

function answerPage(store: Store, stream: FieldedStream, shelf: "listed" | "archived", query: RecordQuery): Response {
  if (query.filter_id !== undefined) throw refused(404, `Filter ${query.filter_id} not found`, "ERR_NOT_FOUND");
  const { limit = 100, sort_by: sortBy = "id", sort_direction: direction = "asc" } = query;
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, sortBy, direction);
  const found = store.collections[stream][shelf].walk({
    sortBy,
    descending: direction === "desc",
    after,
    updatedSince: query.updated_since,
    matches: filterOf(store, stream, query),
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const cursor =
    found.length > limit && last !== undefined
      ? writeCursor(sortBy, direction, { value: sortValue(last, sortBy), id: last.id })
      : null;
  const fields = store.fields[stream];
  const asked = query.include_fields;
  const optional = asked === undefined ? undefined : optionalFieldsOf(store, stream, asked);
  return answerList(
    page.map((entry) => renderRecord(entry, query, fields, optional)),
    nextCursor(cursor),
  );
}

function sortValue(entry: Entry, sortBy: "id" | "update_time" | "add_time"): number {
  return sortBy === "id" ? entry.id : sortBy === "update_time" ? entry.updated : entry.added;
}

function filterOf(store: Store, stream: FieldedStream, query: RecordQuery): (entry: Entry) => boolean {
  const conditions: ((entry: Entry) => boolean)[] = [];
  const { ids, status, updated_until: until, deal_id: deal } = query;
  if (ids !== undefined) {
    const wanted = new Set(ids);
    conditions.push((entry) => wanted.has(entry.id));
  }
  if (store.listLag > 0) conditions.push((entry) => entry.added <= store.now() - store.listLag);
  if (until !== undefined) conditions.push((entry) => entry.updated >= 0 && entry.updated < until);
  if (deal !== undefined) {
    const person = store.collections.deals.get(deal)?.person ?? null;
    conditions.push((entry) => entry.id === person);
  }
  if (stream === "deals") {
    const oldest = store.now() - deletedReach;
    conditions.push((entry) =>
      entry.deleted
        ? status?.includes("deleted") === true && entry.updated >= oldest && (store.idsShowDeleted || ids === undefined)
        : status === undefined || status.includes(entry.status as "open"),
    );
  }
  const facts = [
    ["owner", query.owner_id],
    ["organization", query.org_id],
    ["person", query.person_id],
    ["pipeline", query.pipeline_id],
    ["stage", query.stage_id],
  ] as const;
  for (const [fact, id] of facts) if (id !== undefined) conditions.push((entry) => entry[fact] === id);
  return (entry) => conditions.every((condition) => condition(entry));
}
