import type { Database, Transaction } from "../../database/database.ts";
import { endHolds, type Hold } from "../../database/history/holds.ts";
import { dealsBringing } from "../../database/landing/association.ts";
import { addPending } from "../../database/landing/pending.ts";
import { mergeBases } from "../../database/rows/links.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { sameJson } from "../../planhat/column-value.ts";
import { sourceOf } from "../../source-id.ts";
import { streamNames } from "../../stream-name.ts";
import { heldBy } from "../decide/judge-holds.ts";
import { rowValue } from "../decide/three-way-merge.ts";

const holdsAtOnce = 1000;

/**
 * Releases holds: the next sync applies their records again with the mapping's values. A value that an undo restored in
 * a company, unchanged since, becomes part of the base, so that it does not count as Planhat's own change. The caller
 * holds the run lock, so no other process writes.
 */
export async function releaseHolds(database: Database, holds: readonly Hold[]): Promise<void> {
  await database.transaction(async (transaction) => {
    for (let start = 0; start < holds.length; start += holdsAtOnce) {
      const some = holds.slice(start, start + holdsAtOnce);
      await agreeOn(
        transaction,
        some.filter(({ model, field }) => model === "company" && field !== null),
      );
      await makePending(transaction, some);
      await endHolds(
        transaction,
        some.map(({ id }) => id),
      );
    }
  });
}

async function agreeOn(transaction: Transaction, holds: readonly Hold[]): Promise<void> {
  const ids = [...new Set(holds.map(({ sourceId }) => sourceId))];
  const rows = new Map((await readRows(transaction, "company", ids)).map((row) => [row.sourceId, row]));
  const bases = new Map<number, JsonObject>();
  for (const { sourceId, field, restored } of holds) {
    const row = rows.get(sourceId);
    if (row === undefined || !sameJson(heldBy("company", field!, row), restored)) continue;
    if (field === "companyId" || field === "externalId") continue;
    const recordId = Number(sourceId);
    if (!Number.isSafeInteger(recordId)) continue;
    bases.set(recordId, { ...bases.get(recordId), [field!]: rowValue("company", field!, row) });
  }
  await mergeBases(transaction, bases);
}

async function makePending(transaction: Transaction, holds: readonly Hold[]): Promise<void> {
  for (const stream of streamNames) {
    const own = holds.map(({ model, sourceId }) => sourceOf(model, sourceId)).filter((one) => one.stream === stream);
    const ids = [...new Set(own.map(({ recordId }) => recordId))].filter(Number.isSafeInteger);
    if (ids.length === 0) continue;
    const deals = await dealsBringing(transaction, stream, ids);
    const entries = deals.map(({ dealId, organizationId }) => ({ organizationId, stream: "deals", recordId: dealId }));
    await addPending(transaction, entries as Parameters<typeof addPending>[1]);
  }
}
