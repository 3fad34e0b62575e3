import type { AccountCatalog } from "../../account-catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import { loadMapping, type MappingConfig } from "./load-mapping.ts";
import type { OpenAccount } from "./open-account.ts";

/** A mapping and the account catalog with which it was compiled; undefined if no account is known. */
export interface KnownMapping {
  mapping: CompiledMapping;
  catalog: AccountCatalog | undefined;
}

/**
 * Returns a loader of a config's mapping, compiled on each call against the account as the last sync saved it. If that
 * finds mistakes, or nothing is saved, it fetches the account's fields once: a field may be newer than the last sync.
 * `refuse` throws if the account is not the database's own.
 */
export function mappingLoader(
  config: MappingConfig,
  kept: AccountCatalog | undefined,
  account: () => OpenAccount | Promise<OpenAccount>,
  refuse: (account: Account) => Promise<void> | void,
): () => Promise<KnownMapping> {
  let catalog = kept;
  let asked = false;
  const load = (): KnownMapping => ({ mapping: loadMapping(config, catalog, () => {}), catalog });
  return async () => {
    try {
      if (catalog !== undefined || asked) return load();
    } catch (error) {
      if (asked) throw error;
    }
    asked = true;
    const { client, logger } = await account();
    const { askAccount } = await import("./ask-account.ts");
    const answer = await askAccount(client, kept);
    if (answer instanceof Failure) logger.warn(`The account's fields are not up to date: ${answer.message}`);
    else {
      await refuse(answer.account);
      catalog = answer.catalog;
    }
    return load();
  };
}
