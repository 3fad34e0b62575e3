import { existsSync, lstatSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { AccountCatalog } from "../../account-catalog.ts";
import { configFolder, configOf, readEnvironment } from "../../config/load-config.ts";
import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import type { MappingFile } from "../../mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type Account, readAccount } from "../../pipedrive/account/account.ts";
import { parseCompanyUrl } from "../../pipedrive/client/company-url.ts";
import { hideSecrets } from "../../secrets.ts";
import { urlSecrets } from "../../server-url.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import { tryDatabase } from "../check/try-database.ts";
import type { CommonOptions } from "../common-options.ts";
import { planStarters, type StarterFile, shownPath } from "../mapping/starter-files.ts";
import { type TextFile, writeTogether } from "../mapping/write-together.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { accountOf, type OpenAccount } from "../opening/with-account.ts";
import { keptOwner } from "../opening/with-database.ts";
import { refuseDatabase, refuseOtherAddress, refuseShadowed } from "./answers.ts";
import {
  type Answers,
  configText,
  databaseVariable,
  type FirstFile,
  planEnv,
  planGitignore,
  secretsOf,
  tenantVariable,
  tokenVariable,
} from "./first-files.ts";

/** The database if nobody says otherwise. */
export const usualDatabase = "./planhat-data";

/** The files that start a folder: what becomes of each, and the mapping as it will be. */
export interface FirstFiles {
  starters: StarterFile[];
  files: FirstFile[];
  /** Its mapping files, with those that are kept. */
  mapping: MappingFile[];
  writes: TextFile[];
}

/**
 * Starts a folder (contract, section 2), for `init` and for the first page of the console: tries each answer, and
 * decides what the files hold. Nothing is written before `write`.
 */
export class SetUp {
  readonly folder: string;
  /** The environment, with the variables of a `.env` that is there already. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #options: CommonOptions;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  /** Throws a Failure (usage) if the folder has a config already. */
  constructor(options: CommonOptions, signal: AbortSignal) {
    refuseTaken(options.config);
    this.#options = options;
    this.#signal = signal;
    this.folder = configFolder(options.config);
    const { variables, environment } = readEnvironment(options.config, process.env);
    this.#variables = variables;
    this.environment = environment;
  }

  /** Tries the address and the token of Pipedrive. Returns the answers so far and the account that answered. */
  async signIn(address: string, token: string): Promise<{ answers: Answers; account: Account }> {
    hideSecrets([token]);
    const companyUrl = parseCompanyUrl(address);
    refuseShadowed(tokenVariable, token, this.environment);
    const answers = { companyUrl: companyUrl.origin, token, database: usualDatabase };
    const { client } = await this.open(answers);
    const account = await readAccount(client);
    refuseOtherAddress(companyUrl, account);
    return { answers, account };
  }

  /** Tries the database of the answers. Returns the opened account, and what was found there, as a phrase. */
  async place(answers: Answers, account: Account): Promise<{ opened: OpenAccount; found: string }> {
    const { database } = answers;
    hideSecrets(urlSecrets(database));
    refuseDatabase(database, this.folder);
    if (isServer(database)) refuseShadowed(databaseVariable, database, this.environment);
    const opened = await this.open(answers);
    const found = await tryDatabase(opened.config.database);
    refuseOther(await keptOwner(opened.config.database), account, opened.config.database);
    opened.client.companyDomain ??= account.companyDomain;
    return { opened, found };
  }

  /** Opens the account as the files will describe it; sends no request yet. */
  async open(answers: Answers): Promise<OpenAccount> {
    if (answers.tenant !== undefined) refuseShadowed(tenantVariable, answers.tenant.token, this.environment);
    const environment = { ...this.environment, ...secretsOf(answers) };
    const loaded = await configOf(this.#options.config, configText(answers), environment);
    return accountOf(loaded, this.#options, this.#signal);
  }

  /** Decides what the files hold. Throws a Failure (usage) if the mapping cannot take a choice of deals. */
  plan(answers: Answers, catalog: AccountCatalog): FirstFiles {
    return writing(() => this.#plan(answers, catalog));
  }

  #plan(answers: Answers, catalog: AccountCatalog): FirstFiles {
    const folder = join(this.folder, "mappings");
    const { tenant, deals } = answers;
    const choice = { models: tenant?.kind ?? "licenses", allDeals: false, ...(deals === undefined ? {} : { deals }) };
    const starters = planStarters(folder, catalog, false, choice);
    if (deals !== undefined) refuseKept(starters.files);
    const ignored = planGitignore(this.folder, answers.database);
    const secret = planEnv(this.folder, this.#variables, secretsOf(answers));
    const path = resolve(this.#options.config);
    const config: FirstFile = { file: shownPath(path), action: "written", remark: "" };
    const mapping = filesAfter(folder, starters.writes);
    // A pipeline or a field that the account lacks is told before anything is written.
    if (deals !== undefined) this.compile(mapping, catalog);
    return {
      starters: starters.files,
      files: [config, secret.file, ignored.file],
      mapping,
      // The config comes last: where it is, everything else is too.
      writes: [
        ...starters.writes,
        ...ignored.write,
        ...secret.write,
        { path, text: configText(answers), how: "create" },
      ],
    };
  }

  /** Compiles the mapping as it will be. Throws a Failure (usage) that shows each of its mistakes. */
  compile(files: readonly MappingFile[], catalog: AccountCatalog): CompiledMapping {
    return loadMapping({ mappings: join(this.folder, "mappings"), files }, catalog, () => {});
  }

  /** Writes all files, or none. */
  write({ writes }: Pick<FirstFiles, "writes">): void {
    this.#signal.throwIfAborted();
    writing(() => writeTogether(writes));
  }
}

/** Returns the mapping files of a folder after what is to be written. */
function filesAfter(folder: string, writes: readonly TextFile[]): MappingFile[] {
  const written = writes
    .filter(({ path }) => /\.ya?ml$/i.test(path))
    .map(({ path, text }) => ({ name: shownPath(path), text }));
  const hasOwn = existsSync(folder) && written.length < 4;
  const kept = hasOwn ? readMappingFiles(folder).filter(({ name }) => !written.some((one) => one.name === name)) : [];
  return [...kept, ...written];
}

function refuseKept(files: readonly StarterFile[]): void {
  const kept = files.find(({ file, action }) => action === "kept" && /deals\.ya?ml$/i.test(file));
  if (kept === undefined) return;
  throw new Failure("usage", `${kept.file} is there already, so no choice of deals can be written into it.`, {
    hint: "Leave the choice of pipelines and start date out, or move the file away.",
  });
}

function refuseTaken(config: string): void {
  if (/\.json$/i.test(config)) {
    throw new Failure("usage", `init writes YAML, and ${config} would be JSON.`, {
      hint: "Name it with the ending .yaml.",
    });
  }
  const there = [config, ...(basename(config) === "config.yaml" ? ["config.yml", "config.json"] : [])]
    .map((name) => resolve(configFolder(config), basename(name)))
    .find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  if (there === undefined) return;
  throw new Failure("usage", `${shownPath(there)} is there already, and init replaces no file.`, {
    hint: "Change it by hand, or name a new one: --config other/config.yaml. `mapping init` writes the mapping alone.",
  });
}

/** Runs `write` without an end in between: a terminal that closes now would leave some of the files. */
function writing<Result>(write: () => Result): Result {
  const stay = () => {};
  process.on("SIGHUP", stay);
  try {
    return write();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reasons: Readonly<Record<string, string>> = {
      ENOSPC: "the disk is full",
      EACCES: "this user may not write there",
      EPERM: "this user may not write there",
      EROFS: "the file system is read-only",
      EEXIST: "something is there already",
      EISDIR: "a folder has the name of a file",
      ENOTDIR: "it, or a part of its path, is a file",
    };
    throw new Failure("surroundings", `${path ?? "A file"} cannot be written: ${reasons[code] ?? code}.`, {
      hint: "Make room or choose another folder with --config <folder>/config.yaml.",
      cause: error,
      remedy: "change",
    });
  } finally {
    process.removeListener("SIGHUP", stay);
  }
}
