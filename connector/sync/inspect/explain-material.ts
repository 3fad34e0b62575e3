import type { Queryable } from "../../database/database.ts";
import { type Hold, readHolds, recordMarks } from "../../database/history/holds.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import {
  isPending,
  type RowIdentity,
  readExtractedAt,
  readRowIdentity,
  readTouchingRun,
  type TouchingRun,
} from "../../database/landing/record-history.ts";
import type { StoredRow } from "../../database/row.ts";
import { type KeptRow, readKeptRows } from "../../database/rows/kept.ts";
import { readLinks } from "../../database/rows/links.ts";
import { countLineItems } from "../../database/rows/published.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { type FieldConflict, listConflicts } from "../../database/tables/conflicts.ts";
import { readForgotten } from "../../database/tables/forgotten.ts";
import { landingStage, listRejections, type StoredRejection } from "../../database/tables/rejections.ts";
import type { CompiledMapping, RecordContext } from "../../mapping/compiled-mapping.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { emailsOf } from "../../person-emails.ts";
import type { Decoded } from "../../pipedrive/records/decode.ts";
import { ownItem, ownItemSourceId, sourceIdOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import {
  dealCandidates,
  noteCandidates,
  organizationCandidates,
  personCandidates,
  productCandidates,
} from "../apply/candidates.ts";
import type { Candidate, ExistingRows } from "../decision.ts";
import {
  around,
  aroundProduct,
  completeGraph,
  countProducts,
  landedDealOf,
  readAroundProducts,
  reference,
  references,
  wholeGraph,
} from "../land/record-graph.ts";
import { knownUpTo, readProgress } from "../stream-progress.ts";
import { type GraphedRecord, type Way, waysTo } from "./explain-ways.ts";

/** The API's answer about a record that has not landed. */
export type ApiAnswer =
  | { said: "nothing"; because: string }
  | { said: "unknown" }
  | { said: "record"; decoded: Decoded };

/** The sources of `explain`. */
export interface ExplainPlaces {
  /** The database; undefined if no sync has created one yet. */
  database: Queryable | undefined;
  mapping: CompiledMapping;
  /** Requests one record from the API; called only for one that has not landed. */
  ask(stream: StreamName, id: number): Promise<ApiAnswer>;
}

/** A record as found, with everything that decides about it: the input of `explainRecord`. */
export interface ExplainMaterial {
  stream: StreamName;
  id: number;
  /** The record, from the landing or else from the API; undefined if neither has it. */
  found: (LandedRecord & { from: "landing" | "api" }) | undefined;
  /** The time when it was written into the landing; undefined if it has not landed. */
  extractedAt: string | undefined;
  /** The API's answer; undefined if it was not queried. */
  answer: ApiAnswer | undefined;
  /** Since when the person is forgotten, as `…Z`; undefined for others. */
  forgotten: string | undefined;
  /**
   * The progress of the stream: the last change that was read, whether Fetch All is unfinished, and whether it is read
   * without start_date.
   */
  known: { upTo: string | null; fetchingAll: boolean; whole: boolean };
  context: RecordContext;
  /** The deals that may bring the record, by path; none for deals. */
  ways: Way[];
  /** The mapped record, with its company; undefined if there is no record. */
  candidate: Candidate | undefined;
  /** Its existing rows, by model. */
  rows: ExistingRows;
  identity: RowIdentity | undefined;
  /** The row of the line item that is made of a deal, and its identity; undefined if there is none. */
  ownItem: { row: StoredRow; identity: RowIdentity | undefined } | undefined;
  /** The line items of a deal's row; 0 for other records. */
  lineItems: number;
  base: JsonObject | undefined;
  /** The rejection of the record, or of a newer state, at landing; undefined if there is none. */
  unlanded: StoredRejection | undefined;
  /** The rejections of its mapping and storing. */
  rejections: StoredRejection[];
  /** The conflicts of its fields, newest first. */
  conflicts: (FieldConflict & { at: string })[];
  pending: boolean;
  /** The entry of a run that first found that the deal no longer syncs; undefined if there is none. */
  kept: KeptRow | undefined;
  /** The values that an undo restored. */
  holds: Hold[];
  /** The hash of the record, for a hold of its whole row: it stands while the record is unchanged. */
  recordMark: string | undefined;
  /** True if the mapping differs from that of the last run. */
  mappingChanged: boolean;
  run: TouchingRun | undefined;
}

/**
 * Reads everything that decides about one record. Writes nothing; requests the record from the API once, only if it has
 * not landed.
 */
export async function readExplainMaterial(
  places: ExplainPlaces,
  stream: StreamName,
  id: number,
): Promise<ExplainMaterial> {
  const { database, mapping } = places;
  const [landed] = database === undefined ? [] : await readLanded(database, stream, [id]);
  const recorded = database === undefined ? [] : await rejectionsOf(database, stream, id);
  const unlanded = recorded.find(({ stage }) => stage === landingStage);
  const rejections = recorded.filter((one) => one !== unlanded);
  const memory =
    database === undefined || stream !== "persons" || landed !== undefined ? undefined : await readForgotten(database);
  let forgotten = memory?.person(id);
  const notRead =
    unlanded !== undefined ||
    forgotten !== undefined ||
    [mapping[stream], mapping.deals].some(({ direction }) => direction === "none");
  const answer = landed === undefined && !notRead ? await places.ask(stream, id) : undefined;
  const asked = answer?.said === "record" ? answer.decoded.records[0] : undefined;
  for (const address of asked === undefined ? [] : emailsOf(asked.record)) forgotten ??= memory?.address(address);
  const fresh = forgotten === undefined ? asked : undefined;
  const found: ExplainMaterial["found"] =
    landed !== undefined ? { ...landed, from: "landing" } : fresh === undefined ? undefined : { ...fresh, from: "api" };
  const graph = wholeGraph();
  const mapped = found === undefined ? [] : organizationCandidates({ stream: mapping[stream], landed: [found], graph });
  const isProduct = stream === "deal_products";
  const sourceIdIn = (model: ModelName) => sourceIdOf(stream, id, found?.record ?? {}, model);
  for (const one of mapped) one.sourceId = sourceIdIn(one.mapped.model);
  const unstored: ExplainMaterial = {
    stream,
    id,
    found,
    extractedAt: undefined,
    answer,
    forgotten,
    known: { upTo: null, fetchingAll: true, whole: false },
    context: {},
    ways: [],
    candidate: mapped[0],
    rows: new Map(),
    identity: undefined,
    ownItem: undefined,
    lineItems: 0,
    base: undefined,
    unlanded,
    rejections,
    conflicts: [],
    pending: false,
    kept: undefined,
    holds: [],
    recordMark: undefined,
    mappingChanged: false,
    run: undefined,
  };
  if (database === undefined) return unstored;
  const progress = await readProgress(database, stream);
  if (found !== undefined) await completeGraph(database, graph, stream, [found]);
  if (isProduct) await readAroundProducts(database, graph, references(found === undefined ? [] : [found], "deal_id"));
  if (stream === "deals") await countProducts(database, graph, [id]);
  const ways = found === undefined ? [] : await waysTo(database, mapping.deals, stream, { landed: found, graph });
  const rows = await rowsOf(database, stream, sourceIdIn);
  const deals = ways.flatMap((way) => way.deals.map((deal) => deal.id));
  const organization =
    stream === "organizations"
      ? id
      : reference(isProduct ? landedDealOf(found?.record ?? {}, graph) : (found?.record ?? {}), "org_id");
  return {
    ...unstored,
    extractedAt: await readExtractedAt(database, stream, id),
    known: { upTo: knownUpTo(progress), fetchingAll: progress.fetchingAll, whole: progress.whole === true },
    context: isProduct ? aroundProduct(found?.record ?? {}, graph) : around(found?.record ?? {}, graph),
    ways,
    candidate: found === undefined ? undefined : await candidateOf(database, mapping, stream, { landed: found, graph }),
    rows,
    identity: await identityOf(database, rows),
    ownItem: stream === "deals" ? await readOwnItem(database, id) : undefined,
    lineItems: stream === "deals" ? ((await countLineItems(database, [String(id)])).get(String(id)) ?? 0) : 0,
    base: stream === "organizations" ? ((await readLinks(database, stream, [id]))[0]?.base ?? undefined) : undefined,
    conflicts: await listConflicts(database, 10, { stream, recordId: id }),
    pending: await isPending(database, {
      stream,
      id,
      deals,
      organizations: organization === undefined ? [] : [organization],
    }),
    kept: stream === "deals" || isProduct ? (await readKeptRows(database, stream, [id]))[0] : undefined,
    holds: await holdsOf(database, stream, sourceIdIn),
    recordMark: (await recordMarks(database, stream, [id])).get(String(id)),
    mappingChanged: await isAnotherMapping(database, mapping),
    run: await readTouchingRun(database, stream, id),
  };
}

/** Reads the rejections of a record; of a deal, those of the line item that is made of it too. */
async function rejectionsOf(database: Queryable, stream: StreamName, id: number): Promise<StoredRejection[]> {
  const own = await listRejections(database, { stream, recordIds: [id] });
  if (stream !== "deals") return own;
  return [...own, ...(await listRejections(database, { stream: "deal_products", recordIds: [ownItem(id)] }))];
}

async function readOwnItem(database: Queryable, dealId: number): Promise<ExplainMaterial["ownItem"]> {
  const sourceId = ownItemSourceId(dealId);
  const [row] = await readRows(database, "lineitem", [sourceId]);
  return row === undefined ? undefined : { row, identity: await readRowIdentity(database, "lineitem", sourceId) };
}

/** Returns whether the mapping differs from the last run's; false before the first run, which saves it. */
async function isAnotherMapping(database: Queryable, { fingerprint }: CompiledMapping): Promise<boolean> {
  const last = await readCatalogEntry(database, "mapping");
  return last !== undefined && last !== fingerprint;
}

/** Reads the rows of every model that the stream may become. */
async function rowsOf(
  database: Queryable,
  stream: StreamName,
  sourceIdIn: (model: ModelName) => string,
): Promise<ExistingRows> {
  const rows = new Map<ModelName, Map<string, StoredRow>>();
  for (const model of modelsOf[stream]) {
    const found = await readRows(database, model, [sourceIdIn(model)]);
    if (found.length > 0) rows.set(model, new Map(found.map((row) => [row.sourceId, row])));
  }
  return rows;
}

/** Reads the holds of the record's rows in every model that the stream may become. */
export async function holdsOf(
  database: Queryable,
  stream: StreamName,
  sourceIdIn: (model: ModelName) => string,
): Promise<Hold[]> {
  const holds: Hold[] = [];
  for (const model of modelsOf[stream]) holds.push(...(await readHolds(database, [model], [sourceIdIn(model)])));
  return holds;
}

async function identityOf(database: Queryable, rows: ExistingRows): Promise<RowIdentity | undefined> {
  for (const [model, bySource] of rows) {
    for (const sourceId of bySource.keys()) return readRowIdentity(database, model, sourceId);
  }
  return undefined;
}

/** Maps the record with the functions that a sync uses. */
async function candidateOf(
  database: Queryable,
  mapping: CompiledMapping,
  stream: StreamName,
  { landed, graph }: GraphedRecord,
): Promise<Candidate | undefined> {
  const mappable = { stream: mapping[stream], landed: [landed], graph };
  switch (stream) {
    case "organizations":
      return organizationCandidates(mappable)[0];
    case "persons":
      return (await personCandidates(database, mappable, mapping.deals))[0];
    case "deals":
      return (await dealCandidates(database, mappable))[0];
    case "notes":
      return (await noteCandidates(database, mappable))[0];
    case "deal_products":
      return (await productCandidates(database, mappable))[0];
  }
}
