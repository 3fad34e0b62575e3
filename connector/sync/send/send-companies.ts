import type { Transaction } from "../../database/database.ts";
import type { NewChange } from "../../database/history/changes.ts";
import { keepChanges } from "../../database/history/run-history.ts";
import { storeLinks } from "../../database/rows/links.ts";
import { recordConflicts } from "../../database/tables/conflicts.ts";
import { removeEdited } from "../../database/tables/edited-companies.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { type NewRejection, replaceRejections, sendStage } from "../../database/tables/rejections.ts";
import { storeSends } from "../../database/tables/sends.ts";
import { optionalFields } from "../../mapping/check/asked-fields.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import { sameJson } from "../../planhat/column-value.ts";
import { howToAgree, tellHeld } from "../consent.ts";
import { agreedAfter, bodyOf, type FieldSend, type SendDecision, unlike } from "../decide/decide-send.ts";
import { land } from "../land/land.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { createOrganizations } from "./create-organizations.ts";
import { type EditedLook, lookAtEdited } from "./look-at-edited.ts";
import { noteSend } from "./planned-send.ts";
import { sendFields } from "./send-fields.ts";
import type { Sending } from "./sending.ts";

/** A linked company with the fields to send. */
type LinkedLook = Required<EditedLook>["linked"] & { entries: string[] };

/**
 * Sends changes of companies: one PATCH per organization, which is then read back. The new base is stored in one
 * transaction with the landing. `fresh` are the organizations that this run has re-read; edits of others wait for the
 * next run. Fields that Pipedrive does not accept are rejections, and are retried in the next run.
 */
export async function sendCompanies(
  run: Run<RunRequest>,
  sending: Sending,
  fresh: ReadonlySet<number>,
  companies: readonly number[],
): Promise<void> {
  const { mapping, signal } = run.request;
  const held = { organizations: 0, fields: 0, creations: 0 };
  for await (const looks of lookAtEdited(run)) {
    const applied: EditedLook[] = [];
    const unlinked: EditedLook[] = [];
    for (const look of looks) {
      signal.throwIfAborted();
      const { linked, row, entries } = look;
      if (linked === undefined) {
        const isNew = row !== undefined && row.sourceId === null && mapping.organizations.createInPipedrive;
        if (!isNew) applied.push(look);
        else if (companies.length === 0) unlinked.push(look);
        continue;
      }
      if (companies.length > 0 && !companies.includes(linked.recordId)) continue;
      const count = linked.decision?.fields.length ?? 0;
      if (fresh.has(linked.recordId) && (linked.landed === undefined || linked.landed.deleted)) {
        if (linked.landed === undefined || count > 0) await rejectGone(run, linked);
        else applied.push(look);
      } else if (count === 0) {
        // An organization that never landed, or must be merged first, is read in the next run.
        const isMerged = fresh.has(linked.recordId) || linked.decision?.conflicts.length === 0;
        if (linked.decision !== undefined && isMerged) applied.push(look);
      } else if (run.request.database.rehearsal || !sending.consented) {
        if (!sending.consented) held.organizations++;
        held.fields += count;
        if (run.request.database.rehearsal && fresh.has(linked.recordId)) await noteOne(run, sending, linked);
      } else if (fresh.has(linked.recordId)) await sendOne(run, sending, { ...linked, entries });
    }
    held.creations += await createOrganizations(run, sending, unlinked);
    await saveBases(run, applied);
  }
  tellHeld(run, "sending", [
    { what: "organizations to change in Pipedrive", count: held.organizations, remedy: howToAgree },
    { what: "organizations to create in Pipedrive", count: held.creations, remedy: howToAgree },
  ]);
  if (held.organizations + held.creations > 0 && !run.request.database.rehearsal) sending.warn(heldBack(sending, held));
}

function heldBack({ missing }: Sending, held: { organizations: number; fields: number; creations: number }): string {
  const what = [
    ...(held.organizations > 0 ? [`${held.fields} changed fields of ${held.organizations} organizations`] : []),
    ...(held.creations > 0 ? [`${held.creations} new organizations`] : []),
  ].join(" and ");
  return `Nothing was sent to Pipedrive: ${what} wait for approval (${missing.join(", ")}). \`plan\` shows them; \`sync --yes\` approves them, now and for later runs.`;
}

/** Stores the base of companies that have nothing to send. */
async function saveBases(run: Run<RunRequest>, looks: readonly EditedLook[]): Promise<void> {
  if (looks.length === 0) return;
  const { database } = run.request;
  const merged = looks.flatMap(({ linked }) =>
    linked?.decision === undefined ? [] : [{ ...linked, decision: linked.decision }],
  );
  await commitRun(database, run.id, async (transaction) => {
    for (const linked of merged) if (linked.hasLink) await storeBase(transaction, run, linked, linked.decision.base);
    await applyDecisions(transaction, run, merged);
    const done = looks.filter(({ linked }) => (linked?.decision?.rejections.length ?? 0) === 0);
    await removeEdited(
      transaction,
      done.flatMap(({ entries }) => entries),
    );
  });
}

/** Records, for a plan, the send of one company and its conflicts. */
async function noteOne(run: Run<RunRequest>, sending: Sending, linked: Required<EditedLook>["linked"]): Promise<void> {
  const { recordId } = linked;
  const decision = linked.decision!;
  noteSend(run, sending, String(recordId), decision.fields);
  await run.request.database.transaction(async (transaction) => {
    if (sending.consented) await applyDecisions(transaction, run, [{ recordId, decision }]);
    else await recordConflicts(transaction, run.id, { stream: "organizations", recordId }, decision.conflicts);
  });
}

async function sendOne(run: Run<RunRequest>, { client }: Sending, linked: LinkedLook): Promise<void> {
  const { database, mapping, signal } = run.request;
  const { recordId, row, entries } = linked;
  const decision = linked.decision!;
  const stream = mapping.organizations;
  const before: SourceRecord = linked.landed!;
  const isDone = (record: JsonObject, fields: readonly FieldSend[]) => unlike(stream, record, row, fields).length === 0;
  const {
    record,
    taken: accepted,
    refused,
  } = await sendFields(client, before, { fields: decision.fields, isDone }, signal);
  const refusals = refused.map(({ field: { field }, reason }) => rejection(recordId, field, reason));
  await commitRun(database, run.id, async (transaction) => {
    await storeSends(transaction, run.id, [
      ...accepted.map(({ field, to, rounds, refusedBefore }) => ({
        ...{ recordId, field, value: to, refused: null },
        rounds: refusedBefore ? 1 : rounds,
      })),
      ...refused.map(({ field: { field, to, rounds }, reason }) => ({
        ...{ recordId, field, value: to, rounds },
        refused: reason,
      })),
    ]);
    if (accepted.length > 0) await keepChanges(transaction, run.history, [sentChange(linked, accepted)]);
    if (record === undefined) {
      await applyDecisions(transaction, run, [{ recordId, decision }], wholeRefusal(recordId, refusals));
    } else {
      await land(transaction, run, { stream: "organizations", records: [record], rejected: [] }, following);
      const different = new Map(unlike(stream, record.record, row, accepted).map(({ field, now }) => [field, now]));
      const taken = accepted.filter(({ field }) => !different.has(field));
      await storeBase(transaction, run, linked, { ...decision.base, ...agreedAfter(stream, record.record, taken) });
      const rejections = [...different].map(([field, now]) =>
        rejection(recordId, field, `Pipedrive has ${text(now)} after ${text(sentValue(decision, field))} was sent`),
      );
      rejections.push(...refusals);
      const moved = movedKeys(before.record, record.record, bodyOf(accepted, before.record));
      if (moved.length > 0) {
        rejections.push(rejection(recordId, null, `Pipedrive changed what was not sent: ${moved.join(", ")}`));
      }
      await applyDecisions(transaction, run, [{ recordId, decision }], rejections);
      if (different.size + refused.length + decision.rejections.length === 0) await removeEdited(transaction, entries);
      if (different.size === 0) run.summary.sent.organizations.updated++;
    }
    await recordUsage(transaction, run);
  });
}

/** Returns the change of the fields that Pipedrive accepted for a company, by Planhat's names. */
function sentChange({ recordId, row }: LinkedLook, accepted: readonly FieldSend[]): NewChange {
  return {
    ...({ action: "send", model: "company", sourceId: String(recordId), rowId: row.id } as const),
    before: Object.fromEntries(accepted.map(({ field, from }) => [field, from])),
    after: Object.fromEntries(accepted.map(({ field, to }) => [field, to])),
  };
}

/** Returns one rejection of the organization if every field was refused for the same reason. */
function wholeRefusal(recordId: number, refusals: readonly NewRejection[]): readonly NewRejection[] {
  const [first, ...others] = refusals;
  if (first === undefined || others.length === 0 || others.some(({ reason }) => reason !== first.reason))
    return refusals;
  return [rejection(recordId, null, first.reason)];
}

const following = { everyDeal: false, otherStreams: false };

/** Records conflicts and rejections of organizations, replacing earlier rejections of sending. */
async function applyDecisions(
  transaction: Transaction,
  run: Run<RunRequest>,
  decided: readonly { recordId: number; decision: SendDecision }[],
  more: readonly NewRejection[] = [],
): Promise<void> {
  const all = [...more];
  for (const { recordId, decision } of decided) {
    const recorded = await recordConflicts(
      transaction,
      run.id,
      { stream: "organizations", recordId },
      decision.conflicts,
    );
    run.summary.sent.organizations.conflicts += recorded;
    for (const { field, reason, value } of decision.rejections) {
      all.push({ ...rejection(recordId, field, reason), value });
    }
  }
  const ids = decided.map(({ recordId }) => recordId);
  await replaceRejections(transaction, { runId: run.id, stream: "organizations", stage: sendStage }, ids, all);
  run.rejections += all.length;
}

async function rejectGone(run: Run<RunRequest>, { recordId, landed }: Required<EditedLook>["linked"]): Promise<void> {
  const state =
    landed === undefined
      ? "Pipedrive does not have it, or the token's user may not see it"
      : "it is deleted in Pipedrive";
  await commitRun(run.request.database, run.id, async (transaction) => {
    const gone = rejection(
      recordId,
      null,
      `the company's changes cannot be sent to organization ${recordId}: ${state}`,
    );
    await replaceRejections(
      transaction,
      { runId: run.id, stream: "organizations", stage: sendStage },
      [recordId],
      [gone],
    );
  });
  run.rejections++;
}

async function storeBase(
  transaction: Transaction,
  run: Run<RunRequest>,
  { recordId, row, hasLink, base: before }: Required<EditedLook>["linked"],
  base: JsonObject,
): Promise<void> {
  if (hasLink && sameJson(base, before)) return;
  const link = { recordId, model: "company", rowId: row.id, base } as const;
  await storeLinks(transaction, run.id, { stream: "organizations", links: [link] });
}

/** Returns the keys of a record that changed without being sent; custom fields by their own keys. */
function movedKeys(before: JsonObject, after: JsonObject, body: JsonObject): string[] {
  const moved = (one: JsonObject, other: JsonObject, sent: JsonObject) =>
    Object.keys(one).filter((key) => !Object.hasOwn(sent, key) && !sameJson(one[key], other[key]));
  // Pipedrive's own counts change by themselves.
  const counted = Object.fromEntries(optionalFields.organizations.map((field) => [field, null]));
  const keys = moved(before, after, { ...body, ...counted, update_time: null, custom_fields: null });
  const blocks = [before, after, body].map((one) => (one["custom_fields"] ?? {}) as JsonObject);
  return [...keys, ...moved(blocks[0]!, blocks[1]!, blocks[2]!)];
}

function rejection(recordId: number, field: string | null, reason: string): NewRejection {
  return { recordId, model: "company", field, stage: sendStage, reason };
}

function sentValue({ fields }: SendDecision, name: string): Json {
  return fields.find(({ field }) => field === name)?.to ?? null;
}

function text(value: Json): string {
  return JSON.stringify(value);
}
