import { randomUUID } from "node:crypto";
import { pruneChanges, usualKeepDays } from "../../database/history/prune-changes.ts";
import { pruneKeptValues } from "../../database/history/retention.ts";
import { countPending } from "../../database/landing/pending.ts";
import { countKeptRows } from "../../database/rows/kept.ts";
import type { ConsentKind } from "../../database/tables/consents.ts";
import { claimFence } from "../../database/tables/fence.ts";
import { readForgotten } from "../../database/tables/forgotten.ts";
import type { HarmScope } from "../../database/tables/harm.ts";
import { finishRun, type OverWithRun, startRun } from "../../database/tables/runs.ts";
import { analyzeLanding, analyzeRows } from "../../database/tables/statistics.ts";
import { Failure } from "../../failure.ts";
import { receives } from "../../mapping/direction.ts";
import { usageSince } from "../../pipedrive/client/budget.ts";
import { toldMessage } from "../../told-error.ts";
import { applyPending } from "../apply/apply-pending.ts";
import { hold, holdRows, rowBrakeOf, tellBrakedRows } from "../brake/brake-run.ts";
import { LinePassed } from "../brake/held-by-brake.ts";
import { readMappingChange } from "../brake/mapping-change.ts";
import { recordHeld } from "../consent.ts";
import { extractCompany } from "../land/extract-company.ts";
import { extractStream, readingOrder } from "../land/extract-stream.ts";
import { refreshAsked } from "../land/refresh-asked.ts";
import { publishRun, receiveRun } from "../publish/planhat-run.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest, SyncOutcome, SyncRequest } from "../run-context.ts";
import { readEdited } from "../send/read-edited.ts";
import { sendCompanies } from "../send/send-companies.ts";
import { beginSending } from "../send/sending.ts";
import { takeOthers } from "../send/take-others.ts";
import { isFirstRun, isSweeping, restartStreams } from "../stream-progress.ts";
import { balanceDeals, emptySummary, type RunMode } from "../summary.ts";
import { extractProducts, extractProductsOf } from "./extract-products.ts";
import { gatherOlder } from "./gather-older.ts";
import { openRejections } from "./open-rejections.ts";
import { tellPassedWords } from "./passed-words.ts";
import { readLean } from "./read-lean.ts";
import { remapIfChanged } from "./remap-if-changed.ts";
import { tellStart } from "./tell-run.ts";
import { beginThinning, tellLean, thinLanding } from "./thin-landing.ts";

/** Above this many records run ANALYZE: the planner's statistics are stale. */
const largeLoad = 5_000;

/**
 * Runs one sync: Pipedrive → landing → selection → mapping → rows. Pages land in one transaction with their bookmark
 * and pending entries, which are removed when their rows are stored. So after a kill at any moment the next run
 * continues. Never throws for failures within the run: the failure is in the outcome, with the counts so far.
 */
export async function runSync(request: SyncRequest): Promise<SyncOutcome> {
  return carryOut(request, await modeOf(request), extract, request.companies);
}

/**
 * Executes a run in this order:
 * 1. Records the start.
 * 2. Calls `collect`, which queues work.
 * 3. Reads Planhat's own changes.
 * 4. Applies the pending entries.
 * 5. Sends changes of companies to Pipedrive.
 * 6. Publishes changes, if Planhat's API is configured.
 * 7. Records the end.
 * `companies` limits step 4 to these organizations; empty for all. A Failure returned by `collect` says that input is
 * missing: the received part is applied and published, and stays pending. If Pipedrive accepts nothing, the tables are
 * still published.
 */
export async function carryOut<Request extends RunRequest>(
  request: Request,
  mode: RunMode,
  collect: (run: Run<Request>) => Promise<Failure | undefined> | Promise<void>,
  companies: readonly number[] = [],
): Promise<SyncOutcome> {
  const { database } = request;
  const started = performance.now();
  const id = randomUUID();
  const summary = emptySummary(id, mode);
  const { startedBy, keepDays = usualKeepDays, mapping } = request;
  const history = { runId: id, isKept: keepDays > 0 };
  const changedInPlanhat = new Map<number, string>();
  const run: Run<Request> = { request, id, summary, rejections: 0, history, changedInPlanhat, held: new Map() };
  run.brake = rowBrakeOf(run);
  await database.transaction(async (transaction) => {
    const started = { startedBy, mapping: mapping.fingerprint, changesKept: history.isKept };
    const begun = await startRun(transaction, run.id, run.summary.mode, started);
    run.anyDismissed = begun.dismissed;
    run.anyLean = begun.lean;
    if (begun.forgotten) run.forgotten = await readForgotten(transaction);
    await claimFence(transaction, run.id);
  });
  const tellEnd = tellStart(run);
  let failure: unknown;
  try {
    await beginThinning(run);
    const sending = await beginSending(run);
    await tellPassedWords(run);
    const lacking = await collect(run);
    await renewMapping(run);
    const received = await receiveRun(run);
    const fresh = sending === undefined ? undefined : await readEdited(run, sending, companies);
    const { besideHeld } = run;
    const applied = besideHeld?.organizations ?? companies;
    if (besideHeld === undefined || applied.length > 0)
      await applyAll(run, { companies: applied, keep: lacking !== undefined });
    run.isApplied = companies.length === 0 && lacking === undefined && besideHeld === undefined;
    tellBrakedRows(run);
    balanceDeals(run.summary);
    run.summary.kept = await countKeptRows(database);
    if (besideHeld !== undefined) throw hold(run, "brake", besideHeld.held);
    const goOutside = async (of: Run<RunRequest>) => {
      const unsent =
        sending === undefined ? undefined : await failureOf(() => sendCompanies(of, sending, fresh!, companies));
      const unpublished = await failureOf(() => publishRun(of, received));
      const failures = [unsent, unpublished].filter((one) => one !== undefined);
      if (failures.length > 0) throw joined(failures);
    };
    await request.beforeOutside?.(run, goOutside);
    await goOutside(run);
    if (lacking !== undefined) throw lacking;
    run.summary.status = (await openRejections(run)) > 0 ? "partial" : "succeeded";
  } catch (error) {
    failure = error instanceof LinePassed ? await holdRows(run, error, undefined) : error;
    run.summary.status = run.isHeld ? "held" : "failed";
    // Its counts leave out dismissed rejections, like those of a completed run. A lost database gives no counts.
    await openRejections(run).catch(() => undefined);
  }
  if (!database.rehearsal) await pruneHistory(run, keepDays);
  await finishRunOf(run, started, failure);
  await tellEnd(failure);
  return failure === undefined ? { summary: run.summary } : { summary: run.summary, failure };
}

/** Compiles the mapping again if a landed record refers to something that the saved account catalog lacks. */
async function renewMapping(run: Run<RunRequest>): Promise<void> {
  const mapping = await run.request.keptCatalog?.renewed();
  if (mapping === undefined) return;
  run.request.mapping = mapping;
  await tellPassedWords(run);
}

/**
 * Deletes changes and values that are too old, a bounded number, and values that the landing need not keep. A failure
 * is only a warning: the next run continues.
 */
async function pruneHistory(run: Run<RunRequest>, keepDays: number): Promise<void> {
  const { database, onWarning, retention = {} } = run.request;
  try {
    await pruneChanges(database, keepDays);
    await pruneKeptValues(database, retention);
  } catch (error) {
    onWarning?.(`Old changes could not be forgotten: ${toldMessage(error)}`);
  }
  try {
    await thinLanding(run);
    await tellLean(run);
  } catch (error) {
    onWarning?.(`Values of records that no deal brings stay until the next run: ${toldMessage(error)}`);
  }
}

/** Returns the Failure that ends some work; throws any other error. */
export async function failureOf(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Joins several failures of one run into one, of the first one's kind. */
function joined(failures: readonly Failure[]): Failure {
  const first = failures[0]!;
  if (failures.length === 1) return first;
  const hints = failures.flatMap(({ hint }) => hint ?? []);
  return new Failure(first.kind, failures.map(({ message }) => message).join(" "), {
    hint: hints.length === 0 ? undefined : hints.join(" "),
    remedy: first.remedy,
    cause: first,
    quoted: failures.flatMap(({ quoted }) => quoted ?? [])[0],
  });
}

async function modeOf({ database, companies, full, sweep = false }: SyncRequest): Promise<RunMode> {
  if (companies.length > 0) return "company";
  if (full || (await isFirstRun(database))) return "full";
  return sweep ? "sweep" : "incremental";
}

async function extract(run: Run): Promise<void> {
  const { database, companies, full, sweep = false, mapping, startDate } = run.request;
  if (companies.length > 0) {
    await takeOthers(run, run.request.taking ?? []);
    for (const organizationId of companies) await extractCompany(run, organizationId);
    await readLean(run, companies);
    await extractProductsOf(run, companies);
    return;
  }
  await remapIfChanged(run);
  // In the first run every deal that may sync is pending.
  const allPending = startDate !== undefined && (await isFirstRun(database));
  const extractAll = async () => {
    for (const stream of readingOrder(mapping)) await extractStream(run, stream);
  };
  const begun = new Date().toISOString();
  const wholeLists = full || sweep || (await isFirstRun(database));
  const products = receives(mapping.deal_products.direction);
  if (full) await restartStreams(database, run.id, { fetchAll: true, startDate, products });
  // A sweep that was interrupted resumes.
  else if (sweep && !(await isSweeping(database, readingOrder(mapping)))) {
    // Read the usual changes first, so that the walk finds only changes that no list had shown.
    await extractAll();
    await restartStreams(database, run.id, { fetchAll: false, startDate, products });
  }
  await extractAll();
  await readLean(run);
  await gatherOlder(run, { allPending });
  if (startDate !== undefined) await readLean(run);
  await extractProducts(run);
  if (!wholeLists) await refreshAsked(run, begun);
}

async function applyAll(
  run: Run<RunRequest>,
  { companies, keep }: { companies: readonly number[]; keep: boolean },
): Promise<void> {
  const { database, mapping, onDecisions, onProgress, signal } = run.request;
  const began = new Date().toISOString();
  run.mappingChange ??= { found: await readMappingChange(database, mapping.fingerprint, began) };
  const context = {
    mapping,
    runId: run.id,
    history: run.history,
    mappingChange: run.mappingChange.found,
    summary: run.summary,
    rejections: 0,
    anyDismissed: run.anyDismissed,
    changedInPlanhat: run.changedInPlanhat,
    ...(onDecisions === undefined ? {} : { onDecisions }),
    ...(run.brake === undefined ? {} : { brake: run.brake }),
  };
  const options = { ...(companies.length > 0 ? { organizations: companies } : {}), waiting: run.waiting, keep };
  try {
    const read = Object.values(run.summary.streams).reduce((sum, counts) => sum + counts.read, 0);
    if (read >= largeLoad) await analyzeLanding(database);
    // A small run is over before its share matters.
    const total = onProgress !== undefined && read >= largeLoad ? await countPending(database) : undefined;
    let applied = 0;
    await applyPending(database, context, {
      ...options,
      afterBatch(count) {
        signal.throwIfAborted();
        applied += count;
        onProgress?.({ stage: "apply", records: applied, ...(total === undefined ? {} : { total }) });
      },
    });
    if (read + applied >= largeLoad) await analyzeRows(database);
  } catch (error) {
    if (!(error instanceof LinePassed)) throw error;
    throw await holdRows(run, error, (rehearsal, brake) => {
      const { onDecisions: _, ...counting } = { ...context, brake, summary: emptySummary(run.id, run.summary.mode) };
      return applyPending(rehearsal, counting, { ...options, afterBatch: () => signal.throwIfAborted() });
    });
  } finally {
    run.rejections += context.rejections;
  }
}

/**
 * Returns the state that ends with a run: the brake's counts of completed work, and waiting work of tenants that the
 * config no longer names.
 */
function overWith({ request, isApplied, isPublished }: Run<RunRequest>): OverWithRun {
  const over = { harm: [] as HarmScope[], waiting: [] as ConsentKind[] };
  if (isApplied) {
    over.harm.push("rows");
    over.waiting.push("brake");
  }
  if (isPublished) {
    over.harm.push("objects");
    over.waiting.push("brake_planhat");
  }
  if (request.planhat === undefined) over.waiting.push("publication", "twins", "tenant_models", "brake_planhat");
  return over;
}

/**
 * Records the end of a run that began at `started` (`performance.now()`), with what it took. If the database itself
 * failed, the first failure is the one to report.
 */
export async function finishRunOf(run: Run<RunRequest>, started: number, failure: unknown): Promise<void> {
  const { database, budget, usageBefore = { count: 0, retried: 0, tokens: 0 } } = run.request;
  run.summary.requests = usageSince(usageBefore, budget.usage());
  run.summary.seconds = Math.round((performance.now() - started) / 100) / 10;
  try {
    await database.transaction(async (transaction) => {
      await recordUsage(transaction, run);
      await recordHeld(transaction, run);
      const told = failure === undefined ? null : failure instanceof Error ? failure.message : String(failure);
      const quoted = failure instanceof Failure ? failure.quoted : undefined;
      const message = quoted === undefined ? told : `${told} It said: ${quoted}`;
      const { status } = run.summary;
      await finishRun(transaction, run.id, { status, summary: run.summary, error: message, over: overWith(run) });
    });
  } catch (error) {
    if (failure === undefined) throw error;
  }
}
