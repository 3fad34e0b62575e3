import { readCatalogEntry } from "../../database/catalog.ts";
import { type FieldConflict, listConflicts } from "../../database/conflicts.ts";
import type { Queryable } from "../../database/database.ts";
import { type Hold, readHolds, recordMarks } from "../../database/history/holds.ts";
import { type KeptRow, readKept } from "../../database/kept.ts";
import { type LandedRecord, readLanded } from "../../database/landing.ts";
import { readLinks } from "../../database/links.ts";
import {
  isPending,
  type RowIdentity,
  readExtractedAt,
  readRowIdentity,
  readTouchingRun,
  type TouchingRun,
} from "../../database/record-history.ts";
import { landingStage, listRejections, type StoredRejection } from "../../database/rejections.ts";
import type { StoredRow } from "../../database/row.ts";
import { readRows } from "../../database/stored-row.ts";
import type { CompiledMapping, RecordContext } from "../../mapping/compiled-mapping.ts";
import { modelsOf } from "../../mapping/document-schema.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import type { Decoded } from "../../pipedrive/decode.ts";
import type { StreamName } from "../../stream-name.ts";
import { dealCandidates, noteCandidates, organizationCandidates, personCandidates } from "../apply/candidates.ts";
import type { Candidate, ExistingRows } from "../decision.ts";
import { around, completeGraph, type RecordGraph, reference, wholeGraph } from "../land/record-graph.ts";
import { knownUpTo, readProgress } from "../stream-progress.ts";
import { type Way, waysTo } from "./explain-ways.ts";

/** What the API said of a record that has not landed. */
export type Answer = { said: "nothing"; because: string } | { said: "unknown" } | { said: "record"; decoded: Decoded };

/** Where `explain` looks, and what it is told of. */
export interface ExplainPlaces {
  /** Undefined where no sync has made a database yet. */
  database: Queryable | undefined;
  mapping: CompiledMapping;
  /** Asks the API for one record; called only for one that has not landed. */
  ask(stream: StreamName, id: number): Promise<Answer>;
}

/** A record as it was found, with all that decides about it: what `explainRecord` makes its answer of. */
export interface ExplainMaterial {
  stream: StreamName;
  id: number;
  /** The record, from the landing or else from the API; undefined where neither has it. */
  found: (LandedRecord & { from: "landing" | "api" }) | undefined;
  /** When it was written into the landing; undefined when it has not landed. */
  extractedAt: string | undefined;
  /** What the API said; undefined when it was not asked. */
  answer: Answer | undefined;
  /**
   * How far the stream has been read: up to which change, whether its Fetch All has reached the end, and whether
   * start_date limits it not.
   */
  known: { upTo: string | null; fetchingAll: boolean; whole: boolean };
  context: RecordContext;
  /** The deals that may bring the record, and the names of what they are found by; none for deals. */
  ways: Way[];
  /** The record mapped, with its company; undefined where there is no record. */
  candidate: Candidate | undefined;
  /** The rows that it has now, by model. */
  rows: ExistingRows;
  identity: RowIdentity | undefined;
  base: JsonObject | undefined;
  /** That it, or a newer state of it, could not be landed; undefined when that did not happen. */
  unlanded: StoredRejection | undefined;
  /** What mapping and storing it came to. */
  rejections: StoredRejection[];
  /** The conflicts of its fields, the newest first. */
  conflicts: (FieldConflict & { at: string })[];
  pending: boolean;
  /** What was written down when a run first found that the deal does not sync any more; undefined where none did. */
  kept: KeptRow | undefined;
  /** What an undo took back of it. */
  holds: Hold[];
  /** Where its whole row is held: the record is as it was then. */
  recordMark: string | undefined;
  /** The mapping is another one than that of the last run. */
  mappingChanged: boolean;
  run: TouchingRun | undefined;
}

/** Reads what decides about one record. Writes nothing; the API is asked, once, only when the record has not landed. */
export async function readExplainMaterial(
  places: ExplainPlaces,
  stream: StreamName,
  id: number,
): Promise<ExplainMaterial> {
  const { database, mapping } = places;
  const [landed] = database === undefined ? [] : await readLanded(database, stream, [id]);
  const recorded = database === undefined ? [] : await listRejections(database, { stream, recordIds: [id] });
  const unlanded = recorded.find(({ stage }) => stage === landingStage);
  const rejections = recorded.filter((one) => one !== unlanded);
  const notRead =
    unlanded !== undefined || [mapping[stream], mapping.deals].some(({ direction }) => direction === "none");
  const answer = landed === undefined && !notRead ? await places.ask(stream, id) : undefined;
  const fresh = answer?.said === "record" ? answer.decoded.records[0] : undefined;
  const found: ExplainMaterial["found"] =
    landed !== undefined ? { ...landed, from: "landing" } : fresh === undefined ? undefined : { ...fresh, from: "api" };
  const graph = wholeGraph();
  const mapped = found === undefined ? [] : organizationCandidates({ stream: mapping[stream], landed: [found], graph });
  const unstored: ExplainMaterial = {
    stream,
    id,
    found,
    extractedAt: undefined,
    answer,
    known: { upTo: null, fetchingAll: true, whole: false },
    context: {},
    ways: [],
    candidate: mapped[0],
    rows: new Map(),
    identity: undefined,
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
  const ways = found === undefined ? [] : await waysTo(database, mapping.deals, stream, found, graph);
  const rows = await rowsOf(database, stream, id);
  const deals = ways.flatMap((way) => way.deals.map((deal) => deal.id));
  const organization = stream === "organizations" ? id : reference(found?.record ?? {}, "org_id");
  return {
    ...unstored,
    extractedAt: await readExtractedAt(database, stream, id),
    known: { upTo: knownUpTo(progress), fetchingAll: progress.fetchingAll, whole: progress.whole === true },
    context: around(found?.record ?? {}, graph),
    ways,
    candidate: found === undefined ? undefined : await candidateOf(database, mapping, stream, found, graph),
    rows,
    identity: await identityOf(database, rows),
    base: stream === "organizations" ? ((await readLinks(database, stream, [id]))[0]?.base ?? undefined) : undefined,
    conflicts: await listConflicts(database, 10, { stream, recordId: id }),
    pending: await isPending(database, {
      stream,
      id,
      deals,
      organizations: organization === undefined ? [] : [organization],
    }),
    kept: stream === "deals" ? (await readKept(database, [id]))[0] : undefined,
    holds: await readHolds(database, modelsOf[stream] as readonly ModelName[], [String(id)]),
    recordMark: (await recordMarks(database, stream, [id])).get(String(id)),
    mappingChanged: await isAnotherMapping(database, mapping),
    run: await readTouchingRun(database, stream, id),
  };
}

/** Nothing is kept of a mapping before the first run. */
async function isAnotherMapping(database: Queryable, { fingerprint }: CompiledMapping): Promise<boolean> {
  const last = await readCatalogEntry(database, "mapping");
  return last !== undefined && last !== fingerprint;
}

/** The rows of every model that the stream may become. */
async function rowsOf(database: Queryable, stream: StreamName, id: number): Promise<ExistingRows> {
  const rows = new Map<ModelName, Map<string, StoredRow>>();
  for (const model of modelsOf[stream]) {
    const found = await readRows(database, model, [String(id)]);
    if (found.length > 0) rows.set(model, new Map(found.map((row) => [row.sourceId, row])));
  }
  return rows;
}

async function identityOf(database: Queryable, rows: ExistingRows): Promise<RowIdentity | undefined> {
  for (const [model, bySource] of rows) {
    for (const sourceId of bySource.keys()) return readRowIdentity(database, model, sourceId);
  }
  return undefined;
}

/** The record on its way to its row, made by what a sync makes its own of. */
async function candidateOf(
  database: Queryable,
  mapping: CompiledMapping,
  stream: StreamName,
  record: LandedRecord,
  graph: RecordGraph,
): Promise<Candidate | undefined> {
  const mappable = { stream: mapping[stream], landed: [record], graph };
  switch (stream) {
    case "organizations":
      return organizationCandidates(mappable)[0];
    case "persons":
      return (await personCandidates(database, mappable, mapping.deals))[0];
    case "deals":
      return (await dealCandidates(database, mappable))[0];
    case "notes":
      return (await noteCandidates(database, mappable))[0];
  }
}
