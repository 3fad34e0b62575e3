import type { Queryable } from "../../database/database.ts";
import { recordMarks } from "../../database/history/holds.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import { countEnabled } from "../../database/landing/product-deals.ts";
import { readLinks } from "../../database/rows/links.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { Failure } from "../../failure.ts";
import type { RecordContext } from "../../mapping/compiled-mapping.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { readRecord } from "../../pipedrive/lists/read-of-organization.ts";
import type { Decoded, SourceRecord } from "../../pipedrive/records/decode.ts";
import { streams } from "../../pipedrive/records/streams.ts";
import { sourceIdOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { findCompanies } from "../apply/find-companies.ts";
import type { ExistingRows } from "../decision.ts";
import { holdsOf } from "./explain-material.ts";
import type { PreviewMaterial } from "./preview-record.ts";

/** The sources of records: the landing, if there is a database, and the API. */
export interface RecordPlaces {
  database: Queryable | undefined;
  client: Client;
}

/**
 * Reads one record by its id, from the landing or else from the API, with everything on which its row depends. Throws a
 * Failure if neither has it, or if it cannot land.
 */
export async function materialById(places: RecordPlaces, stream: StreamName, id: number): Promise<PreviewMaterial> {
  const landed = await landedRecord(places, stream, id);
  if (landed !== undefined) return materialOf(places, stream, landed, "landing");
  if (stream === "deal_products") {
    throw new Failure(
      "usage",
      `The product ${id} of a deal has not landed, and Pipedrive tells products only by deal.`,
      {
        hint: "Run sync first: it reads the products of every deal that syncs.",
      },
    );
  }
  const found = await readRecord(places.client, stream, id);
  if (found === undefined) {
    throw new Failure(
      "usage",
      `There is no ${streams[stream].entity} ${id}: it has not landed and Pipedrive has none.`,
      {
        hint: "The number is the last part of the record's address in Pipedrive. The token's user may not see every record.",
      },
    );
  }
  return materialOf(places, stream, onlyRecord(stream, `Pipedrive's ${streams[stream].entity} ${id}`, found), "api");
}

/** Reads everything that has landed on which the row of a given record depends. `name` names the record in messages. */
export async function materialOfGiven(
  places: RecordPlaces,
  stream: StreamName,
  name: string,
  given: Decoded,
): Promise<PreviewMaterial> {
  return materialOf(places, stream, onlyRecord(stream, name, given), "file");
}

function onlyRecord(stream: StreamName, name: string, { records, rejected }: Decoded): SourceRecord {
  const [record, ...others] = records;
  const [refused] = rejected;
  if (refused !== undefined) {
    throw new Failure("usage", `${name} is no record of ${stream} that can be stored: ${refused.reason}.`);
  }
  if (record === undefined || others.length > 0) {
    throw new Failure("usage", `${name} holds ${records.length} records of ${stream}, and one is needed.`);
  }
  return record;
}

async function materialOf(
  places: RecordPlaces,
  stream: StreamName,
  { id, record, updateTime, deleted }: SourceRecord,
  from: PreviewMaterial["from"],
): Promise<PreviewMaterial> {
  const { database } = places;
  const sourceIdIn = (model: ModelName) => sourceIdOf(stream, id, record, model);
  return {
    stream,
    id,
    record,
    updateTime,
    deleted,
    from,
    context: await contextOf(places, stream, record, from),
    rows: await rowsOf(database, stream, sourceIdIn),
    base: stream === "organizations" && database !== undefined ? await baseOf(database, id) : undefined,
    waiting: stream === "organizations" || database === undefined ? undefined : await waitingOf(database, record),
    ...(await heldOf(database, stream, { id, sourceIdIn }, from)),
  };
}

/** Reads the related records: of a landed record from the landing, of a fetched one also from the API. */
async function contextOf(
  places: RecordPlaces,
  stream: StreamName,
  record: JsonObject,
  from: PreviewMaterial["from"],
): Promise<RecordContext> {
  const find = async (related: StreamName, of: JsonObject, key: string): Promise<JsonObject | undefined> => {
    const id = of[key];
    if (typeof id !== "number") return undefined;
    const landed = await landedRecord(places, related, id);
    if (landed !== undefined || from !== "api") return landed?.record;
    return (await readRecord(places.client, related, id))?.records[0]?.record;
  };
  const deal = await find("deals", record, "deal_id");
  // A product has the organization and the person of its deal.
  const of = stream === "deal_products" ? (deal ?? {}) : record;
  const products = stream === "deals" ? await productsOf(places, record) : undefined;
  return {
    organization: await find("organizations", of, "org_id"),
    person: await find("persons", of, "person_id"),
    deal,
    ...(products === undefined ? {} : { products }),
  };
}

/** Returns the number of enabled products of a deal, if they were read. */
async function productsOf({ database }: RecordPlaces, { id }: JsonObject): Promise<number | undefined> {
  if (database === undefined || typeof id !== "number") return undefined;
  return (await countEnabled(database, [id])).get(id);
}

async function landedRecord(
  { database }: RecordPlaces,
  stream: StreamName,
  id: number,
): Promise<LandedRecord | undefined> {
  return database === undefined ? undefined : (await readLanded(database, stream, [id]))[0];
}

async function rowsOf(
  database: Queryable | undefined,
  stream: StreamName,
  sourceIdIn: (model: ModelName) => string,
): Promise<ExistingRows> {
  const rows = new Map();
  for (const model of database === undefined ? [] : modelsOf[stream]) {
    const found = await readRows(database!, model, [sourceIdIn(model)]);
    rows.set(model, new Map(found.map((row) => [row.sourceId, row])));
  }
  return rows;
}

async function baseOf(database: Queryable, id: number): Promise<JsonObject | undefined> {
  return (await readLinks(database, "organizations", [id]))[0]?.base ?? undefined;
}

/**
 * Returns why the company that the record itself names is missing; a note's or a person's may be found through its
 * deal.
 */
async function waitingOf(database: Queryable, record: JsonObject): Promise<string | undefined> {
  const { org_id: organization } = record;
  if (typeof organization !== "number") return undefined;
  const [company] = await findCompanies(database, [[organization]]);
  return company !== undefined && "missing" in company ? company.missing : undefined;
}

/** Reads the holds of a record. Only a landed record can equal the one whose row an undo removed. */
async function heldOf(
  database: Queryable | undefined,
  stream: StreamName,
  { id, sourceIdIn }: { id: number; sourceIdIn: (model: ModelName) => string },
  from: PreviewMaterial["from"],
): Promise<Pick<PreviewMaterial, "holds" | "recordMark">> {
  if (database === undefined) return { holds: [], recordMark: undefined };
  const holds = await holdsOf(database, stream, sourceIdIn);
  const isMarked = from === "landing" && holds.some(({ field }) => field === null);
  const marks = isMarked ? await recordMarks(database, stream, [id]) : new Map<string, string>();
  return { holds, recordMark: marks.get(String(id)) };
}
