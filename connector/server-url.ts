import { nearestWord } from "./text/nearest-word.ts";

/** A Postgres URL in its parts, decoded. Parts that it lacks are "". */
export interface ServerUrl {
  /** A name, an address, or the folder of a Unix socket, which begins with a slash. */
  host: string;
  port: string;
  user: string;
  password: string;
  database: string;
  parameters: ReadonlyMap<string, string>;
  /** The URL without its passwords. */
  shown: string;
}

/** The reason why a text is not the URL of a server, as a sentence that does not repeat it, and a hint. */
export interface UrlProblem {
  message: string;
  hint: string;
}

/** The parameters that name a file. */
export const fileParameters = ["sslrootcert", "sslcert", "sslkey"] as const;

/** The values of `sslmode`. */
export const sslModes = ["disable", "require", "verify-ca", "verify-full", "no-verify"] as const;
export type SslMode = (typeof sslModes)[number];

/** The supported parameters, each with its valid values; null allows any. */
const known: Readonly<Record<string, RegExp | null>> = {
  sslmode: null,
  ssl: /^(true|false|1|0|no-verify)$/,
  sslrootcert: null,
  sslcert: null,
  sslkey: null,
  sslpassword: null,
  sslnegotiation: /^(postgres|direct)$/,
  uselibpqcompat: /^(true|false)$/,
  host: null,
  port: /^\d{1,5}$/,
  user: null,
  password: null,
  dbname: null,
  application_name: null,
  fallback_application_name: null,
  connect_timeout: /^\d{1,6}$/,
  options: null,
  client_encoding: /^(utf-?8|auto)$/i,
  keepalives: /^[01]$/,
  keepalives_idle: /^\d{1,6}$/,
  channel_binding: /^(disable|prefer|require)$/,
  target_session_attrs: /^(any|read-write|primary)$/,
  gssencmode: /^(disable|prefer)$/,
  statement_timeout: /^\d{1,9}$/,
  lock_timeout: /^\d{1,9}$/,
  idle_in_transaction_session_timeout: /^\d{1,9}$/,
  query_timeout: /^\d{1,9}$/,
};

const unreadable: UrlProblem = {
  message: "The database URL cannot be read.",
  hint: "It is postgres://user:password@host:5432/database; characters such as @ / # % in the password are written %40 %2F %23 %25.",
};

const wholeUrl =
  /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?(\[[\da-f:.]+\]|[^@:/?#]*)(?::(\d*))?(?:\/([^@?#]*))?(?:\?([^#]*))?$/i;

/**
 * Parses a `postgres://` URL in all forms of libpq: `postgres:///db?host=/var/run/postgresql` and
 * `postgres://%2Fvar%2Frun%2Fpostgresql/db` are Unix sockets. An unsupported parameter is a problem: a misspelt one
 * would mean a connection in plain text.
 */
export function readServerUrl(text: string): ServerUrl | UrlProblem {
  const parts = wholeUrl.exec(text);
  if (parts === null) return unreadable;
  const [, scheme, credentials = "", rawHost = "", rawPort = "", rawDatabase, query = ""] = parts;
  const colon = credentials.includes(":") ? credentials.indexOf(":") : credentials.length;
  const written = query === "" ? [] : query.split("&").filter((pair) => pair !== "");
  try {
    const parameters = new Map<string, string>();
    for (const pair of written) {
      const [name = "", ...value] = pair.split("=");
      parameters.set(decodeURIComponent(name), decodeURIComponent(value.join("=").replaceAll("+", " ")));
    }
    // A password that is not encoded ends early, and its rest would be taken for a part that is shown.
    if ([...parameters.keys()].some((name) => !/^\w[\w-]{0,40}$/.test(name))) return unreadable;
    const host = parameters.get("host") || decodeURIComponent(rawHost).replace(/^\[(.*)\]$/, "$1");
    const user = credentials.slice(0, colon);
    const publicPairs = written.filter((pair) => !/password/i.test(pair.split("=")[0]!));
    const url: ServerUrl = {
      host,
      port: parameters.get("port") || rawPort,
      user: parameters.get("user") || decodeURIComponent(user),
      password: parameters.get("password") || decodeURIComponent(credentials.slice(colon + 1)),
      database: decodeURIComponent(rawDatabase ?? "") || parameters.get("dbname") || "",
      parameters,
      shown:
        `${scheme!.toLowerCase()}${user}${credentials === "" ? "" : "@"}${rawHost}${rawPort === "" ? "" : `:${rawPort}`}` +
        `${rawDatabase === undefined ? "" : `/${rawDatabase}`}${publicPairs.length === 0 ? "" : `?${publicPairs.join("&")}`}`,
    };
    return parameterProblem(url) ?? url;
  } catch {
    return unreadable;
  }
}

/** Returns true for a URL that could be parsed. */
export function isServerUrl(read: ServerUrl | UrlProblem): read is ServerUrl {
  return "shown" in read;
}

/** Returns the secrets of a URL, encoded and decoded. */
export function urlSecrets(text: string): string[] {
  const credentials = /^[^/]+\/\/([^/?#]*)@/.exec(text)?.[1] ?? "";
  const encoded = [...text.matchAll(/[?&]\w*password=([^&#]*)/gi)].map(([, value]) => value!);
  if (credentials.includes(":")) encoded.push(credentials.slice(credentials.indexOf(":") + 1));
  const secrets = encoded.flatMap((secret) => {
    try {
      return [secret, decodeURIComponent(secret)];
    } catch {
      return [secret];
    }
  });
  return [...new Set(secrets)].filter((secret) => secret !== "");
}

/** Returns the URL with the files it names made absolute. */
export function withAbsoluteFiles(text: string, absolute: (file: string) => string): string {
  return text.replace(
    /([?&])(sslrootcert|sslcert|sslkey)=([^&#]*)/g,
    (pair, mark: string, name: string, value: string) => {
      if (value === "" || (name === "sslrootcert" && value === "system")) return pair;
      return `${mark}${name}=${encodeURIComponent(absolute(decodeURIComponent(value)))}`;
    },
  );
}

function parameterProblem({ host, parameters }: ServerUrl): UrlProblem | undefined {
  if (host.includes(",")) {
    return {
      message: "The database URL names several servers.",
      hint: "Name one: the primary's address, or one that always leads to the primary.",
    };
  }
  for (const [name, value] of parameters) {
    const values = Object.hasOwn(known, name) ? known[name] : undefined;
    if (values === undefined) return unknownParameter(name);
    if (name === "sslmode") {
      const problem = sslModeProblem(value, "sslmode in the database URL");
      if (problem !== undefined) return problem;
    }
    if (values !== null && !values.test(value)) {
      return {
        message: `The parameter \`${name}\` of the database URL has an invalid value.`,
        hint:
          name === "ssl" ? "Write sslmode=verify-full instead, or sslmode=disable." : `It must match ${values.source}.`,
      };
    }
  }
  return undefined;
}

function unknownParameter(name: string): UrlProblem {
  const near = /^(tls|ssl_?mode|tls_?mode|encrypt|use_?ssl)$/i.test(name)
    ? "sslmode"
    : nearestWord(name, Object.keys(known));
  return {
    message: `The database URL has an unknown parameter \`${name}\`.`,
    hint: near === undefined ? `Known ones: ${Object.keys(known).join(", ")}.` : `Did you mean \`${near}\`?`,
  };
}

/** Returns the problem of a value of `sslmode` at a place; undefined if it is valid. */
export function sslModeProblem(value: string, place: string): UrlProblem | undefined {
  if ((sslModes as readonly string[]).includes(value)) return undefined;
  if (value === "prefer" || value === "allow") {
    return {
      message: `${place} is \`${value}\`, which lets anyone on the way force plain text.`,
      hint: "Write verify-full, or disable if the connection may be in plain text.",
    };
  }
  const near = nearestWord(value, sslModes);
  return {
    message: `${place} must be verify-full, verify-ca, require, no-verify or disable.`,
    hint: near === undefined ? "Only verify-full protects against attackers on the way." : `Did you mean \`${near}\`?`,
  };
}

/** Returns true if the connection to another machine's server is in plain text without a setting that says so. */
export function isUnprotected(
  { host, parameters }: ServerUrl,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const server = host || environment["PGHOST"] || "localhost";
  if (server.startsWith("/") || server === "localhost" || server === "::1" || /^127(\.\d{1,3}){3}$/.test(server))
    return false;
  if (environment["PGSSLMODE"]) return false;
  return !["sslmode", "ssl", ...fileParameters].some((name) => parameters.has(name));
}
