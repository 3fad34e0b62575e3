import type { Transaction } from "../../database/database.ts";
import { endHolds, type Hold, readHolds } from "../../database/history/holds.ts";
import { readExternalRows } from "../../database/rows/rows.ts";
import { createRows, storeRows } from "../../database/rows/store-rows.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { type ObjectRejection, replaceObjectRejections } from "../../database/tables/object-rejections.ts";
import { landingStage } from "../../database/tables/rejections.ts";
import type { ModelName } from "../../model-name.ts";
import type { ObjectMode } from "../../object-mode.ts";
import { parentFieldOf } from "../../planhat/object-schema.ts";
import { objectSourceId } from "../../source-id.ts";
import { harmOfFields } from "../brake/harm-of.ts";
import { judgeHolds } from "../decide/judge-holds.ts";
import { decideRow } from "../decide/row-action.ts";
import type { Candidate, RowAction } from "../decision.ts";
import type { ApplyContext } from "./apply-context.ts";
import { type ObjectRow, type ParentRow, parentsOf, readObject } from "./read-object.ts";

/** Records of one model and mode, from a source other than Pipedrive. */
export interface ObjectsToApply<Received extends ReceivedObject = ReceivedObject> {
  model: ModelName;
  mode: ObjectMode;
  records: readonly Received[];
}

/** A record as it came. */
export interface ReceivedObject {
  data: ObjectRow["data"];
  /** Its JSON text. */
  text: string;
}

/**
 * Stores objects of another source as rows, by the same decisions as rows of Pipedrive's records: empty values are left
 * out, null is stored, and only differences are written, with their history. A record that cannot be stored as a whole
 * is rejected as a whole. A row belongs to its source: one that Pipedrive or Planhat made is never changed here.
 * Returns the rejected records.
 */
export async function applyObjects<Received extends ReceivedObject>(
  transaction: Transaction,
  context: ApplyContext,
  { model, mode, records }: ObjectsToApply<Received>,
): Promise<Received[]> {
  const rejected: Received[] = [];
  for (const round of rounds(model, records)) {
    for (const one of await applyRound(transaction, context, { model, mode, round })) rejected.push(one);
  }
  return rejected;
}

/** A record, read. */
interface Read<Received> {
  received: Received;
  row: ObjectRow;
}

/** Splits records into rounds in which no row is named twice: a second record is compared with what the first left. */
function* rounds<Received extends ReceivedObject>(
  model: ModelName,
  records: readonly Received[],
): Generator<Read<Received>[], void> {
  let round: Read<Received>[] = [];
  let named = new Set<string>();
  for (const received of records) {
    const row = readObject(model, received.data);
    if (row.externalId !== null && named.has(row.externalId)) {
      yield round;
      round = [];
      named = new Set();
    }
    if (row.externalId !== null) named.add(row.externalId);
    round.push({ received, row });
  }
  if (round.length > 0) yield round;
}

async function applyRound<Received extends ReceivedObject>(
  transaction: Transaction,
  context: ApplyContext,
  { model, mode, round }: { model: ModelName; mode: ObjectMode; round: readonly Read<Received>[] },
): Promise<Received[]> {
  const externalIds = round.flatMap(({ row }) => row.externalId ?? []);
  const sourceIds = externalIds.map(objectSourceId);
  const existing = new Map((await readRows(transaction, model, sourceIds)).map((row) => [row.sourceId, row]));
  const others = await othersOf(transaction, model, externalIds);
  const parents = await parentsOf(
    transaction,
    model,
    round.map(({ row }) => row),
  );
  const holds = context.mayBeHeld === true ? await readHolds(transaction, [model], sourceIds) : [];
  const held = { holds, ended: [] as string[], kept: 0 };
  const rejected: Received[] = [];
  const rejections: ObjectRejection[] = [];
  const actions: RowAction[] = [];
  for (const { received, row } of round) {
    const before = row.externalId === null ? undefined : existing.get(objectSourceId(row.externalId));
    const reason =
      row.problem ?? others.get(row.externalId!) ?? modeProblem(mode, before !== undefined, row.externalId!);
    const decided = reason ?? decide({ model, row, existing: before, parent: parents.get(row) }, context, held);
    if (typeof decided !== "string") actions.push(decided);
    else {
      rejected.push(received);
      const text = `{"sync_mode":"${mode}","data":${received.text}}`;
      const field = waitsForParent(parents.get(row)) && reason === undefined ? parentFieldOf(model)! : null;
      rejections.push({ externalId: row.externalId, field, reason: decided, text });
    }
  }
  const harmed = actions.filter(({ action, fields }) => action === "update" && harmOfFields(fields) === "always");
  await context.harm?.add(
    transaction,
    harmed.map(({ sourceId }) => ({ model, sourceId, gone: false })),
  );
  for (const [kind, store] of [
    ["create", createRows],
    ["update", storeRows],
  ] as const) {
    const writes = actions.flatMap(({ action, write }) =>
      action === kind ? [{ ...write, because: () => ({ by: "object" }) }] : [],
    );
    if (writes.length > 0) await store(transaction, context.history, model, writes);
  }
  await endHolds(transaction, held.ended);
  if (held.kept > 0) context.summary.holds = (context.summary.holds ?? 0) + held.kept;
  await replaceObjectRejections(
    transaction,
    { runId: context.runId, model, stage: landingStage },
    externalIds,
    rejections,
  );
  const counts = context.summary.models[model];
  for (const { action } of actions) {
    if (action === "create") counts.created++;
    else if (action === "update") counts.updated++;
    else counts.unchanged++;
  }
  counts.rejected += rejected.length;
  context.rejections += rejected.length;
  return rejected;
}

/** Returns, by external id, why its row is not to be changed: it has another source. */
async function othersOf(
  transaction: Transaction,
  model: ModelName,
  externalIds: readonly string[],
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (const { externalId, sourceId } of await readExternalRows(transaction, model, externalIds)) {
    if (sourceId === objectSourceId(externalId)) continue;
    const whose = sourceId === null ? "was made in Planhat" : `is that of ${sourceId} in Pipedrive`;
    reasons.set(externalId, `externalId: the ${model} with ${JSON.stringify(externalId)} ${whose}, and stays its own`);
  }
  return reasons;
}

function waitsForParent(parent: ParentRow | string | undefined): boolean {
  return typeof parent === "string";
}

function modeProblem(mode: ObjectMode, isThere: boolean, externalId: string): string | undefined {
  const name = JSON.stringify(externalId);
  if (mode === "append" && isThere) return `externalId: ${name} has a row already, and append only inserts`;
  if (mode === "update" && !isThere) return `externalId: ${name} has no row, and update only changes rows`;
  return undefined;
}

/** The facts by which a row is decided about. */
interface Known {
  model: ModelName;
  row: ObjectRow;
  existing: Parameters<typeof decideRow>[0]["existing"];
  parent: ParentRow | string | undefined;
}

/** Decides about one row; returns the reason if the record cannot be stored. */
function decide(
  { model, row, existing, parent }: Known,
  { mapping }: ApplyContext,
  held: { holds: readonly Hold[]; ended: string[]; kept: number },
): RowAction | string {
  if (typeof parent === "string") return parent;
  const parentField = parentFieldOf(model);
  if (parentField !== undefined && parent === undefined && existing === undefined)
    return `${parentField}: a new ${model} needs one, and it is empty in the record`;
  const sourceId = objectSourceId(row.externalId!);
  const mapped = { model, fields: row.fields, rejections: [] };
  const input = {
    sourceId,
    mapped,
    ...(parent === undefined ? {} : { companyId: parent.companyId }),
    ...(parent?.dealId === undefined ? {} : { dealId: parent.dealId }),
    externalId: row.externalId!,
    ...(model === "note" ? { constants: { type: "note" } } : {}),
  };
  const own = held.holds.filter((hold) => hold.sourceId === sourceId);
  const candidate: Candidate = {
    recordId: Number.NaN,
    sourceId,
    mapped,
    ...(parent === undefined ? {} : { company: { rowId: parent.companyId } }),
    externalId: row.externalId!,
    updateTime: null,
  };
  // No mapping changes what a source says.
  const marks = { ...mapping.marks, field: () => "" };
  const judged = judgeHolds({ holds: own, marks }, candidate, existing);
  const action = decideRow({ ...input, existing, keep: judged.keep, origin: "the record" });
  const refusal = action.refused ?? action.rejections[0];
  if (refusal !== undefined) return `${refusal.field}: ${refusal.reason}`;
  held.ended.push(...judged.ended);
  held.kept += judged.keep.size;
  return action;
}
