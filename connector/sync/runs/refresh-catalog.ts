import { isDeepStrictEqual } from "node:util";
import type { AccountCatalog } from "../../account-catalog.ts";
import type { Database, Queryable, Transaction } from "../../database/database.ts";
import { extendCatalogEntry, readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { forgetWaiting, readConsents } from "../../database/tables/consents.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { PassedWord } from "../../mapping/word-binder.ts";
import { readCatalog } from "../../pipedrive/account/account.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { passedTerm } from "./passed-words.ts";
import { hasMore, pendUnmapped } from "./pend-rejected.ts";
import { findRenamed, pendRenamed } from "./pend-renamed.ts";

/**
 * Age limit (seconds) of the account's fields, options, pipelines, stages and users. They hardly ever change, and
 * reading them costs 60 tokens, nearly as much as the lists of a run that finds nothing new.
 */
export const catalogAge = 3_600;

/**
 * Compiles the mapping files for an account; throws a Failure if they are invalid. `agrees` returns whether a word that
 * passed to something else means that from now on; without it none does.
 */
export type LoadMapping = (catalog: AccountCatalog, agrees?: (passed: PassedWord) => boolean) => CompiledMapping;

/**
 * Fetches the account's fields, pipelines, stages and users, compiles the mapping against them, and saves them with the
 * meanings of the mapping's words. So a remap needs no API, and a rename changes nothing. Things that the account no
 * longer has keep their last label. Records rejected because something was missing are mapped again, and so are records
 * that show a changed name. An invalid mapping leaves the saved words unchanged.
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

/**
 * Returns true if a word of the mapping no longer means a thing that it meant before, as the user agreed. The files may
 * be the same, and their words mean what they would if they were written today; so the fingerprint does not show it.
 */
function hasTurned(before: AccountCatalog | undefined, mapping: CompiledMapping | undefined): boolean {
  const meant = new Map(before?.words?.map(({ of, word, ids }) => [`${of}\n${word}`, ids]));
  return (mapping?.words ?? []).some(({ of, word, ids }) =>
    meant.get(`${of}\n${word}`)?.some((id) => !ids.map(String).includes(String(id))),
  );
}

/** Makes the run map every landed record again, because the mapping of the last run is no longer this one. */
async function forgetMapping(transaction: Transaction): Promise<void> {
  await saveCatalogEntry(transaction, "mapping", "its words had other meanings");
}

/** Saves the catalog, and queues in the same transaction the records whose mapping changes with it. */
async function keep(
  database: Database,
  catalog: AccountCatalog,
  previous: AccountCatalog | undefined,
  mapping: CompiledMapping | undefined,
): Promise<void> {
  const more = previous !== undefined && hasMore(catalog, previous);
  const renamed = previous === undefined ? undefined : findRenamed(catalog, previous, mapping);
  const turned = hasTurned(previous, mapping);
  if (!more && !turned && renamed === undefined) return saveCatalogEntry(database, "account", catalog);
  await database.transaction(async (transaction) => {
    await saveCatalogEntry(transaction, "account", catalog);
    if (turned) await forgetMapping(transaction);
    if (more) await pendUnmapped(transaction);
    if (renamed !== undefined) await pendRenamed(transaction, renamed);
  });
}

/** Compiles the mapping against the saved account, and saves the meanings of its words. */
export async function loadKept(
  database: Database,
  catalog: AccountCatalog,
  loadMapping: LoadMapping,
): Promise<CompiledMapping> {
  const mapping = await compileKept(database, catalog, loadMapping);
  const { words, wordsWait } = catalog;
  const now = await wordsOf(database, catalog, mapping);
  if (isDeepStrictEqual(now, { words, wordsWait })) return mapping;
  await database.transaction(async (transaction) => {
    await extendCatalogEntry(transaction, "account", now);
    if (hasTurned(catalog, mapping)) await forgetMapping(transaction);
  });
  return mapping;
}

/** Returns the saved words of a mapping. If none waits for consent any longer, it clears that notice. */
async function wordsOf(
  database: Database,
  before: AccountCatalog,
  { words, passed }: CompiledMapping,
): Promise<Pick<AccountCatalog, "words" | "wordsWait">> {
  const wordsWait = passed.length > 0;
  if (before.wordsWait === true && !wordsWait) await forgetWaiting(database, "options");
  return { words, wordsWait };
}

/** Compiles the mapping against the saved account, with the consent that was given; saves nothing. */
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
