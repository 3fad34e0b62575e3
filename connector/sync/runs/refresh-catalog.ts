import { isDeepStrictEqual } from "node:util";
import type { AccountCatalog } from "../../account-catalog.ts";
import { extendCatalogEntry, readCatalogEntry, saveCatalogEntry } from "../../database/catalog.ts";
import { forgetWaiting, readConsents } from "../../database/consents.ts";
import type { Database, Queryable } from "../../database/database.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { PassedWord } from "../../mapping/word-binder.ts";
import { readCatalog } from "../../pipedrive/account.ts";
import type { Client } from "../../pipedrive/client.ts";
import { passedTerm } from "./passed-words.ts";
import { hasMore, pendUnmapped } from "./pend-rejected.ts";
import { findRenamed, pendRenamed } from "./pend-renamed.ts";

/**
 * Compiles the mapping files for an account; throws a Failure when they are wrong. `agrees` says which words that
 * passed to something else mean that from now on; none without it.
 */
export type LoadMapping = (catalog: AccountCatalog, agrees?: (passed: PassedWord) => boolean) => CompiledMapping;

/**
 * Reads the account's fields, pipelines, stages and users anew, compiles the mapping against them, and keeps both what
 * was read and what the words of the mapping mean, so that remapping needs no API and a rename changes nothing. What
 * the account no longer has keeps its last known label; what was rejected for want of something new is mapped again,
 * and so is what shows a name that changed. A mapping that is wrong leaves the words as they were.
 */
export async function refreshCatalog(
  database: Database,
  client: Client,
  loadMapping: LoadMapping,
): Promise<CompiledMapping> {
  const previous = (await readCatalogEntry(database, "account")) as AccountCatalog | undefined;
  const catalog = await readCatalog(client, previous);
  let mapping: CompiledMapping | undefined;
  try {
    mapping = await compileKept(database, catalog, loadMapping);
    Object.assign(catalog, await wordsOf(database, catalog, mapping));
    return mapping;
  } finally {
    await keep(database, catalog, previous, mapping);
  }
}

/** Keeps the catalog, and makes pending in the same transaction what is mapped otherwise than with the one before. */
async function keep(
  database: Database,
  catalog: AccountCatalog,
  previous: AccountCatalog | undefined,
  mapping: CompiledMapping | undefined,
): Promise<void> {
  const more = previous !== undefined && hasMore(catalog, previous);
  const renamed = previous === undefined ? undefined : findRenamed(catalog, previous, mapping);
  if (!more && renamed === undefined) return saveCatalogEntry(database, "account", catalog);
  await database.transaction(async (transaction) => {
    await saveCatalogEntry(transaction, "account", catalog);
    if (more) await pendUnmapped(transaction);
    if (renamed !== undefined) await pendRenamed(transaction, renamed);
  });
}

/** Compiles the mapping against the account as it is kept, and keeps what its words mean. */
export async function loadKept(
  database: Database,
  catalog: AccountCatalog,
  loadMapping: LoadMapping,
): Promise<CompiledMapping> {
  const mapping = await compileKept(database, catalog, loadMapping);
  const { words, wordsWait } = catalog;
  const now = await wordsOf(database, catalog, mapping);
  if (!isDeepStrictEqual(now, { words, wordsWait })) await extendCatalogEntry(database, "account", now);
  return mapping;
}

/** What is kept of the words of a mapping. Where none waits for consent any more, that is no longer told. */
async function wordsOf(
  database: Database,
  before: AccountCatalog,
  { words, passed }: CompiledMapping,
): Promise<Pick<AccountCatalog, "words" | "wordsWait">> {
  const wordsWait = passed.length > 0;
  if (before.wordsWait === true && !wordsWait) await forgetWaiting(database, "options");
  return { words, wordsWait };
}

/** Compiles the mapping against the account as it is kept, with what somebody agreed to; nothing is kept of it. */
export async function compileKept(
  database: Queryable,
  catalog: AccountCatalog,
  loadMapping: LoadMapping,
): Promise<CompiledMapping> {
  const mapping = loadMapping(catalog);
  if (mapping.passed.length === 0) return mapping;
  const agreed = await readConsents(database, "options", "");
  return mapping.passed.some((word) => agreed.has(passedTerm(word)))
    ? loadMapping(catalog, (word) => agreed.has(passedTerm(word)))
    : mapping;
}
