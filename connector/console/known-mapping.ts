import type { AccountCatalog } from "../account-catalog.ts";
import { loadMapping } from "../commands/opening/load-mapping.ts";
import { readCatalogEntry } from "../database/tables/catalog.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import type { Service } from "../service/service.ts";

/** Returns the account's fields and pipelines as the last sync saved them; undefined before the first. */
export async function catalogOf({ database }: Pick<Service, "database">): Promise<AccountCatalog | undefined> {
  return (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
}

/** Compiles the mapping files as they are now. Throws a Failure of kind `usage` if they have errors. */
export async function mappingOf(service: Pick<Service, "database" | "config">): Promise<CompiledMapping> {
  return loadMapping(service.config, await catalogOf(service), () => {});
}
