import type { Logger } from "winston";
import type { AccountCatalog } from "../account-catalog.ts";
import { readCatalogEntry } from "../database/catalog.ts";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import type { Client } from "../pipedrive/client.ts";
import { refreshCatalog } from "../sync/refresh-catalog.ts";

/**
 * The account's fields and pipelines for a run that needs nothing else of Pipedrive: fresh, or where Pipedrive cannot be
 * asked (`unreachable` says why, where that is known already) as the last run kept them. Throws that failure when none
 * are kept.
 */
export async function freshOrKeptCatalog(
  database: Database,
  client: Client,
  logger: Logger,
  unreachable: Failure | undefined,
): Promise<AccountCatalog> {
  let failure = unreachable;
  if (failure === undefined) {
    try {
      return await refreshCatalog(database, client);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failure = error;
    }
  }
  const kept = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
  if (kept === undefined) throw withoutCatalog(failure);
  logger.warn(`${failure.message} The account's fields and pipelines are taken as the last run kept them.`);
  return kept;
}

/** The failure of a first run that cannot ask Pipedrive: without the account's fields no label of the mapping is known. */
export function withoutCatalog(failure: Failure): Failure {
  const { kind, message, hint, remedy } = failure;
  const why = "The first run asks Pipedrive for the account's fields and pipelines; later ones can do without.";
  return new Failure(kind, message, { hint: hint === undefined ? why : `${hint} ${why}`, cause: failure, remedy });
}
