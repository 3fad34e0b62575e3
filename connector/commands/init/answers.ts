import { readFileSync } from "node:fs";
import { resolve, sep } from "node:path";
import { databaseProblem } from "../../config/check-config.ts";
import { isFromOutside } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import type { CompanyUrl } from "../../pipedrive/client/company-url.ts";
import { readFileOrPipe, UnreadableFile } from "../../read-regular-file.ts";

/** A token that need not be asked for, and its place. */
export interface GivenToken {
  token: string;
  /** The place as a phrase: `the environment variable …`. */
  from: string;
}

/** The option and the variable that may give a token, and where people find it. */
export interface TokenPlace {
  option: string;
  variable: string;
  hint: string;
}

/**
 * Returns the token of an option's file, of the environment or of an existing `.env`, in this order; undefined if none
 * has one. Throws a Failure (usage) if a later sync would take another one than the file's.
 */
export function givenToken(
  { option, variable, hint }: TokenPlace,
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): GivenToken | undefined {
  const set = environment[variable]?.trim();
  const besideHas = !isFromOutside(variable);
  const place = besideHas ? ".env, which is there already," : `the environment variable ${variable}`;
  if (file === undefined) return set ? { token: set, from: place.replace(/,.*/, "") } : undefined;
  const token = readToken(file, hint);
  if (set && set !== token) {
    throw new Failure("usage", `${option} and ${place} hold different tokens, and a sync would take the second.`, {
      hint: besideHas ? `Remove ${variable} from .env.` : `Unset ${variable}, or leave ${option} out.`,
    });
  }
  return { token, from: option };
}

function readToken(file: string, hint: string): string {
  try {
    const token = (file === "-" ? readFileSync(0, "utf8") : readFileOrPipe(file, 10_000)).trim();
    if (token !== "") return token;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new Failure("usage", `The token file ${file} ${error.reason}.`);
  }
  throw new Failure("usage", `${file === "-" ? "stdin" : `The token file ${file}`} holds no token.`, { hint });
}

/** Throws a Failure (usage) if a variable that is set already would win over the answer that `.env` is to hold. */
export function refuseShadowed(
  variable: string,
  answer: string,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const set = environment[variable];
  if (set === undefined || set.trim() === answer) return;
  const other = variable.endsWith("TOKEN") ? "token" : "database";
  throw new Failure("usage", `The variable ${variable} is set already, to another ${other}.`, {
    hint: isFromOutside(variable) ? "Unset it, or remove it from .env." : "Remove it from .env.",
  });
}

/** Throws a Failure (usage) if the token is that of another account than the address names. */
export function refuseOtherAddress({ origin, companyDomain }: CompanyUrl, account: Account): void {
  if (companyDomain === null || account.companyDomain === null || companyDomain === account.companyDomain) return;
  throw new Failure(
    "usage",
    `The token is that of ${account.companyName} (${account.companyDomain}.pipedrive.com), and the company URL is ${origin}.`,
    {
      hint: `Give https://${account.companyDomain}.pipedrive.com, or a token that was made in ${companyDomain}.pipedrive.com.`,
    },
  );
}

/** Throws a Failure (usage) if an answer is no database, or a folder in the way of the other files. */
export function refuseDatabase(database: string, folder: string): void {
  const problem = databaseProblem(database);
  if (problem !== undefined) throw new Failure("usage", problem.message, { hint: problem.hint });
  if (isServer(database)) return;
  const place = resolve(folder, database);
  if (database.startsWith("~")) {
    throw new Failure("usage", `A config does not know ~, so ${database} would be a folder of that name.`, {
      hint: "Write the whole path.",
    });
  }
  const inTheWay = place === resolve(folder, "mappings") || `${resolve(folder)}${sep}`.startsWith(`${place}${sep}`);
  if (!inTheWay) return;
  throw new Failure("usage", `The database needs a folder of its own, and ${database} holds the config or mapping.`, {
    hint: "Name another one, such as ./planhat-data.",
  });
}
