import { keepChanges } from "../../database/history/run-history.ts";
import type { StoredRow } from "../../database/row.ts";
import {
  countLineItems,
  forgetPublished,
  movedObjects,
  nextUnpublished,
  type OutboxRow,
} from "../../database/rows/published.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { Failure } from "../../failure.ts";
import { fingerprintOf } from "../../mapping/fingerprint.ts";
import {
  type ModelName,
  parentOf,
  type RevenueKind,
  revenueKindOf,
  revenueKinds,
  revenueModels,
} from "../../model-name.ts";
import { modelPaths, publishingOrder } from "../../planhat/model-paths.ts";
import { kindNames } from "../../planhat/rights.ts";
import { tellHeld } from "../consent.ts";
import { planhatObject } from "../decide/planhat-object.ts";
import { computedAmounts } from "../decide/revenue-rules.ts";
import { nullFields } from "../land/null-fields.ts";
import type { PlanhatConnection, Run, RunRequest } from "../run-context.ts";
import { adoptCompanies } from "./adopt-companies.ts";
import { checkStages } from "./known-stages.ts";
import { noteLacking, refuseLacking, tellLacking } from "./lacking-models.ts";
import { askForTwins } from "./newcomers.ts";
import { beginPublication, mostRounds, noticeGone, type Publication, tellForgotten } from "./publication.ts";
import { commitPublished, type Letter, sendLetters, unchanged } from "./send-letters.ts";
import { foreignReason, takeOverMigrated } from "./take-over-items.ts";

/** Rows per read: a note may be 1 MB. */
const rowsAtOnce = 500;
/** Objects per bulk upsert, and characters of its body: Planhat accepts 5,000 and 32 MB (docs.planhat.com). */
const mostObjects = 5000;
const largestBody = 10_000_000;

/**
 * Publishes every row of the given models whose content Planhat has not accepted yet: companies first, in bulk upserts,
 * one after the other. Before that, Planhat's values of companies that are new here are taken over. Each call's result
 * is stored immediately, so a run that dies repeats at most one call, and every object has a key by which it is found.
 * An object that Planhat no longer has is looked up by its key, or created again, with all that belongs to it. Refused
 * rows are rejections, and are retried when they change. With `only` the other rows wait for another run.
 */
export async function publish(
  run: Run<RunRequest>,
  planhat: PlanhatConnection,
  models: ReadonlySet<ModelName>,
  only?: Publication["only"],
): Promise<void> {
  const publication = beginPublication(run, planhat, models, only);
  // Other runs notice it for rows that changed.
  const looksAtAll = run.summary.mode === "full" || run.summary.mode === "sweep";
  if (looksAtAll) await ofEachModel(publication, (model) => noticeGone(publication, model));
  for (;;) {
    await surveyCompanies(publication);
    const isDone = await ofEachModel(publication, (model) => publishModel(publication, model));
    if (isDone || publication.round === mostRounds) break;
    publication.round++;
  }
  for (const kind of revenueKinds) await removeGone(publication, kind);
  await publication.rehearsed?.end();
  tellForgotten(publication);
  await tellLacking(publication);
  tellBraked(publication);
}

/** Records, for a plan, what the brake would stop, and ends a publication that it stopped. */
function tellBraked({ run, brake }: Publication): void {
  if (brake === undefined) return;
  if (brake.stopped) throw brake.end();
  const held = brake.held();
  if (held.length > 0) tellHeld(run, "brake_planhat", held);
}

/** Takes over Planhat's values of companies that are new here, and finds out which of them wait as possible twins. */
async function surveyCompanies(publication: Publication): Promise<void> {
  const { run, planhat, rehearsed, twins } = publication;
  const survey = await adoptCompanies(run, planhat);
  for (const twin of survey.twins) twins.set(twin.sourceId, twin);
  rehearsed?.takeOver(survey.taken, survey.twins);
  publication.waiting = await askForTwins(run, planhat.client.host, [...twins.values()]);
}

/** Calls `work` for each of the publication's models until it returns false. Returns whether it reached the end. */
async function ofEachModel(publication: Publication, work: (model: ModelName) => Promise<boolean>): Promise<boolean> {
  for (const model of publishingOrder) {
    const kind = revenueKindOf(model);
    if (!publication.models.has(model) || (kind !== undefined && publication.lacks.has(kind))) continue;
    try {
      if (!(await work(model))) return false;
    } catch (error) {
      await noteLacking(publication, model, error);
    }
  }
  return true;
}

/** Publishes a model. Returns false if an earlier object was found missing, so that all models must be passed again. */
async function publishModel(publication: Publication, model: ModelName): Promise<boolean> {
  const { only } = publication;
  const { database, signal } = publication.run.request;
  let letters: Letter[] = [];
  let length = 0;
  let isFirst = true;
  const flush = async () => {
    const sent = letters;
    letters = [];
    length = 0;
    return sent.length === 0 || (await sendLetters(publication, model, sent));
  };
  for (let after: string | undefined; ; ) {
    signal.throwIfAborted();
    const rows = await nextUnpublished(database, model, { after, limit: rowsAtOnce });
    if (rows.length === 0) break;
    if (isFirst) {
      isFirst = false;
      // Rows may get ids of Planhat by it, so they are read again.
      if (await beforeModel(publication, model)) continue;
    }
    after = rows.at(-1)!.id;
    const chosen = only === undefined ? rows : rows.filter(({ sourceId }) => only[model].has(sourceId));
    for (const letter of await lettersOf(publication, model, withoutTwins(publication, model, chosen))) {
      const size = JSON.stringify(letter.object).length;
      if ((letters.length >= mostObjects || length + size > largestBody) && !(await flush())) return false;
      letters.push(letter);
      length += size;
    }
  }
  return flush();
}

/** Finds out, before rows of a model are sent, what the tenant has of it. Returns true if rows may differ now. */
async function beforeModel(publication: Publication, model: ModelName): Promise<boolean> {
  if (publication.rehearsed !== undefined && revenueKindOf(model) !== undefined)
    await refuseLacking(publication, model);
  if (model === "deal") await checkStages(publication);
  if (model === "lineitem") await takeOverMigrated(publication);
  return model === "lineitem";
}

/** Leaves out companies that wait for consent as twins, and rows that belong to them, which wait too. */
function withoutTwins({ waiting }: Publication, model: ModelName, rows: readonly OutboxRow[]): OutboxRow[] {
  return rows.filter(({ sourceId, planhatId, companySourceId, parentPlanhatId }) =>
    model === "company"
      ? planhatId !== null || !waiting.has(sourceId)
      : parentPlanhatId !== null || companySourceId === null || !waiting.has(companySourceId),
  );
}

/** Returns the rows to send. Rows that are equal in Planhat, or that must wait, are recorded immediately. */
async function lettersOf(publication: Publication, model: ModelName, outbox: readonly OutboxRow[]): Promise<Letter[]> {
  const {
    run,
    planhat: { customFields, client },
    brake,
  } = publication;
  if (customFields instanceof Failure) throw customFields;
  const { database, mapping } = run.request;
  const reasonOf = (row: OutboxRow) => whyWaiting(publication, model, row);
  const waiting = outbox.filter((row) => reasonOf(row) !== undefined);
  const ready = outbox.filter((row) => !waiting.includes(row));
  const ids = ready.map(({ sourceId }) => sourceId);
  const stored = new Map((await readRows(database, model, ids)).map((row) => [row.sourceId, row]));
  const nulls = await nullFields(database, mapping, model, ids);
  const items = model === "deal" ? await countLineItems(database, ids) : undefined;
  const letters: Letter[] = [];
  const same: OutboxRow[] = [];
  for (const row of ready) {
    const content = stored.get(row.sourceId);
    if (content === undefined) continue;
    const object = planhatObject(model, content, {
      parentPlanhatId: row.parentPlanhatId,
      givenBefore: new Set(row.fields),
      nulls: nulls.get(row.sourceId) ?? new Set(),
      customFields: customFields[model],
      lineItems: items?.get(row.sourceId),
      isNew: row.planhatId === null,
      names: client.names,
    });
    tellComputed(publication, content, items?.get(row.sourceId));
    const hash = fingerprintOf(object);
    if (hash === row.hash && row.planhatId !== null) same.push(row);
    else letters.push({ row, object, hash, fields: [...new Set([...row.fields, ...Object.keys(object)])] });
  }
  if (brake?.stopped === true) await countUnsent(publication, model, waiting);
  else if (waiting.length + same.length > 0) {
    await commitPublished(run, model, [
      ...same.map((row) => ({ row, published: { ...unchanged(row), hash: row.hash } })),
      ...waiting.map((row) => ({ row, published: { ...unchanged(row), hash: null }, refused: reasonOf(row)! })),
    ]);
    if (run.summary.planhat !== undefined) run.summary.planhat.published[model].rejected += waiting.length;
  }
  return letters;
}

/** Counts what a stopped publication would have harmed once the companies were made that it did not send. */
async function countUnsent(
  { brake, unsent }: Publication,
  model: ModelName,
  waiting: readonly OutboxRow[],
): Promise<void> {
  const parent = parentOf[model];
  if (parent === undefined) return;
  const wouldGo = waiting.filter(({ parentSourceId }) => unsent[parent].has(parentSourceId ?? ""));
  for (const { sourceId } of wouldGo) unsent[model].add(sourceId);
  await brake!.mayHarm(
    model,
    wouldGo.flatMap(({ harmed, sourceId }) => (harmed ? [sourceId] : [])),
  );
}

/** Returns why a row cannot be sent yet; undefined if it can. */
function whyWaiting(
  publication: Publication,
  model: ModelName,
  { sourceId, planhatId, parentPlanhatId, parentSourceId }: OutboxRow,
): string | undefined {
  const parent = parentOf[model];
  if (parent === undefined) return undefined;
  if (parentPlanhatId === null && parentSourceId === null)
    return `it has no ${modelPaths[parent].thing}, and Planhat takes it only with one`;
  if (parentPlanhatId === null && parent === "company")
    return `Planhat has not taken its company yet (organization ${parentSourceId})`;
  if (parentPlanhatId === null) return `Planhat has not taken its deal yet (deal ${parentSourceId})`;
  return model === "lineitem" && planhatId === null ? foreignReason(publication, sourceId) : undefined;
}

/** Counts, for a plan, a deal whose mapped amounts Planhat computes. */
function tellComputed({ rehearsed }: Publication, { columns }: StoredRow, lineItems = 0): void {
  const isMapped = [...computedAmounts].some((name) => (columns[name] ?? null) !== null);
  if (isMapped && lineItems > 0) rehearsed?.countComputed(lineItems);
}

/**
 * Removes the objects of rows of one kind that went. If rows of the other kind took their place, nothing is deleted: a
 * tenant that was migrated has made deals of its licenses itself. Then they are only forgotten.
 */
async function removeGone(publication: Publication, kind: RevenueKind): Promise<void> {
  const { run, rehearsed, unsent } = publication;
  const { kind: mapped } = run.request.mapping.deals;
  const models = revenueModels[kind].toReversed();
  const otherOf = (model: ModelName) => (kind === "deals" ? undefined : models.find((one) => one !== model));
  if (mapped === undefined || mapped === kind) {
    for (const model of models) await removeMoved(publication, model, otherOf(model));
    return;
  }
  let count = 0;
  for (const model of models) {
    const asIfTaken = [...unsent.license, ...unsent.sale];
    const gone = await movedObjects(run.request.database, model, otherOf(model), asIfTaken);
    count += gone.length;
    if (gone.length === 0 || rehearsed !== undefined) continue;
    await commitRun(run.request.database, run.id, (transaction) =>
      forgetPublished(
        transaction,
        model,
        gone.map(({ sourceId }) => sourceId),
      ),
    );
  }
  if (count === 0) return;
  const [one, other] = revenueModels[kind].map((model) => modelPaths[model].things);
  run.request.onWarning?.(
    `${kindNames[mapped]} take the place of ${count} ${one} or ${other} that were published: nothing of these was deleted in Planhat.`,
  );
}

/** Removes a deal's object of the model to which it belonged before (contract, section 7), or that others replaced. */
async function removeMoved(
  { run, planhat: { client }, rehearsed, brake, unsent, only, lacks }: Publication,
  model: ModelName,
  other: ModelName | undefined,
): Promise<void> {
  if (lacks.has(revenueKindOf(model)!)) return;
  const { database } = run.request;
  const { path, things } = modelPaths[model];
  const moved = (
    await movedObjects(database, model, other, [...unsent[model], ...(other ? unsent[other] : [])])
  ).filter(({ sourceId }) => only === undefined || only[model].has(sourceId));
  const harmed = moved.flatMap(({ sourceId, planhatId }) => (planhatId === null ? [] : [sourceId]));
  if (brake !== undefined && !(await brake.mayHarm(model, harmed))) return;
  for (const { sourceId, planhatId } of moved) {
    const remove = (id: string) => rehearsed?.remove(model, id) ?? client.delete(path, id, things);
    const isRemoved = planhatId !== null && (await remove(planhatId));
    if (isRemoved) run.summary.planhat!.published[model].deleted++;
    await commitRun(database, run.id, async (transaction) => {
      const change = { action: "publish", model, sourceId, rowId: null, because: { by: "removed" } } as const;
      if (isRemoved) await keepChanges(transaction, run.history, [change]);
      await forgetPublished(transaction, model, [sourceId]);
      if (planhatId !== null) await brake?.store(transaction, model, { harmed: 1, gone: 1 });
    });
  }
}
