import type { Database } from "../../database/database.ts";
import { readHolds } from "../../database/history/holds.ts";
import {
  linksWithoutRows,
  type RowMark,
  scanLanding,
  scanRows,
  sourceIdsOf,
} from "../../database/landing/audit-scans.ts";
import { readLanded } from "../../database/landing/landing.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { ModelName } from "../../model-name.ts";
import { dealOfOwnItem, externalIdOf, ownItem, sourceOf, streamsOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { productSkipReason } from "../apply/apply-products.ts";
import { selectDeals } from "../apply/select-deals.ts";
import { emptyGraph, reference } from "../land/record-graph.ts";
import { type Difference, type Differences, unexplained } from "./differences.ts";
import type { IdSet } from "./id-set.ts";
import type { Rehearsed } from "./rehearse-tables.ts";

/** The inputs of scanning landing and tables. */
export interface TableScan {
  database: Database;
  mapping: CompiledMapping;
  rehearsed: Pick<Rehearsed, "visited" | "decided">;
  /** The ids that Pipedrive listed; undefined for a stream that was not read completely. */
  listed: ReadonlyMap<StreamName, IdSet>;
  differences: Differences;
  signal: AbortSignal;
  /** Deals that need a record of which only a lean copy is kept. */
  waiting: ReadonlySet<number>;
}

/** The reason why a deal that may sync was not mapped: its own copy, or one that it needs, has no values. */
const needsLean = "it needs a record that is kept lean: the next sync reads it";

/** The counts of a stream's landing. */
export interface LandingCounts {
  /** Records that landed and are not marked as deleted. */
  landed: number;
  deleted: number;
  /** Records that have a row. */
  rows: number;
  /** Records that landed, are not deleted, and that Pipedrive did not list. */
  unlisted: number[];
}

/** Scans a stream's landing: counts it, and adds the records that do not become rows, with their reasons. */
export async function scanStream(scan: TableScan, stream: StreamName): Promise<LandingCounts> {
  const { database, rehearsed, differences } = scan;
  const listed = scan.listed.get(stream);
  const counts: LandingCounts = { landed: 0, deleted: 0, rows: 0, unlisted: [] };
  for await (const marks of scanLanding(database, stream, modelsOf[stream])) {
    scan.signal.throwIfAborted();
    const rowless: { id: number; deleted: boolean }[] = [];
    for (const { id, deleted, hasRow } of marks) {
      if (deleted) counts.deleted++;
      else counts.landed++;
      if (hasRow) counts.rows++;
      if (!deleted && listed?.has(id) === false) counts.unlisted.push(id);
      else if (!deleted && !hasRow && !rehearsed.visited[stream].has(id)) rowless.push({ id, deleted });
    }
    for (const { id, reason } of await whyNotSynced(scan, stream, rowless)) {
      differences.add({ stream, id, kind: "does_not_sync", reason });
    }
  }
  return counts;
}

/** Scans a model's rows and links, and returns the number of rows. */
export async function scanModel(scan: TableScan, model: ModelName): Promise<number> {
  const { database, rehearsed, differences } = scan;
  const streams = streamsOf[model];
  const duplicates = duplicatesIn(model, rehearsed);
  let rows = 0;
  for await (const marks of scanRows(database, model)) {
    scan.signal.throwIfAborted();
    rows += marks.length;
    const kept: (RowMark & { id: number })[] = [];
    for (const mark of marks) {
      const id = shownId(mark) ?? `row ${mark.rowId}`;
      const kind = strangeness(scan, mark, duplicates);
      if (kind === "kept") kept.push({ ...mark, id: mark.recordId! });
      else if (kind === "made_in_planhat") differences.add({ model, id, kind, reason: "it has no source_id" });
      else if (kind === "of_another_source")
        differences.add({ model, id, kind, reason: "another source feeds it (destination write)" });
      else if (kind !== undefined) differences.add({ model, id, kind, reason: unexplained });
    }
    for (const stream of streams) {
      const own = kept.filter((mark) => mark.stream === stream);
      const shown = new Map(own.map((mark) => [mark.id, shownId(mark)!]));
      for (const { id, reason } of await whyNotSynced(scan, stream, own)) {
        const why = reason === needsLean ? reason : `kept though it does not sync any more: ${reason}`;
        differences.add({ model, id: shown.get(id)!, kind: "kept", reason: why });
      }
    }
  }
  for (const stream of streams) {
    const missing = new Set(
      rehearsed.decided.flatMap((row) => (row.create && row.stream === stream ? [row.recordId] : [])),
    );
    for (const id of await linksWithoutRows(database, stream, model)) {
      if (!missing.has(id)) differences.add({ model, id, kind: "link_without_row", reason: unexplained });
    }
  }
  return rows;
}

/** Returns the id by which a difference names a row: its record's, or of a product the whole source id. */
function shownId({ stream, recordId, sourceId }: RowMark): number | string | null {
  return stream === "deal_products" ? sourceId : (recordId ?? sourceId);
}

/** Returns the source ids of this model's rows that are duplicates; the difference is reported with the other row. */
function duplicatesIn(model: ModelName, { decided }: TableScan["rehearsed"]): Set<string> {
  return new Set([
    ...decided.flatMap(({ otherModel, sourceId }) => (otherModel === model ? [sourceId] : [])),
    ...decided.flatMap(({ replaces }) => replaces.flatMap((one) => (one.model === model ? [one.sourceId] : []))),
  ]);
}

/** Returns the irregularity of a row; undefined if there is none, or if another difference reports it. */
function strangeness(
  { listed, rehearsed }: TableScan,
  { stream, sourceId, recordId, landed, linked }: RowMark,
  duplicates: ReadonlySet<string>,
): Difference["kind"] | undefined {
  if (sourceId === null) return "made_in_planhat";
  if (externalIdOf(sourceId) !== undefined) return "of_another_source";
  if (recordId === null) return "no_record";
  if (duplicates.has(sourceId)) return undefined;
  if (!landed) return isListed(listed, stream, recordId) ? undefined : "no_record";
  if (!linked) return "no_link";
  return rehearsed.visited[stream].has(recordId) ? undefined : "kept";
}

/** Returns whether Pipedrive listed a record; for a deal's line item, the deal. */
function isListed(listed: TableScan["listed"], stream: StreamName, recordId: number): boolean {
  const deal = dealOfOwnItem(recordId);
  return deal === undefined ? listed.get(stream)?.has(recordId) === true : listed.get("deals")?.has(deal) === true;
}

const dealsAtOnce = 1000;

/** Returns why landed records do not sync, in the words of the contract. */
async function whyNotSynced(
  { database, mapping, waiting }: TableScan,
  stream: StreamName,
  all: readonly { id: number; deleted: boolean }[],
): Promise<{ id: number; reason: string }[]> {
  const held = await heldRows(database, stream, all);
  const waits = ({ id }: { id: number }) => stream === "deals" && waiting.has(id) && !held.has(id);
  const records = all.filter((one) => !held.has(one.id) && !waits(one));
  const reasons = [...held].map((id) => ({ id, reason: "its row is held since an undo" }));
  for (const { id } of all.filter(waits)) reasons.push({ id, reason: needsLean });
  return [...reasons, ...(await otherReasons({ database, mapping }, stream, records))];
}

/** Returns the records whose whole row an undo took back. */
async function heldRows(
  database: Database,
  stream: StreamName,
  records: readonly { id: number }[],
): Promise<ReadonlySet<number>> {
  const held = new Set<number>();
  const ids = records.map(({ id }) => id);
  for (const model of modelsOf[stream]) {
    const holds = await readHolds(database, [model], await sourceIdsOf(database, stream, model, ids));
    for (const { field, sourceId } of holds) if (field === null) held.add(sourceOf(model, sourceId).recordId);
  }
  return held;
}

async function otherReasons(
  { database, mapping }: Pick<TableScan, "database" | "mapping">,
  stream: StreamName,
  records: readonly { id: number; deleted: boolean }[],
): Promise<{ id: number; reason: string }[]> {
  if (stream === "deal_products") return reasonsOfProducts(database, mapping, records);
  if (stream !== "deals") {
    const none = receives(mapping[stream].direction) ? undefined : "direction_none";
    return records.map(({ id, deleted }) => ({ id, reason: none ?? (deleted ? "deleted" : "not_associated") }));
  }
  const mayBeNone = mapping.deals.mayBeNone;
  const reasons: { id: number; reason: string }[] = [];
  for (let start = 0; start < records.length; start += dealsAtOnce) {
    const ids = records.slice(start, start + dealsAtOnce).map(({ id }) => id);
    const graph = emptyGraph(mapping);
    const { skipped } = await selectDeals(
      database,
      mapping.deals,
      await readLanded(database, "deals", ids, graph.unread.deals),
      graph,
    );
    for (const id of ids) reasons.push({ id, reason: skipped.get(id) ?? (mayBeNone ? "no_row" : unexplained) });
  }
  return reasons;
}

/** Returns why products become no row: their own reason, else that of their deal. */
async function reasonsOfProducts(
  database: Database,
  mapping: CompiledMapping,
  records: readonly { id: number; deleted: boolean }[],
): Promise<{ id: number; reason: string }[]> {
  const own = records.flatMap(({ id }) => dealOfOwnItem(id) ?? []);
  const products = await readLanded(
    database,
    "deal_products",
    records.flatMap(({ id }) => (dealOfOwnItem(id) === undefined ? [id] : [])),
  );
  const dealIds = [...new Set([...products.flatMap(({ record }) => reference(record, "deal_id") ?? []), ...own])];
  const graph = emptyGraph(mapping);
  const landed = await readLanded(database, "deals", dealIds, graph.unread.deals);
  const { skipped } = await selectDeals(database, mapping.deals, landed, graph);
  const noRow = mapping.deals.mayBeNone ? "no_row" : unexplained;
  return [
    ...products.map((product) => {
      const ofDeal = skipped.get(reference(product.record, "deal_id") ?? 0);
      const isDealless = mapping.deals.kind === "deals";
      const why = ofDeal ?? productSkipReason(mapping, product) ?? (isDealless ? noRow : unexplained);
      return { id: product.id, reason: why };
    }),
    ...own.map((deal) => ({ id: ownItem(deal), reason: skipped.get(deal) ?? noRow })),
  ];
}
