import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { parse } from "yaml";
import { quotedVariable } from "../../commands/init/first-files.ts";
import { shownPath } from "../../commands/mapping/starter-files.ts";
import { accountOf } from "../../commands/opening/with-account.ts";
import { keptOwner } from "../../commands/opening/with-database.ts";
import type { Config } from "../../config/config.ts";
import { withVariable } from "../../config/env-file.ts";
import { configFolder, configOf, isFromOutside, loadConfig, readEnvironment } from "../../config/load-config.ts";
import { readOwnAccount } from "../../database/tables/account.ts";
import { Failure } from "../../failure.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { readAccount } from "../../pipedrive/account/account.ts";
import { parseCompanyUrl } from "../../pipedrive/client/company-url.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import { answer } from "../answer.ts";
import { body, objectOf } from "../checked-input.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import { editYaml, type YamlEdit } from "../edit-yaml.ts";
import { log, needs } from "../guard.ts";
import { variableIn } from "../proposed-change.ts";
import { isWritable, replaceTogether } from "../replace-files.ts";

/** The sign-in to Pipedrive as the config has it, told even while the service does not run because of it. */
export interface ConnectionState {
  file: string;
  /** The SHA-256 of the config, which a request to change it carries. */
  hash: string;
  company_url: string;
  /** The variable of the token; null if the file has it itself. */
  sign_in: { by: "api_token" | "oauth2"; variable: string | null };
}

/** A saved sign-in to Pipedrive: the company that answered to it. No secret is told. */
export interface ConnectionAnswer {
  company: string;
  /** The files that changed. */
  files: string[];
  /** True if somebody has to start `serve` again. */
  restart: boolean;
}

interface ConnectionBody {
  company_url: string;
  /** The new token; absent: the one in use. */
  api_token?: string;
  /** The hash of the config as the page read it. */
  hash: string;
}

/** Adds the route that tries the address and the token of Pipedrive, and writes them to where they are. */
export function connectionRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get("/connection", async (context) => {
      const text = readFileSync(host.configFile, "utf8");
      const { config } = await configOf(host.configFile, text, readEnvironment(host.configFile).environment);
      const written = (parse(text) ?? {}) as JsonObject;
      const variable = variableIn(valueAt(written, placeOf(written, "api_token")));
      return answer<ConnectionState>(context, {
        file: host.configFile,
        hash: sha256(text),
        company_url: config.company_url,
        sign_in: { by: config.credentials === undefined ? "api_token" : "oauth2", variable },
      });
    })
    .post(
      "/connection/save",
      needs("editor"),
      body<ConnectionBody>(
        objectOf(
          {
            company_url: { type: "string", minLength: 1, maxLength: 500 },
            api_token: { type: "string", minLength: 1, maxLength: 500 },
            hash: { type: "string" },
          },
          ["company_url", "hash"],
        ),
      ),
      async (context) => {
        const { name } = context.var.person;
        const given = context.req.valid("json");
        const { config } = await loadConfig(host.configFile);
        refuseOtherAddress(config, given.company_url, given.api_token);
        const change = new SignInChange(host.configFile, given.hash);
        change.set("company_url", given.company_url.trim());
        if (given.api_token !== undefined) change.set("api_token", given.api_token.trim());
        const loaded = await configOf(host.configFile, change.config, change.environment);
        const tried = { config: host.configFile, logLevel: "error", logFormat: "text" } as const;
        const account = await readAccount((await accountOf(loaded, tried)).client);
        const database = host.service()?.database;
        const own = database === undefined ? await keptOwner(config.database) : await readOwnAccount(database);
        refuseOther(own, account, config.database);
        const files = change.write();
        await log(host, name, { action: "save authorization", subject: files.join(" ") });
        if (files.length > 0) await host.restart?.();
        host.live.tell("settings", null);
        const restart = files.length > 0 && host.restart === undefined;
        return answer<ConnectionAnswer>(context, { company: account.companyName, files, restart });
      },
    );
}

/** Throws if the token in use would be sent to another address than the one for which somebody has given it. */
function refuseOtherAddress(config: Config, url: string, token: string | undefined): void {
  const { origin } = parseCompanyUrl(url);
  if (token !== undefined && config.credentials === undefined) return;
  if (parseCompanyUrl(config.company_url).origin === origin) {
    if (token === undefined) return;
    throw new Failure("usage", "The account signs in by OAuth: it takes no API token.", {
      hint: "Change `credentials` in the config, where whoever runs the service can.",
    });
  }
  throw new Failure("usage", `The sign-in in use is not sent to another address, ${origin}.`, {
    hint:
      config.credentials === undefined
        ? "Give the API token too."
        : "Change `company_url` and `credentials` in the config, where whoever runs the service can.",
  });
}

/** A change of the address and the token: in the config where they stand there, in `.env` where it has a variable. */
class SignInChange {
  config: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #file: string;
  readonly #before: string;
  readonly #written: JsonObject;
  readonly #env: string;
  readonly #envBefore: string | undefined;
  #envText: string;

  /** Throws if the config changed since the page read it. */
  constructor(file: string, hash: string) {
    this.#file = file;
    this.#before = readFileSync(file, "utf8");
    if (sha256(this.#before) !== hash) throw changedSince(file);
    this.config = this.#before;
    this.environment = { ...readEnvironment(file).environment };
    this.#written = (parse(this.#before) ?? {}) as JsonObject;
    this.#env = join(configFolder(file), ".env");
    this.#envBefore = existsSync(this.#env) ? readFileSync(this.#env, "utf8") : undefined;
    this.#envText = this.#envBefore ?? "";
  }

  /** Sets a value where it stands. Throws if that is nothing which the console can write. */
  set(key: "company_url" | "api_token", value: string): void {
    const path = placeOf(this.#written, key);
    const written = valueAt(this.#written, path);
    const variable = variableIn(written);
    if (variable === null) {
      if (typeof written === "string" && written.includes("${")) throw notAlone(key, this.#file);
      if (written !== value) this.config = editYaml(this.#file, this.config, [{ path, value } satisfies YamlEdit]);
      return;
    }
    if (this.environment[variable] === value) return;
    if (isFromOutside(variable)) throw fromOutside(variable);
    this.#envText = withVariable(this.#envText, variable, quotedVariable(value));
    this.environment[variable] = value;
  }

  /** Writes what changed, all or nothing; returns the files. Throws if one changed meanwhile, or is not writable. */
  write(): string[] {
    const changed = [
      { path: this.#file, before: this.#before as string | undefined, text: this.config },
      { path: this.#env, before: this.#envBefore, text: this.#envText },
    ].filter(({ before, text }) => (before ?? "") !== text);
    for (const { path, before } of changed) {
      if ((existsSync(path) ? readFileSync(path, "utf8") : undefined) !== before) throw changedSince(path);
      if (isWritable(path)) continue;
      throw new Failure("surroundings", `Nothing was saved: ${shownPath(path)} or its folder cannot be written.`, {
        hint: "Change it where the file comes from.",
      });
    }
    replaceTogether(changed.map(({ path, text }) => ({ path, text, holdsSecrets: true })));
    return changed.map(({ path }) => shownPath(path));
  }
}

/** Returns the place of a value in a config: the token may stand among the credentials. */
function placeOf({ credentials }: JsonObject, key: "company_url" | "api_token"): string[] {
  const isInside = typeof credentials === "object" && credentials !== null && key in credentials;
  return isInside ? ["credentials", key] : [key];
}

function valueAt(written: JsonObject, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, part) => (typeof at === "object" && at !== null && !Array.isArray(at) ? at[part] : undefined),
    written,
  );
}

function changedSince(file: string): Failure {
  return new Failure("usage", `Nothing was saved: ${shownPath(file)} changed since the page read it.`, {
    hint: "Reload the page, and make the change again.",
  });
}

function fromOutside(variable: string): Failure {
  return new Failure("usage", `${variable} is set in the environment of this process, which wins over \`.env\`.`, {
    hint: "Change it there, and start again.",
  });
}

function notAlone(key: string, file: string): Failure {
  return new Failure("usage", `\`${key}\` in ${shownPath(file)} is made of a variable and more.`, {
    hint: "Change it in the file, where whoever runs the service can.",
  });
}
