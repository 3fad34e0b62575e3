import { readFileSync } from "node:fs";
import type { JsonObject } from "../mapping/value.ts";
import { packageRoot } from "../package-root.ts";
import { type StreamName, streamNames } from "../stream-name.ts";

/** A list that holds records of a stream. */
export interface StreamList {
  /** The list's name in the stream's state. */
  key: string;
  path: string;
  /** How its pages follow each other: by the cursor of each answer (v2), or by offset (v1). */
  pageStyle: "cursor" | "offset";
  /** Parameters that every request of the list carries. */
  query: Readonly<Record<string, string>>;
  /** What one page costs, whatever its size (`x-token-cost`). */
  tokens: number;
}

/** A kind of Pipedrive record and where the API keeps it. */
export interface Stream {
  name: StreamName;
  /** One record of it, in people's words. */
  entity: string;
  lists: readonly StreamList[];
  /** Where one record is read, without its id. */
  one: { path: string; tokens: number };
  /** Whether a record says of itself that it is deleted. */
  isDeleted(record: JsonObject): boolean;
}

/** The keys that `isDeleted` and landing look at, in any stream: what stands under them is known without parsing a record. */
export const glanceKeys: readonly string[] = [
  ...["is_deleted", "status", "active_flag"],
  ...["pipeline_id", "org_id", "person_id", "deal_id"],
];

/** Parameters that make a v2 list ascend by update_time (openapi-v2.yaml). */
const ascending = { sort_by: "update_time", sort_direction: "asc" };
/** All statuses must be named to get deleted deals, which the list shows for 30 days (openapi-v2.yaml, `status`). */
const allDeals = { ...ascending, status: "open,won,lost,deleted" };

/**
 * The four streams (Pipedrive API v2 for organizations, persons and deals; API v1 for notes, which v2 lacks). Archived
 * deals are in a list of their own. v1 paths are without /api, which the shared host does not serve for all of them.
 */
export const streams: Readonly<Record<StreamName, Stream>> = {
  deals: {
    name: "deals",
    entity: "deal",
    lists: [
      { key: "deals", path: "/api/v2/deals", pageStyle: "cursor", query: allDeals, tokens: 10 },
      { key: "archived", path: "/api/v2/deals/archived", pageStyle: "cursor", query: allDeals, tokens: 20 },
    ],
    one: { path: "/api/v2/deals", tokens: 1 },
    isDeleted: (record) => record["is_deleted"] === true || record["status"] === "deleted",
  },
  organizations: {
    name: "organizations",
    entity: "organization",
    lists: [{ key: "organizations", path: "/api/v2/organizations", pageStyle: "cursor", query: ascending, tokens: 10 }],
    one: { path: "/api/v2/organizations", tokens: 1 },
    isDeleted: (record) => record["is_deleted"] === true,
  },
  persons: {
    name: "persons",
    entity: "person",
    lists: [{ key: "persons", path: "/api/v2/persons", pageStyle: "cursor", query: ascending, tokens: 10 }],
    one: { path: "/api/v2/persons", tokens: 1 },
    isDeleted: (record) => record["is_deleted"] === true,
  },
  notes: {
    name: "notes",
    entity: "note",
    lists: [
      {
        key: "notes",
        path: "/v1/notes",
        pageStyle: "offset",
        query: { sort: "update_time ASC, id ASC" },
        tokens: 20,
      },
    ],
    one: { path: "/v1/notes", tokens: 2 },
    isDeleted: (record) => record["active_flag"] === false,
  },
};

/** The streams' JSON Schemas as `schemas/<stream>.json` hold them. */
export function readSchemas(): Record<StreamName, JsonObject> {
  return Object.fromEntries(streamNames.map((name) => [name, readSchema(name)])) as Record<StreamName, JsonObject>;
}

function readSchema(name: StreamName): JsonObject {
  return JSON.parse(readFileSync(`${packageRoot}schemas/${name}.json`, "utf8")) as JsonObject;
}
