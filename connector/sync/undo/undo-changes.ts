import { instantText } from "../../database/bulk/instant-text.ts";
import type { Transaction } from "../../database/database.ts";
import { writeAsApplying } from "../../database/tables/edited-companies.ts";
import { gatherMade, keepParents, keptMade, removeMade } from "../../database/undo/made-rows.ts";
import { returnReplaced } from "../../database/undo/return-replaced.ts";
import { returnRows } from "../../database/undo/return-rows.ts";
import {
  changedFields,
  type KeptField,
  removedModels,
  type Undoing,
  undoUpdates,
} from "../../database/undo/undo-updates.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type ModelName, revenueKindOf } from "../../model-name.ts";
import { keptBecause, type LaterRuns, type UndoDetails, type UndoSummary } from "./undo-summary.ts";

/** The part of a run to undo. */
export interface UndoChoice {
  models: readonly ModelName[] | undefined;
  fields: readonly string[] | undefined;
  ids: readonly string[] | undefined;
  created: boolean;
}

/** Models in the order of removal: rows that belong to others come first. */
const childrenFirst: readonly ModelName[] = ["lineitem", "deal", "sale", "license", "note", "enduser", "company"];
const mostExamples = 50;

/** The effect of an undo on the rows, and its details for the user. */
export interface UndoneRows {
  summary: UndoSummary;
  details: UndoDetails;
  /** True if nothing was done, because every row that the run changed is gone. */
  allGone: boolean;
}

/**
 * Undoes the changes of a run to rows, all in this transaction: deals move back and removed rows return, then fields
 * are restored. With `created` the rows that the run created are removed, children before companies.
 */
export async function undoChanges(
  transaction: Transaction,
  mapping: CompiledMapping,
  { runId, undoId, holds, choice }: { runId: string; undoId: string; holds: boolean; choice: UndoChoice },
): Promise<UndoneRows> {
  await writeAsApplying(transaction);
  const undoing: Undoing = { runId, undoId, holds, fields: choice.fields, sourceIds: choice.ids };
  const models = (choice.models ?? childrenFirst).toSorted(byOrder);
  const details: UndoDetails = { updates: [], returned: [], removed: [], first: [] };
  const kept: KeptField[] = [];
  let held = 0;
  if (choice.fields === undefined) {
    // Companies first: restored rows belong to them.
    const removed = await removedModels(transaction, runId);
    for (const model of models.toReversed().filter((one) => removed.has(one))) {
      const other = { license: "sale", sale: "license" }[model as string] as ModelName | undefined;
      if (other !== undefined) await gatherMade(transaction, other, undoing);
      const { marks } = mapping;
      const came = await returnRows(transaction, { model, other }, undoing, (stream) => marks.choice(stream));
      if (came.returned > 0) details.returned.push({ model, rows: came.returned });
      held += came.held;
      kept.push(...came.kept);
    }
    const isRevenue = (model: ModelName) => revenueKindOf(model) !== undefined;
    if ([...removed].some((model) => isRevenue(model) && choice.models?.includes(model) !== false)) {
      const { marks } = mapping;
      const of = { deals: marks.stream("deals"), deal_products: marks.stream("deal_products") };
      const came = await returnReplaced(transaction, undoing, of, choice.models);
      details.returned.push(...came.returned);
      held += came.held;
      kept.push(...came.kept);
    }
  }
  for (const model of models.toReversed()) {
    const fields = await changedFields(transaction, model, runId);
    if (fields.length === 0) continue;
    const marks = new Map(
      fields.flatMap((field) => {
        const mark = mapping.marks.field(model, field);
        return mark === undefined ? [] : [[field, mark] as const];
      }),
    );
    const examples = mostExamples - details.first.length;
    const done = await undoUpdates(transaction, model, undoing, { marks, examples });
    if (done.restored > 0) details.updates.push({ model, fields: done.restored, rows: done.rows });
    details.first.push(...done.first);
    held += done.held;
    kept.push(...done.kept);
  }
  if (choice.created && choice.fields === undefined) {
    for (const model of models) {
      await gatherMade(transaction, model, undoing);
      if (model === "company" || model === "deal") await keepParents(transaction, model);
      const gone = await removeMade(transaction, model, undoing, (stream) => mapping.marks.stream(stream));
      if (gone.removed > 0) details.removed.push({ model, rows: gone.removed });
      held += gone.held;
      kept.push(...(await keptMade(transaction, model)));
    }
  }
  const runs = await laterRuns(transaction, kept);
  const count = (parts: readonly { rows: number }[]) => parts.reduce((sum, { rows }) => sum + rows, 0);
  const restored = details.updates.reduce((sum, { fields }) => sum + fields, 0) + count(details.returned);
  const summary: UndoSummary = {
    run: undoId,
    undoes: runId,
    restored,
    kept: kept.map((one) => ({
      model: one.model,
      source_id: one.sourceId,
      field: one.field,
      because: keptBecause(one, runId, runs),
    })),
    removed: count(details.removed),
    sent: 0,
    held,
  };
  const allGone = restored + summary.removed === 0 && kept.length > 0 && kept.every(({ why }) => why === "gone");
  return { summary, details, allGone };
}

function byOrder(one: ModelName, other: ModelName): number {
  return childrenFirst.indexOf(one) - childrenFirst.indexOf(other);
}

async function laterRuns(transaction: Transaction, kept: readonly KeptField[]): Promise<LaterRuns> {
  const ids = [...new Set(kept.flatMap(({ byRun }) => byRun ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await transaction.query<{ id: string; mode: string; startedAt: string; undoes: string | null }>(
    `select id, mode, ${instantText("started_at")} as "startedAt", undoes from connector.runs where id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, ...run }) => [id, run]));
}
