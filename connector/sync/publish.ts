import type { Transaction } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import {
  forgetPublished,
  movedObjects,
  nextUnpublished,
  type OutboxRow,
  type PublishedRow,
  storePublished,
} from "../database/published.ts";
import { publishStage, replaceRejections } from "../database/rejections.ts";
import { readRows } from "../database/rows.ts";
import { Failure } from "../failure.ts";
import { fingerprintOf } from "../mapping/fingerprint.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { modelPaths, publishingOrder } from "../planhat/model-paths.ts";
import { PlanhatRefusal } from "../planhat/refusal.ts";
import { missingModels } from "../planhat/rights.ts";
import { adoptCompanies } from "./adopt-companies.ts";
import { nullFields, streamOf } from "./null-fields.ts";
import type { PlanhatConnection } from "./planhat-connection.ts";
import { planhatObject } from "./planhat-object.ts";
import type { Run, RunRequest } from "./run-sync.ts";
import { type SentObject, sendObjects } from "./send-objects.ts";

/** Rows read at once: a note may be as large as a megabyte. */
const rowsAtOnce = 500;
/** Most objects of a bulk upsert, and characters of its body: Planhat takes 5,000 and 32 MB (docs.planhat.com). */
const mostObjects = 5000;
const largestBody = 10_000_000;

/** A row that is to be sent, as the object that Planhat is given. */
interface Letter {
  row: OutboxRow;
  object: JsonObject;
  hash: string;
  fields: string[];
}

/**
 * Publishes every row of the given models whose content Planhat has not taken yet: companies before everything else, in bulk upserts, one
 * after the other. What Planhat itself holds of companies that are new here is taken in before. What Planhat took is written down after each call, so a run that dies sends at most one call again, and
 * all objects have a key that they are found by. Rows that it refuses are rejections, and are tried again when they change.
 */
export async function publish(
  run: Run<RunRequest>,
  planhat: PlanhatConnection,
  models: ReadonlySet<ModelName>,
): Promise<void> {
  await adoptCompanies(run, planhat);
  for (const model of publishingOrder) {
    if (!models.has(model)) continue;
    try {
      await publishModel(run, planhat, model);
    } catch (error) {
      throw await explained(error, planhat, model);
    }
  }
  await removeMoved(run, planhat, "license", "sale");
  await removeMoved(run, planhat, "sale", "license");
}

async function publishModel(run: Run<RunRequest>, planhat: PlanhatConnection, model: ModelName): Promise<void> {
  const { database, signal } = run.request;
  let letters: Letter[] = [];
  let length = 0;
  const flush = async () => {
    if (letters.length > 0) await sendLetters(run, planhat, model, letters);
    letters = [];
    length = 0;
  };
  for (let after: string | undefined; ; ) {
    signal.throwIfAborted();
    const rows = await nextUnpublished(database, model, { after, limit: rowsAtOnce });
    if (rows.length === 0) break;
    after = rows.at(-1)!.id;
    for (const letter of await lettersOf(run, planhat, model, rows)) {
      const size = JSON.stringify(letter.object).length;
      if (letters.length >= mostObjects || length + size > largestBody) await flush();
      letters.push(letter);
      length += size;
    }
  }
  await flush();
}

/** The rows that are to be sent. Those that are the same as Planhat has them, or must wait, are written down at once. */
async function lettersOf(
  run: Run<RunRequest>,
  { customFields }: PlanhatConnection,
  model: ModelName,
  outbox: readonly OutboxRow[],
): Promise<Letter[]> {
  if (customFields instanceof Failure) throw customFields;
  const { database, mapping } = run.request;
  const waiting = model === "company" ? [] : outbox.filter(({ companyPlanhatId }) => companyPlanhatId === null);
  const ready = outbox.filter((row) => !waiting.includes(row));
  const ids = ready.map(({ sourceId }) => sourceId);
  const stored = new Map((await readRows(database, model, ids)).map((row) => [row.sourceId, row]));
  const nulls = await nullFields(database, mapping, model, ids.map(Number).filter(Number.isSafeInteger));
  const letters: Letter[] = [];
  const same: OutboxRow[] = [];
  for (const row of ready) {
    const content = stored.get(row.sourceId);
    if (content === undefined) continue;
    const object = planhatObject(model, content, {
      companyPlanhatId: row.companyPlanhatId,
      givenBefore: new Set(row.fields),
      nulls: nulls.get(Number(row.sourceId)) ?? new Set(),
      customFields: customFields[model],
    });
    const hash = fingerprintOf(object);
    if (hash === row.hash && row.planhatId !== null) same.push(row);
    else letters.push({ row, object, hash, fields: [...new Set([...row.fields, ...Object.keys(object)])] });
  }
  if (waiting.length + same.length > 0) {
    await commit(run, model, [
      ...same.map((row) => ({ row, published: { ...unchanged(row), hash: row.hash } })),
      ...waiting.map((row) => ({ row, published: { ...unchanged(row), hash: null }, refused: waitingReason(row) })),
    ]);
    if (run.summary.planhat !== undefined) run.summary.planhat.published[model].rejected += waiting.length;
  }
  return letters;
}

async function sendLetters(
  run: Run<RunRequest>,
  { client }: PlanhatConnection,
  model: ModelName,
  letters: readonly Letter[],
): Promise<void> {
  run.request.signal.throwIfAborted();
  // An object that Planhat refused is looked for by its key: the one with the known id may have been removed there.
  const objects = letters.map(({ row, object }) =>
    row.planhatId === null || (row.isKnown && row.hash === null && model !== "note")
      ? object
      : { _id: row.planhatId, ...object },
  );
  const results = await sendObjects(client, model, objects, run.summary.planhat!.published[model]);
  await commit(
    run,
    model,
    letters.map(({ row, object, hash, fields }, place) => {
      const result: SentObject = results[place]!;
      if ("refused" in result) return { row, published: { ...unchanged(row), hash: null }, refused: result.refused };
      const content = model === "company" ? object : null;
      return { row, published: { ...unchanged(row), planhatId: result.id, hash, fields, content } };
    }),
  );
}

function unchanged(row: OutboxRow): PublishedRow {
  const { sourceId, planhatId, companyPlanhatId, version, hash, fields } = row;
  return { sourceId, planhatId, companyPlanhatId, version, hash, fields, content: null };
}

function waitingReason({ companySourceId }: OutboxRow): string {
  return companySourceId === null
    ? "it has no company, and Planhat takes it only with one"
    : `Planhat has not taken its company yet (organization ${companySourceId})`;
}

/** Writes down what became of rows, with their rejections, in one transaction. */
async function commit(
  run: Run<RunRequest>,
  model: ModelName,
  rows: readonly { row: OutboxRow; published: PublishedRow; refused?: string }[],
): Promise<void> {
  const rejections = rows.flatMap(({ row, refused }) =>
    refused === undefined
      ? []
      : [{ recordId: Number(row.sourceId), model, field: null, stage: publishStage, reason: refused }],
  );
  await run.request.database.transaction(async (transaction: Transaction) => {
    await storePublished(
      transaction,
      model,
      rows.map(({ published }) => published),
    );
    const recordIds = rows.map(({ row }) => Number(row.sourceId)).filter(Number.isSafeInteger);
    await replaceRejections(transaction, run.id, streamOf[model], recordIds, rejections, publishStage);
    await holdFence(transaction, run.id);
  });
  run.rejections += rejections.length;
}

/** Removes in Planhat what a deal was before it became the other model (contract, section 7). */
async function removeMoved(
  run: Run<RunRequest>,
  { client }: PlanhatConnection,
  model: ModelName,
  other: ModelName,
): Promise<void> {
  const { database } = run.request;
  const { path, things } = modelPaths[model];
  for (const { sourceId, planhatId } of await movedObjects(database, model, other)) {
    if (planhatId !== null && (await client.delete(path, planhatId, things))) {
      run.summary.planhat!.published[model].deleted++;
    }
    await database.transaction(async (transaction) => {
      await forgetPublished(transaction, model, sourceId);
      await holdFence(transaction, run.id);
    });
  }
}

/** A tenant without licenses or sales has the newer Deal and Line Item: that is worth saying. */
async function explained(error: unknown, { client }: PlanhatConnection, model: ModelName): Promise<unknown> {
  if (!(error instanceof PlanhatRefusal) || error.status !== 404) return error;
  return model === "license" || model === "sale" ? missingModels(client, [modelPaths[model].things]) : error;
}
