import type { Database } from "../../database/database.ts";
import { listRejections, type StoredRejection } from "../../database/tables/rejections.ts";
import { Failure } from "../../failure.ts";

/** Reads the rejections with the given ids, or all open ones. Throws a Failure that names ids without a rejection. */
export async function chosenRejections(database: Database, ids: readonly string[]): Promise<StoredRejection[]> {
  if (ids.length === 0) return listRejections(database, { open: true });
  // A longer number is not a rejection's id, and may exceed a bigint.
  const possible = ids.filter((id) => /^\d{1,18}$/.test(id)).map((id) => String(Number(id)));
  const found = await listRejections(database, { ids: possible });
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(String(Number(id))));
  if (unknown.length === 0) return found;
  const which = unknown.length === 1 ? `is no rejection ${unknown[0]}` : `are no rejections ${unknown.join(", ")}`;
  throw new Failure("usage", `There ${which}.`, {
    hint: "List the ids: pipedrive-planhat rejections list. A fixed rejection leaves the list.",
  });
}
