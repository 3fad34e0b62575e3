import { Hono } from "hono";
import type { Database } from "../../database/database.ts";
import { readLandedIds } from "../../database/landing/landing.ts";
import { recordNames } from "../../database/landing/record-names.ts";
import { searchCompanies, searchEndusers, searchLanded } from "../../database/lists/search-rows.ts";
import { type ListedStream, listedStreams } from "../../stream-name.ts";
import { answer } from "../answer.ts";
import { objectOf, query } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";

/** One thing that a search found. */
export interface Found {
  /** Its kind: a company leads to its page, a record to its explanation. */
  kind: "company" | "record";
  /** The company's row id, or the record's id in Pipedrive. */
  id: string;
  /** The record's stream; of a company `organizations`. */
  stream: ListedStream;
  name: string | null;
  /** Further details: an e-mail, a company. */
  detail: string | null;
}

/** The results of a search: ids first, then companies, end users, and landed records. */
export interface SearchAnswer {
  found: Found[];
  /** True if the landed records were searched too. */
  deep: boolean;
}

const most = 8;
const shortestDeep = 2;

/** Adds the search of every page's head: an id, a name, an e-mail or an address of Pipedrive. */
export function searchRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>().get(
    "/search",
    query<{ text: string; deep?: boolean }>(
      objectOf({ text: { type: "string", minLength: 1, maxLength: 500 }, deep: { type: "boolean" } }, ["text"]),
    ),
    async (context) => {
      const { database } = runningService(host);
      const { text, deep = false } = context.req.valid("query");
      const found = await search(database, text.trim(), deep);
      return answer<SearchAnswer>(context, { found, deep });
    },
  );
}

/** The words in the addresses of Pipedrive's pages. */
const pages: Readonly<Record<string, ListedStream>> = {
  deal: "deals",
  organization: "organizations",
  person: "persons",
  note: "notes",
};

async function search(database: Database, text: string, deep: boolean): Promise<Found[]> {
  const pasted = /^https?:\/\/[^/]+\.pipedrive\.com\/(?:v1\/)?(deal|organization|person|note)s?\/(\d{1,15})/i.exec(
    text,
  );
  if (pasted !== null) return records(database, [pages[pasted[1]!.toLowerCase()]!], Number(pasted[2]), true);
  const named = /^(deal|organization|person|note)s?\s+#?(\d{1,15})$/i.exec(text);
  if (named !== null) return records(database, [pages[named[1]!.toLowerCase()]!], Number(named[2]), true);
  // Both look at every row, so each has a connection of its own.
  const rows = Promise.all([searchCompanies(database, text, most), searchEndusers(database, text, most)]);
  rows.catch(() => undefined);
  const found: Found[] = [];
  if (/^#?[1-9]\d{0,14}$/.test(text))
    found.push(...(await records(database, listedStreams, Number(text.replace("#", "")), false)));
  const [companies, endusers] = await rows;
  for (const { id, name, sourceId } of companies) {
    const detail = sourceId === null ? null : `organization ${sourceId}`;
    found.push({ kind: "company", id, stream: "organizations", name, detail });
  }
  for (const { sourceId, email, name, company } of endusers) {
    const detail = [email, company].filter((part) => part !== null).join(", ");
    found.push({ kind: "record", id: sourceId, stream: "persons", name, detail: detail === "" ? null : detail });
  }
  if (!deep || text.length < shortestDeep) return found;
  const known = new Set(found.map((one) => `${one.stream} ${one.kind === "company" ? one.detail : one.id}`));
  for (const stream of ["deals", "organizations", "persons"] as const) {
    for (const { id, name, deleted } of await searchLanded(database, stream, text, most)) {
      const key = stream === "organizations" ? `organizations organization ${id}` : `${stream} ${id}`;
      if (known.has(key)) continue;
      found.push({ kind: "record", id: String(id), stream, name, detail: deleted ? "deleted in Pipedrive" : null });
    }
  }
  return found;
}

/** Finds records by their id; `always` lists one that has not landed too, since `explain` asks Pipedrive for it. */
async function records(
  database: Database,
  streams: readonly ListedStream[],
  id: number,
  always: boolean,
): Promise<Found[]> {
  const names = await recordNames(
    database,
    streams.map((stream) => ({ stream, recordId: id })),
  );
  const found: Found[] = [];
  for (const stream of streams) {
    const landed = (await readLandedIds(database, stream, [id])).has(id);
    if (!landed && !always) continue;
    const name = names.get(`${stream} ${id}`) ?? null;
    found.push({ kind: "record", id: String(id), stream, name, detail: landed ? null : "not landed" });
  }
  return found;
}
