import { lstatSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { AccountCatalog } from "../../account-catalog.ts";
import { configFolder, configOf, readEnvironment } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import { type Account, readAccount, readCatalog } from "../../pipedrive/account/account.ts";
import { parseCompanyUrl } from "../../pipedrive/client/company-url.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { urlSecrets } from "../../server-url.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import { accountRows, tryStreams } from "../check/try-account.ts";
import { tryDatabase } from "../check/try-database.ts";
import type { CommonOptions } from "../common-options.ts";
import { planStarters, type StarterFile, shownPath } from "../mapping/starter-files.ts";
import { writeTogether } from "../mapping/write-together.ts";
import { accountOf, type OpenAccount } from "../opening/with-account.ts";
import { keptOwner } from "../opening/with-database.ts";
import { reportTrouble } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { givenToken, refuseDatabase, refuseOtherAddress } from "./answers.ts";
import { describeInit, nextSteps } from "./describe-init.ts";
import {
  type Answers,
  configText,
  databaseVariable,
  type FirstFile,
  planEnv,
  planGitignore,
  secretsOf,
  tokenVariable,
} from "./first-files.ts";
import { Questions } from "./questions.ts";

/** The options of `init`. */
export interface InitOptions extends CommonOptions {
  companyUrl?: string;
  tokenFile?: string;
  database?: string;
  yes?: true;
  json?: true;
}

/** The database if nobody says otherwise. */
const usualDatabase = "./planhat-data";

/**
 * Starts a folder (contract, section 2): asks for company URL, token and database, tries each, and writes the config,
 * `.env`, `.gitignore` and the mapping of the account. All files appear or none, and no file of the user is replaced.
 * Returns the exit status.
 */
export async function init(options: InitOptions): Promise<number> {
  const signal = stopSignal("Nothing was written.");
  try {
    return await start(options, signal);
  } catch (error) {
    if (!(error instanceof Failure)) throw signal.aborted ? signal.reason : error;
    const nothing = "Nothing was written.";
    const { hint = nothing } = error;
    const told = hint === nothing ? hint : hint.startsWith("See: ") ? `${nothing}\n${hint}` : `${hint}\n${nothing}`;
    throw new Failure(error.kind, error.message, { hint: told, cause: error, remedy: error.remedy });
  }
}

async function start(options: InitOptions, signal: AbortSignal): Promise<number> {
  refuseTaken(options.config);
  const folder = configFolder(options.config);
  const set = { ...process.env };
  const { variables, environment } = readEnvironment(options.config, process.env);
  const given = givenToken(options.tokenFile, environment, set[tokenVariable] === undefined);
  const asks = options.yes === undefined && process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (!asks) refuseMissing(options, given !== undefined);
  const stop = new AbortController();
  const questions = asks ? new Questions((reason) => stop.abort(reason)) : undefined;
  const either = AbortSignal.any([signal, stop.signal]);
  signal.addEventListener("abort", () => questions?.end(signal.reason as Error), { once: true });
  const opening = (answers: Answers) => openWith(options, answers, environment, either);
  try {
    questions?.say(`This starts ${folder}: a config, a mapping and .env. Ctrl-C ends it, and nothing is written.\n`);
    if (given !== undefined) questions?.say(`The API token is that of ${given.from}.`);
    const signed = await untilRight(
      questions,
      options.companyUrl === undefined || given === undefined,
      async (again) => {
        const address =
          options.companyUrl ?? (await questions!.ask(companyQuestion, { fallback: again.companyUrl ?? "" }));
        const companyUrl = parseCompanyUrl(address);
        again.companyUrl = companyUrl.origin;
        const token = given?.token ?? (await questions!.ask(tokenQuestion, { hidden: true }));
        hideSecrets([token]);
        const answers = { companyUrl: companyUrl.origin, token, database: usualDatabase };
        const { client } = await opening(answers);
        const account = await readAccount(client);
        refuseOtherAddress(companyUrl, account);
        questions?.say(
          `  ${accountRows(account, account)
            .map(([, value]) => value)
            .join("; ")}`,
        );
        return { answers, account };
      },
    );
    const placed = await untilRight(questions, options.database === undefined, async () => {
      const database =
        options.database ?? (await questions?.ask(databaseQuestion, { fallback: usualDatabase })) ?? usualDatabase;
      hideSecrets(urlSecrets(database));
      refuseDatabase(database, folder);
      refuseShadowed(database, environment);
      const answers = { ...signed.answers, database };
      const opened = await opening(answers);
      const found = await tryDatabase(opened.config.database);
      refuseOther(await keptOwner(opened.config.database), signed.account, opened.config.database);
      return { answers, opened, found };
    });
    questions?.close();
    return await finish(options, { folder, variables }, { ...placed, account: signed.account }, either);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    questions?.close();
  }
}

const companyQuestion = "Company URL, as the browser shows it while you are signed in to Pipedrive";
const tokenQuestion = "API token (Pipedrive: Personal preferences > API; not shown)";
const databaseQuestion = "Database, a folder or the postgres:// URL of a server";

/** Runs `attempt`; if somebody can answer anew, tells what is wrong and asks again. */
async function untilRight<Result>(
  questions: Questions | undefined,
  mayAsk: boolean,
  attempt: (again: { companyUrl?: string }) => Promise<Result>,
): Promise<Result> {
  const again = {};
  for (;;) {
    try {
      return await attempt(again);
    } catch (error) {
      if (questions === undefined || !mayAsk || questions.ended || !(error instanceof Failure)) throw error;
      reportTrouble(error.hint === undefined ? error.message : `${error.message}\n${error.hint}`);
    }
  }
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

function refuseMissing({ companyUrl, yes }: InitOptions, hasToken: boolean): void {
  const missing = [
    ...(companyUrl === undefined ? ["--company-url <address>"] : []),
    ...(hasToken ? [] : [`the API token (in ${tokenVariable} or --token-file <file>)`]),
  ];
  if (missing.length === 0) return;
  const why = yes ? "With --yes init asks nothing" : "There is no terminal to ask on";
  throw new Failure("usage", `${why}, so it needs ${missing.join(" and ")}.`, {
    hint: "See: pipedrive-planhat help init",
  });
}

/** Throws if a variable of the environment would win over what `.env` is to hold. */
function refuseShadowed(database: string, environment: Readonly<Record<string, string | undefined>>): void {
  const set = environment[databaseVariable];
  if (set === undefined || set === database || !isServer(database)) return;
  throw new Failure("usage", `The variable ${databaseVariable} is set already, to another database.`, {
    hint: "Unset it, or remove it from .env.",
  });
}

/** Opens the account as the files to write will describe it. */
async function openWith(
  options: InitOptions,
  answers: Answers,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<OpenAccount> {
  const loaded = await configOf(options.config, configText(answers), { ...environment, ...secretsOf(answers) });
  return accountOf(loaded, options, signal);
}

/** The folder that gets the files, and the variables of its `.env`. */
interface Target {
  folder: string;
  variables: Readonly<Record<string, string>>;
}

/** The account, the chosen database, and what was found there. */
interface Placed {
  account: Account;
  answers: Answers;
  opened: OpenAccount;
  found: string;
}

async function finish(
  options: InitOptions,
  target: Target,
  { account, answers, opened, found }: Placed,
  signal: AbortSignal,
): Promise<number> {
  opened.client.companyDomain ??= account.companyDomain;
  const catalog = await readCatalog(opened.client);
  const access = await tryStreams(opened.client);
  signal.throwIfAborted();
  const { starters, files } = writing(() => writeFiles(options, target, answers, catalog));
  const rows: [string, string][] = [
    ...accountRows(account, catalog),
    ["may read", access.join(", ")],
    ["pipelines", catalog.pipelines.map(({ name }) => name).join(", ")],
    ["database", found],
  ];
  const next = nextSteps(options.config);
  if (options.json) {
    const firsts = files.map(({ file, action }) => ({ file, action }));
    const calls = next.map(({ call }) => call);
    await writeMessage({
      folder: target.folder,
      found: Object.fromEntries(rows),
      files: [...firsts, ...starters],
      next: calls,
    });
  } else for (const line of describeInit({ rows, files, starters, next })) await writeLine(line);
  return 0;
}

/** Writes all files, or none. The config comes last: where it is, everything else is too. */
function writeFiles(
  { config }: InitOptions,
  { folder, variables }: Target,
  answers: Answers,
  catalog: AccountCatalog,
): { starters: StarterFile[]; files: FirstFile[] } {
  const starters = planStarters(join(folder, "mappings"), catalog, false);
  const ignored = planGitignore(folder, answers.database);
  const secret = planEnv(folder, variables, secretsOf(answers));
  const path = resolve(config);
  writeTogether([
    ...starters.writes,
    ...ignored.write,
    ...secret.write,
    { path, text: configText(answers), how: "create" },
  ]);
  const first: FirstFile = { file: shownPath(path), action: "written", remark: "" };
  return { starters: starters.files, files: [first, secret.file, ignored.file] };
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
