import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import type { RevenueKind } from "../../model-name.ts";
import { urlSecrets } from "../../server-url.ts";
import { type DealChoice, shownPath } from "../mapping/starter-files.ts";
import type { TextFile } from "../mapping/write-together.ts";

/** The variables that `.env` holds for the config of `init`. */
export const tokenVariable = "PIPEDRIVE_API_TOKEN";
export const databaseVariable = "PIPEDRIVE_PLANHAT_DATABASE";
export const tenantVariable = "PLANHAT_API_TOKEN";
/** The address of Planhat's API, unless a tenant has another. */
export const usualPlanhat = "https://api.planhat.com";

/** The answers of which the first files are made. */
export interface Answers {
  /** The origin: https://acme.pipedrive.com. */
  companyUrl: string;
  token: string;
  /** A folder, counted from the config, or a server's URL. */
  database: string;
  /** The Planhat tenant; absent: the tables alone are filled. */
  tenant?: TriedTenant;
  /** The deals that sync; absent: those of the shipped mapping. */
  deals?: DealChoice;
}

/** A Planhat tenant that answered. */
export interface TriedTenant {
  token: string;
  apiUrl: string;
  /** Its revenue models. */
  kind: RevenueKind;
}

/** A file as people see it, and what becomes of it. */
export interface FirstFile {
  file: string;
  action: "written" | "extended" | "unchanged";
  remark: string;
}

/** Returns true if the answer for the database holds a password, not a variable, so that it belongs into `.env`. */
function isSecret(database: string): boolean {
  return isServer(database) && urlSecrets(database).some((secret) => !secret.includes("${"));
}

/** Returns the text of the config, without a secret: those are variables. */
export function configText({ companyUrl, database, tenant }: Answers): string {
  const place = isSecret(database)
    ? `\${${databaseVariable}}`
    : yamlText(isServer(database) ? database : database.replaceAll("${", "$${"));
  return `# What pipedrive-planhat syncs. ${"`"}pipedrive-planhat check${"`"} tries it; a wrong key is refused with the nearest right one.

company_url: ${yamlText(companyUrl)}
api_token: \${${tokenVariable}}   # from .env beside this file, or from the environment, which wins
mappings: ./mappings               # what becomes what: edit these files, then run mapping check
database: ${place}

${planhatText(tenant)}

# Leave out the deals that were last updated before this day:
# start_date: 2024-01-01T00:00:00Z

# When ${"`"}pipedrive-planhat serve${"`"} syncs:
# schedule: "*/15 * * * *"
`;
}

function planhatText(tenant: TriedTenant | undefined): string {
  if (tenant === undefined) {
    return `# The tables alone are filled. To publish them to Planhat too,
# put ${tenantVariable}=… into .env and take away the #:
# planhat:
#   api_token: \${${tenantVariable}}`;
  }
  const address = tenant.apiUrl === usualPlanhat ? "" : `\n  api_url: ${yamlText(tenant.apiUrl)}`;
  return `# The tables are published to Planhat too, once somebody has agreed:
# sync tells how many objects wait for that.
planhat:
  api_token: \${${tenantVariable}}${address}`;
}

function yamlText(text: string): string {
  return /^[\w./~][\w./~:@%?=&+-]*$/.test(text) && !/:$/.test(text) ? text : JSON.stringify(text);
}

/** Returns the variables that `.env` must hold. */
export function secretsOf({ token, database, tenant }: Answers): Record<string, string> {
  return {
    [tokenVariable]: token,
    ...(tenant === undefined ? {} : { [tenantVariable]: tenant.token }),
    ...(isSecret(database) ? { [databaseVariable]: database } : {}),
  };
}

/** The variables of `.env` in words. */
const secretNames: Readonly<Record<string, string>> = {
  [tokenVariable]: "the API token",
  [tenantVariable]: "the token of Planhat",
  [databaseVariable]: "the database URL",
};

/** Decides what `.env` gains beside what it holds. A file of the user keeps every line. */
export function planEnv(
  folder: string,
  present: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): { file: FirstFile; write: TextFile[] } {
  const path = join(folder, ".env");
  const lines = Object.entries(secrets)
    .filter(([name]) => !Object.hasOwn(present, name))
    .map(([name, value]) => `${name}=${quotedVariable(value)}`);
  const what = Object.entries(secretNames).flatMap(([name, words]) => (name in secrets ? [words] : []));
  const remark = `with ${new Intl.ListFormat("en-GB").format(what)}, for this user alone`;
  if (lines.length === 0) return { file: { file: shownPath(path), action: "unchanged", remark }, write: [] };
  const head = "# Secrets of pipedrive-planhat, read beside its config. Not for git.";
  return addLines(path, { head, lines, remark, mode: 0o600 });
}

/** Decides what `.gitignore` gains, so that git leaves out the secrets and the database. */
export function planGitignore(folder: string, database: string): { file: FirstFile; write: TextFile[] } {
  const path = join(folder, ".gitignore");
  const data = isServer(database) ? "" : relative(folder, resolve(folder, database)).split(sep).join("/");
  const inside = data !== "" && !data.startsWith("..") && !/^(?:[a-z]:|\/)/i.test(data);
  const wanted = ["/.env", ...(inside ? [`/${data}/`] : [])];
  const there = new Set(
    existsSync(path) && statSync(path).isFile()
      ? readFileSync(path, "utf8")
          .split(/\r?\n/)
          .map((line) => bare(line.trim()))
      : [],
  );
  const lines = wanted.filter((line) => !there.has(bare(line)));
  const remark = `so that git leaves out ${wanted.map((line) => line.slice(1)).join(" and ")}`;
  if (lines.length === 0) return { file: { file: shownPath(path), action: "unchanged", remark }, write: [] };
  const head = "# Of pipedrive-planhat: secrets, and the database with the data of customers.";
  return addLines(path, { head, lines, remark });
}

function bare(pattern: string): string {
  return pattern.replace(/^\//, "").replace(/\/$/, "");
}

function addLines(
  path: string,
  { head, lines, remark, mode }: { head: string; lines: readonly string[]; remark: string; mode?: number },
): { file: FirstFile; write: TextFile[] } {
  const file = shownPath(path);
  const text = `${[head, ...lines].join("\n")}\n`;
  const permissions = mode === undefined ? {} : { mode };
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) {
    return {
      file: { file, action: "written", remark },
      write: [{ path, text, how: "create", ...permissions }],
    };
  }
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new Failure("usage", `${file} is there already, and is no file that lines could be added to.`, {
      hint: "Move it away.",
    });
  }
  const before = readFileSync(path, "utf8");
  const gap = before === "" ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  return {
    file: { file, action: "extended", remark },
    write: [{ path, text: gap + text, how: "append", ...permissions }],
  };
}

/** Writes a value so that a shell, Docker Compose and systemd read it as it is. */
export function quotedVariable(value: string): string {
  if (/^[\w./:@%?=&+,-]+$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value}"`;
}
