import type { Database } from "../../database/database.ts";
import { dealsBringing } from "../../database/landing/association.ts";
import { newestLanding } from "../../database/landing/audit-scans.ts";
import { countPending, nextPending, type PendingEntry } from "../../database/landing/pending.ts";
import { readLinks } from "../../database/rows/links.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { landingStage, listRejections, type StoredRejection } from "../../database/tables/rejections.ts";
import { lastFullRun } from "../../database/tables/runs.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { toldRejection } from "../listed-rejection.ts";
import { type Difference, type Differences, unexplained } from "./differences.ts";
import type { DecidedRow } from "./rehearse-tables.ts";

/** The circumstances that explain why a row differs from its record. */
interface Circumstances {
  mappingChanged: boolean;
  followChanges: boolean;
  /** The end of the last Fetch All (epoch ms); everything that landed before it was applied. */
  appliedUntil: number;
  pending: Pending | undefined;
}

/** Work that a sync left behind. */
interface Pending {
  deals: ReadonlySet<number>;
  /** Organizations whose deals are all pending. */
  organizations: ReadonlySet<number>;
}

/** The stored data about the records of one batch of rows. */
interface Known {
  rejections: ReadonlyMap<number, StoredRejection[]>;
  linked: ReadonlySet<number>;
  pending: ReadonlySet<number>;
  newest: ReadonlyMap<number, string>;
}

const rowsAtOnce = 500;

/** The database whose rows are judged, and the mapping and the setting by which a sync would change them. */
interface Judging {
  database: Database;
  mapping: CompiledMapping;
  followChanges: boolean;
}

/** Adds a difference, with its explanation, for each row that applying everything again would change or refuse. */
export async function judgeRows(
  { database, mapping, followChanges }: Judging,
  decided: readonly DecidedRow[],
  differences: Differences,
): Promise<void> {
  const circumstances: Circumstances = {
    mappingChanged: (await readCatalogEntry(database, "mapping")) !== mapping.fingerprint,
    followChanges,
    appliedUntil: Date.parse((await lastFullRun(database)) ?? "") || 0,
    pending: await readPending(database),
  };
  for (const stream of streamNames) {
    const rows = decided.filter((row) => row.stream === stream);
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const batch = rows.slice(start, start + rowsAtOnce);
      const known = await readKnown(database, stream, batch, circumstances.pending);
      for (const row of batch) for (const difference of judge(row, known, circumstances)) differences.add(difference);
    }
  }
}

async function readPending(database: Database): Promise<Pending | undefined> {
  if ((await countPending(database)) === 0) return undefined;
  const deals = new Set<number>();
  const organizations = new Set<number>();
  let after: PendingEntry | undefined;
  for (;;) {
    const entries = await nextPending(database, { limit: 10_000, after });
    if (entries.length === 0) return { deals, organizations };
    for (const { stream, recordId, organizationId } of entries) {
      if (stream === "deals") deals.add(recordId);
      else organizations.add(organizationId);
    }
    after = entries.at(-1);
  }
}

async function readKnown(
  database: Database,
  stream: StreamName,
  rows: readonly DecidedRow[],
  pending: Pending | undefined,
): Promise<Known> {
  const ids = [...new Set(rows.map(({ recordId }) => recordId))];
  const rejections = new Map<number, StoredRejection[]>();
  for (const one of await listRejections(database, { stream, recordIds: ids })) {
    rejections.set(one.recordId!, [...(rejections.get(one.recordId!) ?? []), one]);
  }
  const linked = new Set((await readLinks(database, stream, ids)).map(({ recordId }) => recordId));
  const waiting = new Set<number>();
  for (const id of pending === undefined ? [] : ids) {
    const deals = await dealsBringing(database, stream, [id]);
    const isPending = deals.some(
      ({ dealId, organizationId }) => pending!.deals.has(dealId) || pending!.organizations.has(organizationId),
    );
    if (isPending) waiting.add(id);
  }
  return { rejections, linked, pending: waiting, newest: await newestLanding(database, stream, ids) };
}

function judge(row: DecidedRow, known: Known, circumstances: Circumstances): Difference[] {
  const { model, stream, recordId, sourceId, refused, kept, held } = row;
  const id = stream === "deal_products" ? sourceId : recordId;
  const reason = whyOutOfStep(row, known, circumstances);
  const found: Difference[] = [];
  const add = (kind: Difference["kind"], why: string, fields?: string[]) =>
    found.push({ model, id, kind, ...(fields === undefined ? {} : { fields }), reason: why });
  for (const one of row.replaces) {
    found.push({
      model: one.model,
      id: one.sourceId,
      kind: "duplicate",
      reason: `${model} ${sourceId} takes its place: ${reason}`,
    });
  }
  if (row.otherModel !== undefined) {
    if (row.create) add("row_missing", reason);
    else add("duplicate", reason);
  } else if (row.create) add("row_missing", reason);
  if (!row.create && row.fields.size > 0) add("value_differs", reason, [...row.fields.keys()].sort());
  const recorded = known.rejections.get(recordId) ?? [];
  for (const { field, reason: why } of refused) {
    const stored = recorded.find((one) => one.stage !== landingStage && one.field === field);
    const told = stored === undefined ? reason : toldRejection({ ...stored, reason: why });
    add("rejected", told, field === null ? undefined : [field]);
  }
  if (kept.length > 0) add("own_change", "Planhat's own change is kept", [...kept].sort());
  if (held.length > 0) add("own_change", "it is held since an undo", [...held].sort());
  return found;
}

/** Returns why a row differs from its record. */
function whyOutOfStep(row: DecidedRow, known: Known, circumstances: Circumstances): string {
  const { recordId } = row;
  if (circumstances.mappingChanged) return "the mapping changed since the last sync";
  if (known.pending.has(recordId)) return "pending: it has landed and is not applied yet";
  const landed = Date.parse(known.newest.get(recordId) ?? "");
  const touched = row.updatedAt === undefined ? 0 : Date.parse(row.updatedAt);
  const wasNeverRow = row.create && !known.linked.has(recordId);
  if (
    !circumstances.followChanges &&
    landed > circumstances.appliedUntil &&
    (row.create ? wasNeverRow : landed > touched)
  ) {
    return "it changed without its deal (follow_changes is off): a change of the deal, or sync --full, takes it";
  }
  return unexplained;
}
