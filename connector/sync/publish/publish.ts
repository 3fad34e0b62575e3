import { keepChanges } from "../../database/history/run-history.ts";
import { forgetPublished, movedObjects, nextUnpublished, type OutboxRow } from "../../database/rows/published.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { Failure } from "../../failure.ts";
import { fingerprintOf } from "../../mapping/fingerprint.ts";
import type { ModelName } from "../../model-name.ts";
import { modelPaths, publishingOrder } from "../../planhat/model-paths.ts";
import { PlanhatRefusal } from "../../planhat/refusal.ts";
import { missingModels } from "../../planhat/rights.ts";
import { tellHeld } from "../consent.ts";
import { planhatObject } from "../decide/planhat-object.ts";
import { nullFields } from "../land/null-fields.ts";
import type { PlanhatConnection, Run, RunRequest } from "../run-context.ts";
import { adoptCompanies } from "./adopt-companies.ts";
import { askForTwins } from "./newcomers.ts";
import { beginPublication, mostRounds, noticeGone, type Publication, tellForgotten } from "./publication.ts";
import { commitPublished, type Letter, sendLetters, unchanged } from "./send-letters.ts";

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
  await removeMoved(publication, "license", "sale");
  await removeMoved(publication, "sale", "license");
  await publication.rehearsed?.end();
  tellForgotten(publication);
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
async function ofEachModel(
  { planhat, models }: Publication,
  work: (model: ModelName) => Promise<boolean>,
): Promise<boolean> {
  for (const model of publishingOrder) {
    if (!models.has(model)) continue;
    try {
      if (!(await work(model))) return false;
    } catch (error) {
      throw await explained(error, planhat, model);
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

/** Leaves out companies that wait for consent as twins, and rows that belong to them, which wait too. */
function withoutTwins({ waiting }: Publication, model: ModelName, rows: readonly OutboxRow[]): OutboxRow[] {
  return rows.filter(({ sourceId, planhatId, companySourceId, companyPlanhatId }) =>
    model === "company"
      ? planhatId !== null || !waiting.has(sourceId)
      : companyPlanhatId !== null || companySourceId === null || !waiting.has(companySourceId),
  );
}

/** Returns the rows to send. Rows that are equal in Planhat, or that must wait, are recorded immediately. */
async function lettersOf(publication: Publication, model: ModelName, outbox: readonly OutboxRow[]): Promise<Letter[]> {
  const {
    run,
    planhat: { customFields },
    brake,
  } = publication;
  if (customFields instanceof Failure) throw customFields;
  const { database, mapping } = run.request;
  const waiting = model === "company" ? [] : outbox.filter(({ companyPlanhatId }) => companyPlanhatId === null);
  const ready = outbox.filter((row) => !waiting.includes(row));
  const ids = ready.map(({ sourceId }) => sourceId);
  const stored = new Map((await readRows(database, model, ids)).map((row) => [row.sourceId, row]));
  const nulls = await nullFields(database, mapping, model, ids);
  const letters: Letter[] = [];
  const same: OutboxRow[] = [];
  for (const row of ready) {
    const content = stored.get(row.sourceId);
    if (content === undefined) continue;
    const object = planhatObject(model, content, {
      companyPlanhatId: row.companyPlanhatId,
      givenBefore: new Set(row.fields),
      nulls: nulls.get(row.sourceId) ?? new Set(),
      customFields: customFields[model],
    });
    const hash = fingerprintOf(object);
    if (hash === row.hash && row.planhatId !== null) same.push(row);
    else letters.push({ row, object, hash, fields: [...new Set([...row.fields, ...Object.keys(object)])] });
  }
  if (brake?.stopped === true) await countUnsent(publication, model, waiting);
  else if (waiting.length + same.length > 0) {
    await commitPublished(run, model, [
      ...same.map((row) => ({ row, published: { ...unchanged(row), hash: row.hash } })),
      ...waiting.map((row) => ({ row, published: { ...unchanged(row), hash: null }, refused: waitingReason(row) })),
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
  const wouldGo = waiting.filter(({ companySourceId }) => unsent.company.has(companySourceId ?? ""));
  for (const { sourceId } of wouldGo) unsent[model].add(sourceId);
  await brake!.mayHarm(
    model,
    wouldGo.flatMap(({ harmed, sourceId }) => (harmed ? [sourceId] : [])),
  );
}

function waitingReason({ companySourceId }: OutboxRow): string {
  return companySourceId === null
    ? "it has no company, and Planhat takes it only with one"
    : `Planhat has not taken its company yet (organization ${companySourceId})`;
}

/** Removes a deal's object of the model to which it belonged before (contract, section 7). */
async function removeMoved(
  { run, planhat: { client }, rehearsed, brake, unsent, only }: Publication,
  model: ModelName,
  other: ModelName,
): Promise<void> {
  const { database } = run.request;
  const { path, things } = modelPaths[model];
  const moved = (await movedObjects(database, model, other, [...unsent.license, ...unsent.sale])).filter(
    ({ sourceId }) => only === undefined || only[model].has(sourceId),
  );
  const harmed = moved.flatMap(({ sourceId, planhatId }) => (planhatId === null ? [] : [sourceId]));
  if (brake !== undefined && !(await brake.mayHarm(model, harmed))) return;
  for (const { sourceId, planhatId } of moved) {
    const remove = (id: string) => rehearsed?.remove(model, id) ?? client.delete(path, id, things);
    const isRemoved = planhatId !== null && (await remove(planhatId));
    if (isRemoved) run.summary.planhat!.published[model].deleted++;
    await commitRun(database, run.id, async (transaction) => {
      const change = { action: "publish", model, sourceId, rowId: null, because: { by: "removed" } } as const;
      if (isRemoved) await keepChanges(transaction, run.history, [change]);
      await forgetPublished(transaction, model, sourceId);
      if (planhatId !== null) await brake?.store(transaction, model, { harmed: 1, gone: 1 });
    });
  }
}

/** Explains a 404: a tenant without licenses or sales has the newer Deal and Line Item. */
async function explained(error: unknown, { client }: PlanhatConnection, model: ModelName): Promise<unknown> {
  if (!(error instanceof PlanhatRefusal) || error.status !== 404) return error;
  return model === "license" || model === "sale" ? missingModels(client, [modelPaths[model].things]) : error;
}
