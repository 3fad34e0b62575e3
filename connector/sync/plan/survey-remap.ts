import type { Database, Transaction } from "../../database/database.ts";
import { allWork, type PendingEntry } from "../../database/landing/pending.ts";
import { AsIfRows } from "../../database/rehearsal/as-if-rows.ts";
import { hasEnded } from "../../database/rows/kept.ts";
import { hasLinksOrHolds } from "../../database/rows/links.ts";
import { whileHeapGrowsBy } from "../../heap-growth.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { AppliedNotes } from "../apply/applied-notes.ts";
import { applyCompanies, applyDeals, applyNotes } from "../apply/apply-batch.ts";
import type { ApplyContext } from "../apply/apply-context.ts";
import { readBatch } from "../apply/read-batch.ts";
import { heldRows } from "../brake/brake-run.ts";
import { SurveyedHarm } from "../brake/survey-harm.ts";
import type { BrakeLimits } from "../brake-terms.ts";
import { dealsToWait } from "../runs/read-lean.ts";
import { emptySummary, type SkipReason } from "../summary.ts";
import { CountedChanges, type RemapSurvey } from "./counted-changes.ts";

export type { RemapSurvey } from "./counted-changes.ts";

/** The changes that a remap would make, and the number of deals that wait for a sync (`landing: eligible`). */
export type WaitingSurvey = RemapSurvey & { waiting: number };

/** Entries decided together: with more of them the garbage collector has more to copy. */
const batchSize = 2000;

/** Heap growth (%): a user waits, and memory is cheaper than collecting garbage of each batch. */
const heapGrowth = 200;

/** Changes of each kind that are listed. */
const mostShown = 50;

/** The listed changes of each kind, the brake's limits, and whether newly kept rows are counted. */
interface SurveyOptions {
  most?: number;
  limits?: BrakeLimits | undefined;
  keeps?: boolean;
}

/** Rows that would stay although their deal does not sync any more, and that no run has kept before, by reason. */
export type NewlyKept = Partial<Record<SkipReason, number>>;

/**
 * Returns the changes that a mapping would make to the rows if everything landed were mapped again: the counts, and the
 * first of each kind. It is the path of every run, up to its first write. It writes nothing, takes no lock and sends no
 * request, so it may run beside a sync, repeatedly, while a user edits. `signal` ends it between two batches. `most`
 * changes of each kind are listed, and what a brake with these `limits` would stop. With `keeps` the deals of every
 * status are looked at, and rows are counted that would be kept from now on.
 */
export async function surveyRemap(
  database: Pick<Database, "transaction">,
  mapping: CompiledMapping,
  signal: AbortSignal,
  { most = mostShown, limits, keeps = false }: SurveyOptions = {},
): Promise<WaitingSurvey & { kept: NewlyKept }> {
  return whileHeapGrowsBy(heapGrowth, () =>
    database.transaction(async (transaction) => {
      await transaction.query("set transaction isolation level repeatable read, read only");
      const harm = new SurveyedHarm();
      const leftOut = keeps ? new Map<number, SkipReason>() : undefined;
      const found = await survey(transaction, mapping, signal, { changes: new CountedChanges(most), harm, leftOut });
      if (limits !== undefined) found.summary.held = (await harm.braked(transaction, limits)).map(heldRows);
      return { ...found, kept: countByReason(leftOut?.values() ?? []) };
    }),
  );
}

/** Returns how often each reason occurs. */
function countByReason(reasons: Iterable<SkipReason>): NewlyKept {
  const counts: NewlyKept = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

async function survey(
  transaction: Transaction,
  mapping: CompiledMapping,
  signal: AbortSignal,
  {
    changes,
    harm,
    leftOut,
  }: { changes: CountedChanges; harm: SurveyedHarm; leftOut?: Map<number, SkipReason> | undefined },
): Promise<WaitingSurvey> {
  const asIf = new AsIfRows();
  const reading: Transaction = {
    query: (sql, parameters) => transaction.query(sql, parameters),
    copyIn: (statement, chunks) => transaction.copyIn(statement, chunks),
    asIf,
  };
  const { links, holds } = await hasLinksOrHolds(reading);
  const context: ApplyContext = {
    mapping,
    runId: "",
    history: { runId: "", isKept: false },
    summary: emptySummary("", "incremental"),
    rejections: 0,
    noLinksBefore: !links,
    mayBeHeld: holds,
    onDecisions(_transaction, decisions) {
      for (const { action } of decisions)
        if (action.action === "create" || action.action === "update")
          asIf.add(action.model, action.write, action.action === "create");
      changes.add(decisions);
      harm.add(decisions);
    },
    ...(leftOut === undefined
      ? {}
      : {
          onLeftOut(rows, reasons) {
            for (const { recordId, reason } of rows) if (reason === "") leftOut.set(recordId, reasons.get(recordId)!);
          },
        }),
  };
  const applied = new AppliedNotes();
  // Deals that do not sync matter only if `when_lost` ends their licenses, or if kept rows are counted.
  const everyDeal = leftOut !== undefined || mapping.deals.whenLost === "end" || (await hasEnded(reading));
  const work = await allWork(reading, everyDeal ? undefined : mapping.deals.statuses);
  const scope = { mapping, applied, waiting: await dealsToWait(reading, mapping, dealsOf(work)) };
  let next = work.length === 0 ? undefined : readBatch(reading, work.slice(0, batchSize), scope);
  for (let start = batchSize; next !== undefined; start += batchSize) {
    const batch = await next;
    signal.throwIfAborted();
    // Postgres reads the next batch while this one is decided.
    next = start < work.length ? readBatch(reading, work.slice(start, start + batchSize), scope) : undefined;
    next?.catch(() => undefined);
    await applyCompanies(reading, context, batch);
    await applyDeals(reading, context, batch);
    applied.addAll(await applyNotes(reading, context, batch, applied));
  }
  return { ...changes.survey(context.summary), waiting: scope.waiting.size };
}

function dealsOf(work: readonly PendingEntry[]): number[] {
  return work.flatMap(({ stream, recordId }) => (stream === "deals" ? [recordId] : []));
}
