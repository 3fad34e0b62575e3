import { readFileSync } from "node:fs";
import { resolve, sep } from "node:path";
import { databaseProblem } from "../../config/check-config.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import type { CompanyUrl } from "../../pipedrive/client/company-url.ts";
import { readFileOrPipe, UnreadableFile } from "../../read-regular-file.ts";
import { tokenVariable } from "./first-files.ts";

/** A token that need not be asked for, and its place. */
export interface GivenToken {
  token: string;
  /** The place as a phrase: `the environment variable …`. */
  from: string;
}

/**
 * Returns the token of `--token-file`, of the environment or of an existing `.env`, in this order; undefined if none
 * has one. Throws a Failure (usage) if a later sync would take another one than the file's.
 */
export function givenToken(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  besideHas: boolean,
): GivenToken | undefined {
  const set = environment[tokenVariable]?.trim();
  const place = besideHas ? ".env, which is there already," : `the environment variable ${tokenVariable}`;
  if (file === undefined) return set ? { token: set, from: place.replace(/,.*/, "") } : undefined;
  const token = readToken(file);
  if (set && set !== token) {
    throw new Failure("usage", `--token-file and ${place} hold different tokens, and a sync would take the second.`, {
      hint: besideHas ? `Remove ${tokenVariable} from .env.` : `Unset ${tokenVariable}, or leave --token-file out.`,
    });
  }
  return { token, from: "--token-file" };
}

function readToken(file: string): string {
  try {
    const token = (file === "-" ? readFileSync(0, "utf8") : readFileOrPipe(file, 10_000)).trim();
    if (token !== "") return token;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new Failure("usage", `The token file ${file} ${error.reason}.`);
  }
  throw new Failure("usage", `${file === "-" ? "stdin" : `The token file ${file}`} holds no token.`, {
    hint: "It holds the API token and nothing else. Pipedrive: Personal preferences > API.",
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
