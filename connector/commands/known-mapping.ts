import type { AccountCatalog } from "../account-catalog.ts";
import { Failure } from "../failure.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import type { Account } from "../pipedrive/account.ts";
import { loadMapping, type MappingConfig } from "./load-mapping.ts";
import type { OpenAccount } from "./open-account.ts";

/** A mapping and the account's catalog that it was compiled with; undefined when nobody knows the account. */
export interface KnownMapping {
  mapping: CompiledMapping;
  catalog: AccountCatalog | undefined;
}

/**
 * Loads the mapping of a config against the account as the last sync knew it, each time that it is called. Only where
 * that finds mistakes, or nothing is known, the account is opened and asked, once: a field may be newer than the last sync.
 * `refuse` throws when it is not the database's own.
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
