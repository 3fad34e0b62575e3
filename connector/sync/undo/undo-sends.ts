import { storeChanges } from "../../database/history/changes.ts";
import { mergeBases } from "../../database/rows/links.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { holdTaken, readSent, type SentOrganization } from "../../database/undo/sent-changes.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { idsAtOnce, readByIds } from "../../pipedrive/lists/read-by-ids.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import { agreedAfter, decideTakingBack, type FieldSend, notHeld, readAsKept } from "../decide/decide-send.ts";
import { heldBy } from "../decide/judge-holds.ts";
import { sameMeaning } from "../decide/same-meaning.ts";
import { land } from "../land/land.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { sendFields } from "../send/send-fields.ts";
import type { UndoChoice } from "./undo-changes.ts";
import type { KeptChange } from "./undo-summary.ts";

/** The result of undoing a run's sends. */
export interface UndoneSends {
  /** Organizations that hold their previous values again. */
  sent: number;
  held: number;
  kept: KeptChange[];
}

/**
 * Undoes the values that a run sent to Pipedrive and that Pipedrive still holds: each organization is read, changed,
 * and checked. An organization that the run created stays. In a dry run nothing is changed.
 */
export async function undoSends(
  run: Run<RunRequest>,
  client: Client,
  undoneId: string,
  { fields, ids, models }: UndoChoice,
): Promise<UndoneSends> {
  const outcome: UndoneSends = { sent: 0, held: 0, kept: [] };
  if (models !== undefined && !models.includes("company")) return outcome;
  const all = await readSent(run.request.database, undoneId, { fields, sourceIds: ids });
  for (const { recordId } of all.filter((one) => one.fields === undefined)) {
    keep(
      outcome,
      recordId,
      null,
      "it was made in Pipedrive, and is not deleted there: delete it there if it is not wanted",
    );
  }
  const changed = all.filter((one) => one.fields !== undefined);
  for (let start = 0; start < changed.length; start += idsAtOnce) {
    run.request.signal.throwIfAborted();
    const some = changed.slice(start, start + idsAtOnce);
    const { group } = await readByIds(
      client,
      "organizations",
      some.map(({ recordId }) => recordId),
    );
    const records = new Map(group.records.map((record) => [record.id, record]));
    for (const one of some) await takeBack(run, client, { ...one, before: records.get(one.recordId) }, outcome);
  }
  return outcome;
}

function keep({ kept }: UndoneSends, recordId: number, field: string | null, because: string): void {
  kept.push({ model: "company", source_id: String(recordId), field, because });
}

async function takeBack(
  run: Run<RunRequest>,
  client: Client,
  { recordId, fields: sent, before }: SentOrganization & { before: SourceRecord | undefined },
  outcome: UndoneSends,
): Promise<void> {
  const { database, mapping, signal } = run.request;
  const stream = mapping.organizations;
  if (before === undefined || before.deleted) {
    keep(outcome, recordId, null, "its organization is deleted in Pipedrive, or the token's user may not see it");
    return;
  }
  const { fields, kept } = decideTakingBack(stream, before.record, sent!);
  for (const { field, because } of kept) keep(outcome, recordId, field, because);
  if (fields.length === 0) return;
  if (database.rehearsal) {
    outcome.sent++;
    return;
  }
  const isDone = (record: JsonObject, some: readonly FieldSend[]) => notHeld(stream, record, some).length === 0;
  const { record, taken, refused } = await sendFields(client, before, { fields, isDone }, signal);
  for (const { field, reason } of refused)
    keep(outcome, recordId, field.field, `Pipedrive does not take it: ${reason}`);
  if (record === undefined) return;
  const different = new Set(notHeld(stream, record.record, taken));
  for (const { field } of different) keep(outcome, recordId, field, "Pipedrive has another value after it was sent");
  const done = taken.filter((field) => !different.has(field));
  await commitRun(database, run.id, async (transaction) => {
    await land(transaction, run, { stream: "organizations", records: [record], rejected: [] }, following);
    await mergeBases(transaction, new Map([[recordId, agreedAfter(stream, record.record, done)]]));
    const [row] = await readRows(transaction, "company", [String(recordId)]);
    const sides = done.map(({ field }) => {
      const pipedrive = readAsKept(stream, record.record, field);
      const planhat = row === undefined ? null : heldBy("company", field, row);
      const mark = mapping.marks.field("company", field) ?? "";
      return { field, pipedrive, planhat, mark, same: row === undefined || sameMeaning(pipedrive, planhat) };
    });
    outcome.held += await holdTaken(transaction, run.id, recordId, sides);
    await storeChanges(transaction, run.id, [
      {
        ...({ action: "send", model: "company", sourceId: String(recordId), rowId: row?.id ?? null } as const),
        before: Object.fromEntries(done.map(({ field, from }) => [field, from])),
        after: Object.fromEntries(done.map(({ field, to }) => [field, to])),
        because: { by: "undo" },
      },
    ]);
    await recordUsage(transaction, run);
  });
  if (done.length > 0) outcome.sent++;
}

const following = { everyDeal: false, otherStreams: false };
