import type { Database } from "../../database/database.ts";
import { readHolds } from "../../database/history/holds.ts";
import { linksWithoutRows, type RowMark, scanLanding, scanRows } from "../../database/landing/audit-scans.ts";
import { readLanded } from "../../database/landing/landing.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { ModelName } from "../../model-name.ts";
import { streamOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { selectDeals } from "../apply/select-deals.ts";
import { emptyGraph } from "../land/record-graph.ts";
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
}

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
  const stream = streamOf[model];
  const duplicates = duplicatesIn(model, rehearsed);
  let rows = 0;
  for await (const marks of scanRows(database, model, stream)) {
    scan.signal.throwIfAborted();
    rows += marks.length;
    const kept: { id: number; deleted: boolean }[] = [];
    for (const mark of marks) {
      const id = mark.recordId ?? mark.sourceId ?? `row ${mark.rowId}`;
      const kind = strangeness(scan, stream, mark, duplicates);
      if (kind === "kept") kept.push({ id: mark.recordId!, deleted: mark.deleted });
      else if (kind === "made_in_planhat") differences.add({ model, id, kind, reason: "it has no source_id" });
      else if (kind !== undefined) differences.add({ model, id, kind, reason: unexplained });
    }
    for (const { id, reason } of await whyNotSynced(scan, stream, kept)) {
      differences.add({ model, id, kind: "kept", reason: `kept though it does not sync any more: ${reason}` });
    }
  }
  const missing = new Set(rehearsed.decided.filter((row) => row.create && streamOf[row.model] === stream).map(idOf));
  for (const id of await linksWithoutRows(database, stream, model)) {
    if (!missing.has(id)) differences.add({ model, id, kind: "link_without_row", reason: unexplained });
  }
  return rows;
}

function idOf({ recordId }: { recordId: number }): number {
  return recordId;
}

/** Returns the deals whose row of this model is a duplicate; the difference is reported with the other row. */
function duplicatesIn(model: ModelName, { decided }: TableScan["rehearsed"]): Set<number> {
  return new Set(decided.filter(({ otherModel }) => otherModel === model).map(idOf));
}

/** Returns the irregularity of a row; undefined if there is none, or if another difference reports it. */
function strangeness(
  { listed, rehearsed }: TableScan,
  stream: StreamName,
  { sourceId, recordId, landed, linked }: RowMark,
  duplicates: ReadonlySet<number>,
): Difference["kind"] | undefined {
  if (sourceId === null) return "made_in_planhat";
  if (recordId === null) return "no_record";
  if (duplicates.has(recordId)) return undefined;
  if (!landed) return listed.get(stream)?.has(recordId) === true ? undefined : "no_record";
  if (!linked) return "no_link";
  return rehearsed.visited[stream].has(recordId) ? undefined : "kept";
}

const dealsAtOnce = 1000;

/** Returns why landed records do not sync, in the words of the contract. */
async function whyNotSynced(
  { database, mapping }: TableScan,
  stream: StreamName,
  all: readonly { id: number; deleted: boolean }[],
): Promise<{ id: number; reason: string }[]> {
  const held = await heldRows(database, stream, all);
  const records = all.filter(({ id }) => !held.has(id));
  const reasons = [...held].map((id) => ({ id, reason: "its row is held since an undo" }));
  return [...reasons, ...(await otherReasons({ database, mapping }, stream, records))];
}

/** Returns the records whose whole row an undo took back. */
async function heldRows(
  database: Database,
  stream: StreamName,
  records: readonly { id: number }[],
): Promise<ReadonlySet<number>> {
  const ids = records.map(({ id }) => String(id));
  const holds = await readHolds(database, modelsOf[stream] as readonly ModelName[], ids);
  return new Set(holds.flatMap(({ field, sourceId }) => (field === null ? [Number(sourceId)] : [])));
}

async function otherReasons(
  { database, mapping }: Pick<TableScan, "database" | "mapping">,
  stream: StreamName,
  records: readonly { id: number; deleted: boolean }[],
): Promise<{ id: number; reason: string }[]> {
  if (stream !== "deals") {
    const none = receives(mapping[stream].direction) ? undefined : "direction_none";
    return records.map(({ id, deleted }) => ({ id, reason: none ?? (deleted ? "deleted" : "not_associated") }));
  }
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
    for (const id of ids) reasons.push({ id, reason: skipped.get(id) ?? unexplained });
  }
  return reasons;
}
