import { isIP } from "node:net";
import { Failure } from "../../failure.ts";
import { isLoopback } from "../../loopback.ts";
import { nearestWord } from "../../text/nearest-word.ts";

/** The address of an account's API. */
export interface CompanyUrl {
  /** Scheme, host and port, without a trailing slash: `https://acme.pipedrive.com`. */
  origin: string;
  /** The account's sub-domain, `acme` of https://acme.pipedrive.com; null if the host does not name it. */
  companyDomain: string | null;
}

/** Pipedrive's hosts that serve every account, so that they do not identify one. */
const hostsWithoutCompany = new Set(["app", "www", "oauth", "developers", "support", "marketplace", "community"]);

const wayOut =
  "Copy the address that the browser shows while you are signed in to Pipedrive, such as https://acme.pipedrive.com.";

/**
 * Parses the API's origin from any form that a user may paste: `acme`, `acme.pipedrive.com`, an address of a page, with
 * or without /v1, /api/v1, /api/v2 or a slash. Throws a Failure of kind `usage` for text that names no account, and for
 * plain http to a host other than this machine.
 */
export function parseCompanyUrl(text: string): CompanyUrl {
  const typed = text.trim();
  const url = readUrl(typed);
  const shown = withoutDetails(typed);
  if (url === undefined || url.username !== "" || url.password !== "") throw notAnAddress(shown);
  const host = url.hostname.replace(/\.$/, "");
  const port = url.port === "" ? "" : `:${url.port}`;
  if (isLoopback(host)) return { origin: `${url.protocol}//${host}${port}`, companyDomain: null };
  const isPipedrive = host.endsWith(".pipedrive.com") || host === "pipedrive.com";
  if (!isPipedrive) refuseMisspelling(host, shown);
  if (url.protocol !== "https:") {
    throw new Failure("usage", `company_url is ${shown}: plain http would send the API token unprotected.`, {
      hint: `Write https://${host}${port}.`,
    });
  }
  if (isPipedrive) return ofPipedrive(host, port, shown);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) || !(host.includes(".") || isIP(host) !== 0)) throw notAnAddress(shown);
  return { origin: `https://${host}${port}`, companyDomain: null };
}

function readUrl(typed: string): URL | undefined {
  if (typed === "" || /\s/.test(typed)) return undefined;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed);
  const address = hasScheme ? typed : withScheme(typed);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== "" ? url : undefined;
}

/** Adds a scheme: a word alone is the account's sub-domain; only a host on this machine may speak plain http. */
function withScheme(typed: string): string {
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/i.test(typed)) return `http://${typed}`;
  const [, word, rest] = /^([a-z0-9][a-z0-9-]*)(\/.*)?$/i.exec(typed) ?? [];
  return word === undefined ? `https://${typed}` : `https://${word}.pipedrive.com${rest ?? ""}`;
}

function ofPipedrive(host: string, port: string, shown: string): CompanyUrl {
  const company = host.slice(0, -".pipedrive.com".length);
  // The shared host serves every account; the token identifies it (Pipedrive API v1 and v2, `servers`).
  if (company === "api") return { origin: `https://${host}${port}`, companyDomain: null };
  if (company === "" || hostsWithoutCompany.has(company)) {
    throw new Failure("usage", `company_url is ${shown}, which is Pipedrive's but names no company.`, { hint: wayOut });
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(company)) throw notAnAddress(shown);
  return { origin: `https://${host}${port}`, companyDomain: company };
}

/** Rejects misspelt domains: a token must not be sent to the owner of pipedrvie.com. */
function refuseMisspelling(host: string, shown: string): void {
  const labels = host.split(".");
  const domain = labels.slice(-2).join(".");
  if (nearestWord(domain, ["pipedrive.com"]) === undefined) return;
  throw new Failure("usage", `company_url is ${shown}, which is not an address of Pipedrive.`, {
    hint: `Did you mean https://${[...labels.slice(0, -2), "pipedrive.com"].join(".")}?`,
  });
}

function notAnAddress(shown: string): Failure {
  return new Failure(
    "usage",
    shown === ""
      ? "company_url is empty."
      : `company_url is ${shown}, which is not the address of a Pipedrive account.`,
    { hint: wayOut },
  );
}

/**
 * Returns the part of the text that may be shown: no user or password, no query (tokens get pasted there), not too
 * long.
 */
function withoutDetails(typed: string): string {
  const bare = typed.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//");
  return bare.length > 80 ? `${bare.slice(0, 80)}…` : bare;
}
