import { allDone, inTurn, type UnderWay } from "../../concurrency.ts";
import { isOutdated } from "../../database/connection/session.ts";
import type { Database, Transaction } from "../../database/database.ts";
import { removePending } from "../../database/landing/pending.ts";
import { hasLinksOrHolds, type LinksAndHolds } from "../../database/rows/links.ts";
import { writeAsApplying } from "../../database/tables/edited-companies.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { whileHeapGrowsBy } from "../../heap-growth.ts";
import { addCounts, emptySummary } from "../summary.ts";
import { AppliedNotes } from "./applied-notes.ts";
import { applyCompanies, applyDeals, applyNotes } from "./apply-batch.ts";
import type { ApplyContext } from "./apply-context.ts";
import { type Batch, readBatches } from "./read-batch.ts";

/**
 * Heap growth (%) while batches are applied: they live twice as long as pages that land, and growth as large as there
 * would take 30 MB more.
 */
const heapGrowth = 60;

/** Attempts at a batch whose rows another session changes. */
const mostTries = 4;

/**
 * Applies all pending entries, batch by batch, each in several transactions:
 * 1. companies and end users
 * 2. deals and notes, side by side
 * 3. removal of the entries
 * A crash before 3 leaves the batch pending, and applying it again changes nothing. While the deals and notes of one
 * batch are stored, so are the companies of the next, and the one after is read
 * (docs/decisions/2026-11-26-a-batch-in-transactions-that-overlap.md). The run lock keeps other processes from landing
 * records in between.
 *
 * `organizations` limits it to the given ones; entries of `waiting` deals stay. With `keep` all entries stay, to be
 * applied again when more related records have arrived.
 */
export async function applyPending(
  database: Database,
  context: ApplyContext,
  options: {
    organizations?: readonly number[];
    waiting?: ReadonlySet<number> | undefined;
    keep?: boolean;
    afterBatch?: (applied: number) => void;
  } = {},
): Promise<void> {
  let before: LinksAndHolds | undefined;
  const apply = async <Result>(part: Part<Result>) => {
    before ??= await hasLinksOrHolds(database);
    return inTransaction(database, context, before, part);
  };
  const applied = new AppliedNotes();
  let companies: Promise<void> = Promise.resolve();
  const { organizations, waiting } = options;
  const batches = readBatches(database, { mapping: context.mapping, applied, waiting }, organizations);
  const applyBatch = async (batch: Batch, underWay: readonly UnderWay<Batch>[]) => {
    companies = companies.then(() => apply((transaction, attempt) => applyCompanies(transaction, attempt, batch)));
    await companies;
    await underWay.at(-1)?.done;
    await allDone([
      apply((transaction, attempt) => applyDeals(transaction, attempt, batch)),
      apply((transaction, attempt) => applyNotes(transaction, attempt, batch, applied)).then((notes) =>
        applied.addAll(notes),
      ),
    ]);
    if (options.keep !== true) await apply((transaction) => removePending(transaction, batch.entries));
    options.afterBatch?.(batch.entries.length);
  };
  await whileHeapGrowsBy(heapGrowth, () => inTurn(batches, 2, applyBatch));
}

/** Runs a part of applying in a transaction of its own, as `inTransaction` does. */
export async function applyOnce<Result>(
  database: Database,
  context: ApplyContext,
  part: Part<Result>,
): Promise<Result> {
  return inTransaction(database, context, await hasLinksOrHolds(database), part);
}

type Part<Result> = (transaction: Transaction, context: ApplyContext) => Promise<Result>;

/**
 * Runs a part in a transaction and retries it if it is outdated. Its counts are added only after the commit, because a
 * rollback discards them.
 */
async function inTransaction<Result>(
  database: Database,
  context: ApplyContext,
  before: LinksAndHolds,
  part: Part<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const harm = context.brake?.attempt();
    const attempt: ApplyContext = {
      ...context,
      ...(harm === undefined ? {} : { harm }),
      noLinksBefore: !before.links && tries === 1,
      hasProductRows: before.products,
      rowsOfKind: before,
      mayBeHeld: before.holds,
      summary: emptySummary(context.runId, context.summary.mode),
      rejections: 0,
    };
    try {
      const result = await commitRun(database, context.runId, async (transaction) => {
        await writeAsApplying(transaction);
        const done = await part(transaction, attempt);
        return done;
      });
      harm?.commit();
      addCounts(context.summary, attempt.summary);
      context.rejections += attempt.rejections;
      return result;
    } catch (error) {
      if (tries < mostTries && isOutdated(error)) continue;
      throw error;
    }
  }
}
