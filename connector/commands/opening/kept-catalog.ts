import type { Logger } from "winston";
import type { AccountCatalog } from "../../account-catalog.ts";
import type { Database } from "../../database/database.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { type LoadMapping, loadKept, refreshCatalog } from "../../sync/runs/refresh-catalog.ts";

/**
 * Loads the mapping against the account's fields and pipelines, for a run that needs nothing else of Pipedrive. They
 * are fetched. If Pipedrive cannot be reached (`unreachable` is the reason, if already known), the ones saved by the
 * last run are used. Throws that failure if none are saved, and one of kind `usage` for an invalid mapping.
 */
export async function loadFreshOrKept(
  { database, client, loadMapping }: { database: Database; client: Client; loadMapping: LoadMapping },
  logger: Logger,
  unreachable: Failure | undefined,
): Promise<CompiledMapping> {
  let failure = unreachable;
  if (failure === undefined) {
    try {
      return await refreshCatalog(database, client, loadMapping);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === "usage") throw error;
      failure = error;
    }
  }
  const kept = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
  if (kept === undefined) throw withoutCatalog(failure);
  logger.warn(`${failure.message} The account's fields and pipelines are taken as the last run kept them.`);
  return loadKept(database, kept, loadMapping);
}

/**
 * Returns the failure of a first run without Pipedrive: without the account's fields no label of the mapping is known.
 */
export function withoutCatalog(failure: Failure): Failure {
  const { kind, message, hint, remedy } = failure;
  const why = "The first run asks Pipedrive for the account's fields and pipelines; later ones can do without.";
  return new Failure(kind, message, { hint: hint === undefined ? why : `${hint} ${why}`, cause: failure, remedy });
}
