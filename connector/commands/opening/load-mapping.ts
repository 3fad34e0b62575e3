import type { Logger } from "winston";
import type { AccountCatalog } from "../../account-catalog.ts";
import type { Config } from "../../config/config.ts";
import { readMappingFiles } from "../../config/read-mapping-files.ts";
import type { Database } from "../../database/database.ts";
import { ageCatalogEntry, readCatalogEntry } from "../../database/tables/catalog.ts";
import { Failure } from "../../failure.ts";
import { checkMapping, type MappingFile } from "../../mapping/check/check-mapping.ts";
import { type EndingSetting, withEnds } from "../../mapping/check/mapping-marks.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import type { PassedWord } from "../../mapping/word-binder.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { modelCatalog } from "../../planhat/models.ts";
import { renderProblems } from "../../problem.ts";
import type { LoadMapping } from "../../sync/runs/refresh-catalog.ts";
import { catalogAge, loadKept, refreshCatalog } from "../../sync/runs/refresh-catalog.ts";
import { counted } from "../../text/counted.ts";
import type { OpenAccount } from "./with-account.ts";

/** The mapping's settings in a config: the folder, the treatment of lost deals, the key of `hash`. */
export type MappingConfig = Pick<Config, "mappings"> &
  Partial<Pick<Config, "when_lost" | "when_removed" | "hash_key">> & {
    /** The files as they would be, in place of those in the folder. */
    files?: readonly MappingFile[];
  };

/**
 * Reads and compiles the mapping files of a config; with the account's catalog it checks labels and pipelines too.
 * Throws a Failure of kind `usage` that shows every problem with its file, line and column. Warnings go to `warn`.
 * `agrees` returns whether a word that passed from one option to another means the other from now on.
 */
export function loadMapping(
  config: MappingConfig,
  catalog: AccountCatalog | undefined,
  warn: (message: string) => void,
  agrees: (passed: PassedWord) => boolean = () => false,
): CompiledMapping {
  const files = config.files ?? readMappingFiles(config.mappings);
  const { problems, mapping } = checkMapping(files, {
    ...(catalog === undefined ? {} : { catalog }),
    models: modelCatalog,
    hashKey: config.hash_key,
    agrees,
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (mapping === undefined || errors.length > 0) {
    throw new Failure(
      "usage",
      `The mapping has ${counted(errors.length, "problem")}.\n\n${renderProblems(problems, sourcesOf(files))}`,
    );
  }
  for (const warning of problems) warn(renderProblems([warning], sourcesOf(files)));
  const lost = config.when_lost === "end" ? ending(mapping, "whenLost", "when_lost") : mapping;
  return config.when_removed === "end" ? ending(lost, "whenRemoved", "when_removed") : lost;
}

/** Adds a setting that ends rows to a mapping and its fingerprint: when it changes, everything is mapped again. */
function ending(mapping: CompiledMapping, key: "whenLost" | "whenRemoved", setting: EndingSetting): CompiledMapping {
  const fingerprint = sha256(`${mapping.fingerprint} ${setting}: end`);
  const deals = { ...mapping.deals, [key]: "end" as const };
  return { ...mapping, deals, fingerprint, marks: withEnds(mapping.marks, setting) };
}

function sourcesOf(files: readonly MappingFile[]): Map<string, string> {
  return new Map(files.map(({ name, text }) => [name, text]));
}

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
  logger.warn("Using the account catalog saved by the last run.", { error: failure.message });
  // Records may bring options and users that it lacks; the next sync finds out.
  await ageCatalogEntry(database, "account", catalogAge);
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
    const { askAccount } = await import("./with-account.ts");
    const answer = await askAccount(client, kept);
    if (answer instanceof Failure) logger.warn(`The account's fields are not up to date: ${answer.message}`);
    else {
      await refuse(answer.account);
      catalog = answer.catalog;
    }
    return load();
  };
}
