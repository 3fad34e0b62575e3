import type { Transaction } from "../../database/database.ts";
import { keepChanges } from "../../database/history/run-history.ts";
import { readSincePublished } from "../../database/history/since-published.ts";
import { forgetPlanhatIds, otherHolders, type PlanhatId } from "../../database/rows/planhat-ids.ts";
import { type OutboxRow, type PublishedRow, storePublished } from "../../database/rows/published.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { replaceObjectRejections } from "../../database/tables/object-rejections.ts";
import { publishStage, replaceRejections } from "../../database/tables/rejections.ts";
import { fingerprintOf } from "../../mapping/fingerprint.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, parentOf } from "../../model-name.ts";
import { externalIdOf, sourceOf, streamsOf } from "../../source-id.ts";
import { fieldsOf, type LeftOut, withFields } from "../decide/leave-out-refused.ts";
import { parentKey } from "../decide/planhat-object.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { mostRounds, noticeGone, type Publication } from "./publication.ts";
import { publicationChanges } from "./publication-changes.ts";
import { type SentObject, takenForAnother } from "./send-objects.ts";
import { sendTakenFields } from "./send-taken-fields.ts";

/** A row to send, with its object for Planhat. */
export interface Letter {
  row: OutboxRow;
  object: JsonObject;
  hash: string;
  fields: string[];
}

/** The result for a row, with the reason if Planhat refused it. */
export interface Committed {
  row: OutboxRow;
  published: PublishedRow;
  refused?: string;
  /** Fields that Planhat refused in an object that it accepted without them. */
  leftOut?: readonly LeftOut[];
  /** The object that Planhat accepted, and whether it was created. */
  taken?: { object: JsonObject; created: boolean };
}

/** A letter with its result. */
interface Answered {
  letter: Letter;
  result: SentObject;
}

/**
 * Sends letters in one bulk upsert and stores the results. Returns false if a company was missing, or if an object
 * belonged to another row: the affected rows must be published before the rest.
 */
export async function sendLetters(
  publication: Publication,
  model: ModelName,
  letters: readonly Letter[],
): Promise<boolean> {
  const { run, planhat, knownIds, newCompanies, rehearsed, round, brake, unsent } = publication;
  run.request.signal.throwIfAborted();
  const harmed = new Set(letters.flatMap(({ row }) => (row.harmed ? [row.sourceId] : [])));
  if (brake !== undefined && !(await brake.mayHarm(model, [...harmed]))) {
    for (const { row } of letters) unsent[model].add(row.sourceId);
    return true;
  }
  const counts = run.summary.planhat!.published[model];
  const isLost = (id: string | null) => id === null || knownIds.isGone(model, id);
  const objects = letters.map(({ row, object }) =>
    isLost(row.planhatId) ? object : { _id: row.planhatId, ...object },
  );
  const results =
    (await rehearsed?.send(model, letters)) ??
    (await sendTakenFields(
      {
        client: planhat.client,
        ...{ model, counts, knownIds },
        // In a later round a note may be there that an earlier one sent.
        ...(round === 1 ? { newCompanies } : {}),
        parentKey: parentKey(model, planhat.client.names),
      },
      objects,
    ));
  const all: Answered[] = letters.map((letter, place) => ({ letter, result: results[place]! }));
  if (model === "company")
    for (const result of results) if ("id" in result && result.created) newCompanies.add(result.id);
  // A row that waits for its company or deal stays unchanged, and is sent again once that exists.
  const answered = all.filter(({ result }) => round === mostRounds || !("parentGone" in result));
  const known = await otherHolders(run.request.database, model, claimsOf(answered));
  const idNow = new Map(answered.map(({ letter: { row }, result }) => [row.sourceId, "id" in result && result.id]));
  const holders = known.filter(({ sourceId, planhatId }) => (idNow.get(sourceId) ?? planhatId) === planhatId);
  const moved = known.filter((one) => !holders.includes(one)).map(({ sourceId }) => sourceId);
  const released = round === 1 ? holders.map(({ sourceId }) => sourceId) : [];
  const gone = answered.flatMap(({ letter: { row } }) =>
    row.planhatId !== null && knownIds.isGone(model, row.planhatId) ? [row.sourceId] : [],
  );
  const heldBy = new Map(round === 1 ? [] : holders.map(({ planhatId, sourceId }) => [planhatId, sourceId]));
  const committed = answered.map((one) => committedOf(model, one, new Set(gone), heldBy));
  counts.rejected += committed.filter(({ refused }) => refused !== undefined).length;
  const done = committed.filter(({ row, refused }) => refused === undefined && harmed.has(row.sourceId)).length;
  await commitPublished(run, model, committed, {
    forgotten: [...released, ...moved, ...gone],
    alongside: (transaction) => brake?.store(transaction, model, { harmed: done, gone: 0 }),
  });
  publication.forgotten[model] += answered.filter(isReplaced(new Set(gone))).length;
  if (answered.length < all.length) await noticeGone(publication, parentOf[model]!);
  return answered.length === all.length && released.length === 0;
}

/**
 * Returns ids that rows received and did not have, of objects that were not created for them: another row may have had
 * them.
 */
function claimsOf(answered: readonly Answered[]): PlanhatId[] {
  return answered.flatMap(({ letter: { row }, result }) =>
    "refused" in result || result.created || result.id === row.planhatId
      ? []
      : [{ sourceId: row.sourceId, planhatId: result.id }],
  );
}

/** Returns a test whether Planhat no longer had a row's object: it has another id now, or none. */
function isReplaced(gone: ReadonlySet<string>): (one: Answered) => boolean {
  return ({ letter: { row }, result }) =>
    gone.has(row.sourceId) || (row.planhatId !== null && "id" in result && result.id !== row.planhatId);
}

function committedOf(
  model: ModelName,
  { letter: { row, object, hash, fields }, result }: Answered,
  gone: ReadonlySet<string>,
  heldBy: ReadonlyMap<string, string>,
): Committed {
  const before = { ...unchanged(row), ...(gone.has(row.sourceId) ? { planhatId: null } : {}), hash: null };
  if ("refused" in result) return { row, published: before, refused: result.refused };
  const other = heldBy.get(result.id);
  if (other !== undefined && result.id !== row.planhatId) {
    return { row, published: before, refused: takenForAnother(model, other) };
  }
  const { id: planhatId, leftOut = [] } = result;
  if (leftOut.length === 0) {
    const content = model === "company" ? object : null;
    return {
      row,
      published: { ...before, planhatId, hash, fields, content },
      taken: { object, created: result.created },
    };
  }
  const refused = new Set(leftOut.map(({ field }) => field));
  const taken = withFields(
    object,
    fieldsOf(object).filter((field) => !refused.has(field)),
  );
  const content = model === "company" ? taken : null;
  const given = [...new Set([...row.fields, ...Object.keys(taken)])];
  return {
    row,
    published: { ...before, planhatId, hash: fingerprintOf(taken), fields: given, content },
    leftOut,
    taken: { object: taken, created: result.created },
  };
}

/** Returns the record of a row that stays published unchanged. */
export function unchanged(row: OutboxRow): PublishedRow {
  const { sourceId, planhatId, parentPlanhatId, version, hash, fields } = row;
  return { sourceId, planhatId, parentPlanhatId, version, hash, fields, content: null };
}

/** The rest of a transaction that stores results: the rows that lose their ids of Planhat, and further writes. */
interface Alongside {
  forgotten?: readonly string[];
  alongside?(transaction: Transaction): Promise<void> | undefined;
}

/** Stores the results of rows, with their rejections, in one transaction. */
export async function commitPublished(
  run: Run<RunRequest>,
  model: ModelName,
  rows: readonly Committed[],
  { forgotten = [], alongside }: Alongside = {},
): Promise<void> {
  const refusals = rows.flatMap(({ row, refused, leftOut = [] }) => {
    const all = refused === undefined ? leftOut : [{ field: null, reason: refused }];
    return all.map((one) => ({ row, one }));
  });
  const ofObjects = refusals.flatMap(({ row: { sourceId }, one: { field, reason } }) => {
    const externalId = externalIdOf(sourceId);
    return externalId === undefined ? [] : [{ externalId, field, reason }];
  });
  const rejections = refusals.flatMap(({ row: { sourceId }, one }) =>
    externalIdOf(sourceId) === undefined ? [{ ...sourceOf(model, sourceId), model, stage: publishStage, ...one }] : [],
  );
  await commitRun(run.request.database, run.id, async (transaction: Transaction) => {
    await keepPublished(transaction, run, model, rows);
    await forgetPlanhatIds(transaction, model, forgotten);
    await storePublished(
      transaction,
      model,
      rows.map(({ published }) => published),
    );
    const sources = rows.map(({ row }) => sourceOf(model, row.sourceId));
    for (const stream of streamsOf[model]) {
      const recordIds = sources.flatMap((one) =>
        one.stream === stream && Number.isSafeInteger(one.recordId) ? [one.recordId] : [],
      );
      if (recordIds.length === 0) continue;
      await replaceRejections(
        transaction,
        { runId: run.id, stream, stage: publishStage },
        recordIds,
        rejections.filter((one) => one.stream === stream),
      );
    }
    const externalIds = rows.flatMap(({ row }) => externalIdOf(row.sourceId) ?? []);
    if (externalIds.length > 0)
      await replaceObjectRejections(transaction, { runId: run.id, model, stage: publishStage }, externalIds, ofObjects);
    await alongside?.(transaction);
  });
  run.rejections += refusals.length;
}

/** Stores the accepted objects in the run's history, before they are recorded as published. */
async function keepPublished(
  transaction: Transaction,
  { history, request }: Run<RunRequest>,
  model: ModelName,
  rows: readonly Committed[],
): Promise<void> {
  const taken = rows.flatMap(({ row, taken: one }) => (one === undefined ? [] : [{ row, ...one }]));
  if (taken.length === 0 || !history.isKept || request.database.rehearsal) return;
  const there = taken.filter(({ created }) => !created).map(({ row }) => row.sourceId);
  const since = await readSincePublished(transaction, model, there, history.runId);
  await keepChanges(transaction, history, publicationChanges(model, taken, since));
}
