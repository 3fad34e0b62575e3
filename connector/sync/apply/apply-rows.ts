import type { Transaction } from "../../database/database.ts";
import type { RunHistory } from "../../database/history/run-history.ts";
import { type Link, readLinks, storeLinks } from "../../database/rows/links.ts";
import { deleteRows } from "../../database/rows/rows.ts";
import { createRows, storeRows } from "../../database/rows/store-rows.ts";
import { readRows, type WantedColumns } from "../../database/rows/stored-row.ts";
import { recordConflicts } from "../../database/tables/conflicts.ts";
import { dismissedAmong, type IsDismissed } from "../../database/tables/dismissals.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import type { CompiledStream } from "../../mapping/compiled-mapping.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { sameJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { alike } from "../../source-id.ts";
import { decideCandidate } from "../decide/decide-candidate.ts";
import type { Decision, ExistingRows, RowAction } from "../decision.ts";
import type { ApplyContext, StreamCandidates } from "./apply-context.ts";
import { applyHolds, leaveHeldRows } from "./leave-held.ts";
import {
  dealOf,
  forgetReplaced,
  insteadOf,
  type Replaceable,
  readReplaceable,
  replaceableBy,
  replacements,
} from "./replaced-rows.ts";

/** Candidates whose rows are to be stored. */
interface CandidatesToApply extends StreamCandidates {
  turn?: Promise<void> | undefined;
  replaceable?: Replaceable;
}

/**
 * Stores the rows of one stream's candidates: reads the rows, decides, writes differences, and stores links and
 * rejections. A deal whose model changed moves: its old row is removed and the new one created in this transaction.
 * Waits for `turn` before it writes anything. Rows of `replaceable` go where a row of their deal is made.
 */
export async function applyRows(
  transaction: Transaction,
  context: ApplyContext,
  all: CandidatesToApply,
): Promise<void> {
  const { stream, turn, replaceable } = all;
  if (all.candidates.length === 0) return;
  const rows = await readExisting(transaction, context, all);
  const { candidates, held } = await leaveHeldRows(transaction, context, all, rows);
  const links = await readKnownLinks(transaction, context, { stream, candidates }, rows);
  const goes = replaceable && (await readReplaceable(transaction, candidates, rows, replaceable));
  const decisions = candidates.map((candidate) => {
    const dealId = goes && dealOf(candidate);
    const decision = decideCandidate(stream, candidate, {
      rows,
      base: links.get(candidate.recordId)?.base ?? undefined,
      changedInPlanhat:
        stream.stream === "organizations" ? context.changedInPlanhat?.get(candidate.recordId) : undefined,
      heldRecord: held.get(candidate.recordId),
      replaces: replaceableBy(candidate, goes?.get(dealId!)),
    });
    if (decision.replaces.length > 0) {
      const left = goes!.get(dealId!)!.filter((row) => !decision.replaces.includes(row));
      goes!.set(dealId!, left);
    }
    return decision;
  });
  await turn;
  await context.harm?.check(transaction, stream.stream, decisions);
  if (transaction.asIf !== undefined) await readRemoved(transaction, decisions);
  else await carryOut(transaction, context, all, { decisions, links, anyHeld: held.size > 0 });
  count(context, decisions, await readDismissed(transaction, context, stream, decisions));
  await context.onDecisions?.(transaction, decisions);
}

/** The decisions about the candidates of a stream, with what was known of them before. */
interface Decided {
  decisions: readonly Decision[];
  links: ReadonlyMap<number, Link>;
  anyHeld: boolean;
}

/** Writes the decisions: rows, links, conflicts, ended holds, and rejections. */
async function carryOut(
  transaction: Transaction,
  context: ApplyContext,
  { stream: { stream }, candidates }: StreamCandidates,
  { decisions, links, anyHeld }: Decided,
): Promise<void> {
  const replaced = replacements(decisions);
  const rowIds = await write(transaction, context.history, decisions, replaced);
  const linked = decisions.filter((decision) => linkMoved(decision, links.get(decision.candidate.recordId)));
  await storeLinks(transaction, context.runId, {
    stream,
    links: linked.map(({ candidate, action, existing, base }) => ({
      recordId: candidate.recordId,
      model: action.model,
      rowId: existing?.id ?? rowIds.get(action)!,
      base,
    })),
    linked: context.noLinksBefore === true ? withRows(decisions) : undefined,
  });
  await forgetReplaced(transaction, replaced, context.mayBeHeld === true);
  for (const { candidate, conflicts } of decisions) {
    if (conflicts.length === 0) continue;
    const record = { stream, recordId: candidate.recordId };
    context.summary.sent.organizations.conflicts += await recordConflicts(
      transaction,
      context.runId,
      record,
      conflicts,
    );
  }
  if (anyHeld) await applyHolds(transaction, context, decisions);
  const rejections = decisions.flatMap((decision) => decision.rejections);
  const recordIds = candidates.map(({ recordId }) => recordId);
  await replaceRejections(transaction, { runId: context.runId, stream }, recordIds, rejections);
}

/**
 * Reads the existing rows of the candidates, in every model that the stream may become. Those of the other kind of
 * revenue models have source ids of their own, and are replaced rather than moved.
 */
async function readExisting(
  transaction: Transaction,
  context: ApplyContext,
  { stream, candidates }: StreamCandidates,
): Promise<ExistingRows> {
  const sourceIds = candidates.map(({ sourceId }) => sourceId);
  // A deal may be a row of the other model under an earlier mapping, even if today's mapping does not name it.
  const names = alike<ModelName>(modelsOf[stream.stream], candidates[0]!.mapped.model);
  const existing = new Map<ModelName, Map<string, Awaited<ReturnType<typeof readRows>>[number]>>();
  for (const model of names) {
    const rows = await readRows(transaction, model, sourceIds, wantedColumns(transaction, context, stream, model));
    existing.set(model, new Map(rows.map((row) => [row.sourceId, row])));
  }
  return existing;
}

/** Returns the columns to read: in a dry run those that the mapping and the connector set, otherwise all. */
function wantedColumns(
  { asIf }: Transaction,
  { mayBeHeld }: ApplyContext,
  { stream, models: mapped }: CompiledStream,
  model: ModelName,
): WantedColumns | undefined {
  const fields = mapped.filter((one) => one.model === model).flatMap((one) => one.fields);
  if (asIf === undefined || mayBeHeld === true || fields.length === 0 || model === "lineitem") return undefined;
  const columns = new Set(fields.flatMap(({ field }) => models[model].get(field)?.column ?? []));
  // The connector sets these columns besides the mapping.
  if (stream === "deals") columns.add("to_date");
  if (stream === "notes") columns.add("type");
  return { columns, custom: fields.some(({ field }) => field.startsWith("custom.")) };
}

/** Reads rows that would be removed with all columns, because a plan shows them. */
async function readRemoved(transaction: Transaction, decisions: readonly Decision[]): Promise<void> {
  for (const model of modelNames) {
    const moved = decisions.filter(({ movedFrom }) => movedFrom === model);
    const ids = moved.map(({ action }) => action.sourceId);
    const rows = new Map((await readRows(transaction, model, ids)).map((row) => [row.sourceId, row]));
    for (const decision of moved) decision.removed = rows.get(decision.action.sourceId);
  }
}

/**
 * Reads the candidates' links. Organizations: all, since a link holds the base for sending. Other streams: only where a
 * row exists, so a first sync reads none.
 */
async function readKnownLinks(
  transaction: Transaction,
  { noLinksBefore = false }: ApplyContext,
  { stream: { stream }, candidates }: StreamCandidates,
  rows: ExistingRows,
): Promise<Map<number, Link>> {
  const all = stream === "organizations" && !noLinksBefore;
  // For other streams a link only decides whether it must be written.
  if (transaction.asIf !== undefined && !all) return new Map();
  const ids = candidates
    .filter(({ sourceId, mapped }) => all || rows.get(mapped.model)?.has(sourceId))
    .map(({ recordId }) => recordId);
  return new Map((await readLinks(transaction, stream, ids)).map((link) => [link.recordId, link]));
}

async function write(
  transaction: Transaction,
  history: RunHistory,
  decisions: readonly Decision[],
  replaced: ReturnType<typeof replacements>,
): Promise<Map<Decision["action"], string>> {
  const rowIds = new Map<Decision["action"], string>();
  await removeRows(transaction, history, decisions, replaced);
  for (const model of modelNames) {
    const chosenOf = (kind: RowAction["action"]) =>
      decisions.filter(({ action }) => action.model === model && action.action === kind);
    for (const [kind, store] of [
      ["create", createRows],
      ["update", storeRows],
    ] as const) {
      const chosen = chosenOf(kind);
      if (chosen.length === 0) continue;
      const stored = await store(
        transaction,
        history,
        model,
        chosen.map(({ action: { write: chosenWrite }, candidate }) => {
          chosenWrite.because = candidate.because;
          return chosenWrite;
        }),
      );
      const idOf = new Map(stored.map(({ sourceId, id }) => [sourceId, id]));
      for (const { action } of chosen) rowIds.set(action, idOf.get(action.sourceId)!);
    }
  }
  return rowIds;
}

/** Removes rows that moved to another model or that others replace: line items first, since they belong to deals. */
async function removeRows(
  transaction: Transaction,
  history: RunHistory,
  decisions: readonly Decision[],
  replaced: ReturnType<typeof replacements>,
): Promise<void> {
  for (const model of modelNames.toReversed()) {
    const moved = decisions.filter(({ movedFrom }) => movedFrom === model);
    const gone = replaced.filter((one) => one.model === model);
    if (moved.length + gone.length === 0) continue;
    const removed = moved.map(({ action, candidate }) => ({
      sourceId: action.sourceId,
      because: () => ({ ...candidate.because?.(), movedTo: action.model }),
    }));
    const replacedRows = gone.map((one) => ({
      sourceId: one.sourceId,
      because: () => ({
        ...one.decision.candidate.because?.(),
        movedTo: insteadOf(one),
        ofDeal: one.dealId,
        replacedBy: [...one.by],
      }),
    }));
    await deleteRows(transaction, history, model, [...removed, ...replacedRows]);
  }
}

function withRows(decisions: readonly Decision[]): Set<number> {
  return new Set(
    decisions
      .filter(({ existing, removed }) => existing !== undefined || removed !== undefined)
      .map(({ candidate }) => candidate.recordId),
  );
}

/** Returns whether a link must be written: its row is new, moved or changed, its base changed, or the link was lost. */
function linkMoved({ action, base, existing }: Decision, link: Link | undefined): boolean {
  if (action.action === "refuse") return false;
  if (action.action !== "unchanged" || link === undefined) return true;
  if (link.model !== action.model || link.rowId !== existing?.id) return true;
  return base !== null && !sameJson(base, link.base ?? undefined);
}

/** Reads which rejections are unchanged since they were dismissed. */
async function readDismissed(
  transaction: Transaction,
  { anyDismissed }: ApplyContext,
  { stream }: CompiledStream,
  decisions: readonly Decision[],
): Promise<IsDismissed> {
  const refused = decisions.filter(({ rejections }) => rejections.length > 0);
  if (anyDismissed !== true || refused.length === 0) return () => false;
  const ids = refused.map(({ candidate }) => candidate.recordId);
  return dismissedAmong(transaction, stream, ids);
}

function count(context: ApplyContext, decisions: readonly Decision[], isDismissed: IsDismissed): void {
  for (const decision of decisions) {
    const counts = context.summary.models[decision.action.model];
    const { recordId } = decision.candidate;
    const open = decision.rejections.filter(({ field }) => !isDismissed(recordId, field)).length;
    const dismissed = decision.rejections.length - open;
    context.rejections += open;
    if (dismissed > 0) counts.dismissed = (counts.dismissed ?? 0) + dismissed;
    if (decision.action.action === "create") counts.created++;
    else if (decision.action.action === "update") counts.updated++;
    else if (decision.action.action === "unchanged") counts.unchanged++;
    else if (open > 0) counts.rejected++;
    if (decision.action.action === "refuse") continue;
    counts.fields_rejected += decision.action.rejections.filter(({ field }) => !isDismissed(recordId, field)).length;
  }
}
