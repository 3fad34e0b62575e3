import axios, { type AxiosResponse } from "axios";
import { Failure } from "../failure.ts";
import { type ModelName, modelNames } from "../model-name.ts";

/** The names of Planhat's custom fields by model, spelled as Planhat does. Each model is there, if only with none. */
export type CustomFieldNames = Readonly<Record<ModelName, ReadonlySet<string>>>;

/** Where Planhat's API answers and the token it takes, as the config has them. */
export interface PlanhatAccess {
  api_token: string;
  api_url: string;
}

/** Most custom fields that one page may hold (Planhat API, GET /customfields). */
const pageSize = 2000;
/** Milliseconds for one page. */
const longestWait = 30_000;
/** Bytes of one page: far more than 2,000 definitions with their list values take. */
const largestAnswer = 50_000_000;

/**
 * Reads the names of all custom fields (Planhat API, GET /customfields, paged by limit and offset). Definitions of
 * other kinds of object are passed over. Throws a Failure of kind `surroundings`, which never holds the token, when
 * Planhat cannot be reached, refuses, or answers with anything but a list of definitions.
 */
export async function readCustomFieldNames(access: PlanhatAccess): Promise<CustomFieldNames> {
  const names = Object.fromEntries(modelNames.map((model) => [model, new Set<string>()])) as Record<
    ModelName,
    Set<string>
  >;
  const seen = new Set<string>();
  for (let offset = 0; ; ) {
    const page = await readPage(access, offset);
    const before = seen.size;
    for (const definition of page) {
      seen.add(JSON.stringify(definition));
      const { parent, name } = (definition ?? {}) as { parent?: unknown; name?: unknown };
      const model = typeof parent === "string" ? modelOf(parent) : undefined;
      if (model !== undefined && typeof name === "string") names[model].add(name);
    }
    // A page may be shorter than asked for without being the last, and a server that ignores the offset would give the
    // same page for ever: the end is where nothing new comes.
    if (seen.size === before) return names;
    offset += page.length;
  }
}

/**
 * How Planhat spells its models is not documented, so only letters count, and one or several are alike; a note is a
 * conversation there.
 */
function modelOf(parent: string): ModelName | undefined {
  const letters = parent.toLowerCase().replace(/[^a-z]/g, "");
  const one = letters === "companies" ? "company" : letters.replace(/s$/, "");
  return one === "conversation" ? "note" : modelNames.find((model) => model === one);
}

async function readPage({ api_token: token, api_url: apiUrl }: PlanhatAccess, offset: number): Promise<unknown[]> {
  const { origin, pathname, host, hostname } = new URL(apiUrl);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw refusal("`planhat.api_token` is empty or has characters that no token has.", "Copy it again from Planhat.");
  }
  let response: AxiosResponse<string>;
  try {
    response = await axios.get<string>(`${origin}${pathname.replace(/\/+$/, "")}/customfields`, {
      params: { limit: pageSize, offset },
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      // The token is for this host alone, so no redirect is followed.
      maxRedirects: 0,
      timeout: longestWait,
      signal: AbortSignal.timeout(longestWait),
      maxContentLength: largestAnswer,
      responseType: "text",
      transformResponse: (text: string) => text,
      validateStatus: () => true,
      ...(/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? { proxy: false as const } : {}),
    });
  } catch (error) {
    // An axios error holds the token, so nothing of it goes on but its code.
    throw noAnswer(error, host);
  }
  return definitionsOf(response, host);
}

function definitionsOf({ status, data, headers }: AxiosResponse<string>, host: string): unknown[] {
  const isPage = /^text\/html/i.test(String(headers["content-type"] ?? "")) || /^\s*</.test(data);
  if (status === 401) throw refusal(`Planhat (${host}) does not accept \`planhat.api_token\` (401).`, newToken);
  if (status === 404) throw refusal(`${host} has no list of custom fields (404).`, otherAddress);
  if (status >= 300 && status < 400) {
    throw refusal(`${host} sends on to another address (${status}), which the token is not given to.`, otherAddress);
  }
  if (isPage && (status === 403 || status < 300)) {
    throw refusal(`${host} answered with a web page in place of data (${status}).`, otherAddress);
  }
  if (status === 403) {
    throw refusal(`Planhat (${host}) does not let this token read custom fields (403).`, grant);
  }
  if (status >= 300) {
    throw new Failure("surroundings", `Planhat (${host}) answered ${status} when asked for its custom fields.`);
  }
  const definitions = parsed(data);
  if (Array.isArray(definitions)) return definitions;
  throw refusal(`${host} answered with something that is no list of custom fields.`, otherAddress);
}

const newToken = "Make a new one in Planhat's settings, for a private app or service account.";
const grant = "Give its private app or service account the right to read custom fields.";
const otherAddress = "`planhat.api_url` must be the API's address, such as https://api.planhat.com.";

function refusal(message: string, hint: string): Failure {
  return new Failure("surroundings", message, { hint, remedy: "change" });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noAnswer(error: unknown, host: string): Failure {
  const code = axios.isAxiosError(error) || axios.isCancel(error) ? ((error as { code?: string }).code ?? "") : "";
  if (/^(ECONNABORTED|ETIMEDOUT|ERR_CANCELED)$/.test(code)) {
    return new Failure("surroundings", `Planhat (${host}) gave no answer within ${longestWait / 1000} s.`);
  }
  if (error instanceof Error && error.message.startsWith("maxContentLength")) {
    return refusal(`${host} answered with more than ${largestAnswer / 1_000_000} MB.`, otherAddress);
  }
  return new Failure(
    "surroundings",
    `Planhat (${host}) could not be reached${/^[A-Z_]+$/.test(code) ? ` (${code})` : ""}.`,
    { hint: "Check the connection and `planhat.api_url`." },
  );
}
