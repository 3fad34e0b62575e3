import type { Transaction } from "../../database/database.ts";
import { markDeleted } from "../../database/landing/landing.ts";
import { addPending } from "../../database/landing/pending.ts";
import { replaceRejections } from "../../database/tables/rejections.ts";
import type { StreamName } from "../../stream-name.ts";
import type { SyncRequest } from "../run-context.ts";

/**
 * Marks landed records that Pipedrive no longer has as deleted, and returns the ids of those that were not marked yet.
 * Their rejections are removed; deals are applied once more, so that they count as deleted.
 */
export async function markMissing(
  transaction: Transaction,
  runId: string,
  stream: StreamName,
  ids: readonly number[],
): Promise<number[]> {
  if (ids.length === 0) return [];
  const marked = await markDeleted(transaction, stream, ids);
  await replaceRejections(transaction, { runId, stream }, marked, []);
  if (stream === "deals") {
    await addPending(
      transaction,
      marked.map((recordId) => ({ organizationId: 0, stream, recordId })),
    );
  }
  return marked;
}

/** Warns of records that were skipped because the token's user may not see them. */
export function warnNotPermitted({ onWarning }: SyncRequest, stream: StreamName, ids: readonly number[]): void {
  if (ids.length === 0) return;
  onWarning?.(
    `Skipped ${stream} ${ids.join(", ")}: hidden from the token's user. Their rows are unchanged. Use an administrator's API token.`,
  );
}
