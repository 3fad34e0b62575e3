import type { AccountCatalog } from "../../account-catalog.ts";
import type { Transaction } from "../../database/database.ts";
import { dealsBringing } from "../../database/landing/association.ts";
import { addPending } from "../../database/landing/pending.ts";
import { listRejections, type StoredRejection } from "../../database/tables/rejections.ts";
import { streamNames } from "../../stream-name.ts";

/** Queues the deals that bring rejected records, so that these are mapped again. */
export async function pendRejected(transaction: Transaction, rejections: readonly StoredRejection[]): Promise<void> {
  for (const stream of streamNames) {
    const ids = rejections.filter((one) => one.stream === stream).flatMap(({ recordId }) => recordId ?? []);
    if (ids.length === 0) continue;
    const deals = await dealsBringing(transaction, stream, [...new Set(ids)]);
    await addPending(
      transaction,
      deals.map(({ dealId, organizationId }) => ({ organizationId, stream: "deals", recordId: dealId })),
    );
  }
}

/** Queues the records that could not be mapped. */
export async function pendUnmapped(transaction: Transaction): Promise<void> {
  const rejections = await listRejections(transaction);
  await pendRejected(
    transaction,
    rejections.filter(({ stage }) => stage === "mapping"),
  );
}

/** Returns whether the account has something new to which records may refer: an option, a field, a user … */
export function hasMore(now: AccountCatalog, before: AccountCatalog): boolean {
  const known = idsOf(before);
  return [...idsOf(now)].some((id) => !known.has(id));
}

/** Returns the ids of everything to which records refer and that the mapping reads. */
function idsOf({ fields, pipelines, stages, users }: AccountCatalog): Set<string> {
  const ids = new Set<string>();
  for (const [stream, list] of Object.entries(fields)) {
    for (const { key, options } of list) {
      ids.add(`${stream} ${key}`);
      for (const { id, gone } of options ?? []) if (gone !== true) ids.add(`${stream} ${key} ${id}`);
    }
  }
  for (const [kind, list] of Object.entries({ pipelines, stages, users })) {
    for (const { id } of list) ids.add(`${kind} ${id}`);
  }
  return ids;
}
