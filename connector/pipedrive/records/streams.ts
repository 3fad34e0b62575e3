import { readFileSync } from "node:fs";
import type { JsonObject } from "../../mapping/value.ts";
import { packageRoot } from "../../package-root.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";

/** A list that holds records of a stream. */
export interface StreamList {
  /** The list's name in the stream's state. */
  key: string;
  path: string;
  /** The way its pages follow each other: by the cursor of each answer (v2), or by offset (v1). */
  pageStyle: "cursor" | "offset";
  /** Parameters of every request for the list. */
  query: Readonly<Record<string, string>>;
  /** The cost of one page, whatever its size (`x-token-cost`). */
  tokens: number;
}

/** A kind of Pipedrive record and its place in the API. */
export interface Stream {
  name: StreamName;
  /** The word for one of its records. */
  entity: string;
  lists: readonly StreamList[];
  /** The path of a single record, without its id. */
  one: { path: string; tokens: number };
  /** Returns true if a record is marked as deleted. */
  isDeleted(record: JsonObject): boolean;
}

/** The keys that `isDeleted` and landing read, in any stream: their values are known without parsing a record. */
export const glanceKeys: readonly string[] = [
  ...["is_deleted", "status", "active_flag"],
  ...["pipeline_id", "org_id", "person_id", "deal_id"],
];

/** Parameters that sort a v2 list by ascending update_time (openapi-v2.yaml). */
const ascending = { sort_by: "update_time", sort_direction: "asc" };
/** Naming all statuses includes deleted deals, which the list shows for 30 days (openapi-v2.yaml, `status`). */
const allDeals = { ...ascending, status: "open,won,lost,deleted" };

const dealLists: readonly StreamList[] = [
  { key: "deals", path: "/api/v2/deals", pageStyle: "cursor", query: allDeals, tokens: 10 },
  { key: "archived", path: "/api/v2/deals/archived", pageStyle: "cursor", query: allDeals, tokens: 20 },
];

/**
 * The streams (Pipedrive API v2 for organizations, persons and deals; API v1 for notes, which v2 lacks). Archived
 * deals have a list of their own. v1 paths are without /api, which the shared host does not serve for all of them.
 */
export const streams: Readonly<Record<StreamName, Stream>> = {
  deals: {
    name: "deals",
    entity: "deal",
    lists: dealLists,
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
  // No list of their own exists: the deals are walked and asked for their products. A deleted product is not reported.
  deal_products: {
    name: "deal_products",
    entity: "deal product",
    lists: dealLists,
    one: { path: "/api/v2/deals/products", tokens: 10 },
    isDeleted: () => false,
  },
};

/** The list of the products of up to a hundred deals (API v2, `GET /api/v2/deals/products`). */
export const productList: StreamList = {
  key: "deal_products",
  path: "/api/v2/deals/products",
  pageStyle: "cursor",
  query: { sort_by: "id", sort_direction: "asc" },
  tokens: 10,
};

/** Reads the streams' JSON Schemas, `schemas/<stream>.json`. */
export function readSchemas(): Record<StreamName, JsonObject> {
  return Object.fromEntries(streamNames.map((name) => [name, readSchema(name)])) as Record<StreamName, JsonObject>;
}

function readSchema(name: StreamName): JsonObject {
  return JSON.parse(readFileSync(`${packageRoot}schemas/${name}.json`, "utf8")) as JsonObject;
}
