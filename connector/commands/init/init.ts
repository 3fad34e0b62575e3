import { configFolder } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { type Account, readCatalog } from "../../pipedrive/account/account.ts";
import { parseCompanyUrl } from "../../pipedrive/client/company-url.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { accountRows, tryStreams } from "../check/try-account.ts";
import type { CommonOptions } from "../common-options.ts";
import type { OpenAccount } from "../opening/with-account.ts";
import { reportTrouble } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { type GivenToken, givenToken } from "./answers.ts";
import { describeInit, nextSteps } from "./describe-init.ts";
import { type Answers, type TriedTenant, tenantVariable, tokenVariable, usualPlanhat } from "./first-files.ts";
import { Questions } from "./questions.ts";
import { SetUp, usualDatabase } from "./set-up.ts";
import { findTenant, tryTenant } from "./try-tenant.ts";

/** The options of `init`. */
export interface InitOptions extends CommonOptions {
  companyUrl?: string;
  tokenFile?: string;
  database?: string;
  planhatTokenFile?: string;
  planhatUrl?: string;
  /** Names or ids, apart by commas. */
  pipelines?: (string | number)[];
  startDateField?: string;
  yes?: true;
  json?: true;
}

/**
 * Starts a folder (contract, section 2): asks for company URL, token, database and Planhat's token, tries each, and
 * writes the config, `.env`, `.gitignore` and the mapping of the account and tenant. All files appear or none, and no
 * file of the user is replaced. Returns the exit status.
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
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const setUp = new SetUp(options, either);
  const given = givenToken(pipedriveToken, options.tokenFile, setUp.environment);
  const tenantToken = givenToken(planhatToken, options.planhatTokenFile, setUp.environment);
  const asks = options.yes === undefined && process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (!asks) refuseMissing(options, given !== undefined);
  const questions = asks ? new Questions((reason) => stop.abort(reason)) : undefined;
  signal.addEventListener("abort", () => questions?.end(signal.reason as Error), { once: true });
  try {
    const folder = configFolder(options.config);
    questions?.say(`This starts ${folder}: a config, a mapping and .env. Ctrl-C ends it, and nothing is written.\n`);
    if (given !== undefined) questions?.say(`The API token is that of ${given.from}.`);
    const signed = await askAccount(setUp, options, questions, given);
    const placed = await untilRight(questions, options.database === undefined, async () => {
      const database =
        options.database ?? (await questions?.ask(databaseQuestion, { fallback: usualDatabase })) ?? usualDatabase;
      const answers = { ...signed.answers, database };
      return { answers, ...(await setUp.place(answers, signed.account)) };
    });
    if (tenantToken !== undefined) questions?.say(`The token of Planhat is that of ${tenantToken.from}.`);
    const tenant = await askTenant(options, { questions, given: tenantToken, signal: either });
    questions?.close();
    const answers = { ...placed.answers, ...(tenant === undefined ? {} : { tenant }), ...chosenDeals(options) };
    return await finish(options, setUp, { ...placed, answers, account: signed.account }, either);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    questions?.close();
  }
}

const pipedriveToken = {
  option: "--token-file",
  variable: tokenVariable,
  hint: "It holds the API token and nothing else. Pipedrive: Personal preferences > API.",
};
const planhatToken = {
  option: "--planhat-token-file",
  variable: tenantVariable,
  hint: "It holds the token of Planhat and nothing else.",
};
const companyQuestion = "Company URL, as the browser shows it while you are signed in to Pipedrive";
const tokenQuestion = "API token (Pipedrive: Personal preferences > API; not shown)";
const databaseQuestion = "Database, a folder or the postgres:// URL of a server";
const planhatQuestion = "Token of Planhat, to publish there too (of a private app; not shown; empty: the tables alone)";

async function askAccount(
  setUp: SetUp,
  { companyUrl }: InitOptions,
  questions: Questions | undefined,
  given: GivenToken | undefined,
): Promise<{ answers: Answers; account: Account }> {
  return untilRight(questions, companyUrl === undefined || given === undefined, async (again) => {
    const address = companyUrl ?? (await questions!.ask(companyQuestion, { fallback: again.companyUrl ?? "" }));
    // A wrong address is told before the token is asked for.
    again.companyUrl = parseCompanyUrl(address).origin;
    const token = given?.token ?? (await questions!.ask(tokenQuestion, { hidden: true }));
    const signed = await setUp.signIn(address, token);
    const rows = accountRows(signed.account, signed.account);
    questions?.say(`  ${rows.map(([, value]) => value).join("; ")}`);
    return signed;
  });
}

/** Returns the tenant of the options or of who is asked; undefined if there is none. */
async function askTenant(
  { planhatUrl: apiUrl = usualPlanhat }: InitOptions,
  asking: { questions: Questions | undefined; given: GivenToken | undefined; signal: AbortSignal },
): Promise<TriedTenant | undefined> {
  const { questions, given, signal } = asking;
  return untilRight(questions, given === undefined, async () => {
    const token = given?.token ?? (await questions?.ask(planhatQuestion, { hidden: true })) ?? "";
    return token === "" ? undefined : findTenant({ token, apiUrl }, signal);
  });
}

function chosenDeals({ pipelines = [], startDateField: startDate }: InitOptions): Pick<Answers, "deals"> {
  if (pipelines.length === 0 && startDate === undefined) return {};
  return { deals: { pipelines, ...(startDate === undefined ? {} : { startDate }) } };
}

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

/** The account, all answers, and what was found in the database. */
interface Placed {
  account: Account;
  answers: Answers;
  opened: OpenAccount;
  found: string;
}

async function finish(
  options: InitOptions,
  setUp: SetUp,
  { account, answers, opened, found }: Placed,
  signal: AbortSignal,
): Promise<number> {
  const catalog = await readCatalog(opened.client);
  const access = await tryStreams(opened.client);
  const planned = setUp.plan(answers, catalog);
  const { tenant } = answers;
  const rows: [string, string][] = [
    ...accountRows(account, catalog),
    ["may read", access.join(", ")],
    ["pipelines", catalog.pipelines.map(({ name }) => name).join(", ")],
    ["database", found],
  ];
  if (tenant !== undefined)
    rows.push(["planhat", await tryTenant(tenant, setUp.compile(planned.mapping, catalog), signal)]);
  setUp.write(planned);
  const { files, starters } = planned;
  const next = nextSteps(options.config);
  if (options.json) {
    const firsts = files.map(({ file, action }) => ({ file, action }));
    const calls = next.map(({ call }) => call);
    await writeMessage({
      folder: setUp.folder,
      found: Object.fromEntries(rows),
      files: [...firsts, ...starters],
      next: calls,
    });
  } else for (const line of describeInit({ rows, files, starters, next })) await writeLine(line);
  return 0;
}
