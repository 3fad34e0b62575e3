import { isIP } from "node:net";
import type { Context } from "hono";
import { sameText } from "../service/deliveries/same-text.ts";

/** The header that each writing request carries; its value is the session's `token`. */
export const tokenHeader = "x-console-token";

/** Returns the headers of every answer: nothing from other hosts, no frame, no guessing of types, no referrer. */
export function securityHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
  };
}

/**
 * Returns whether the host of a request may be ours. A name that somebody else's DNS points at this machine
 * (rebinding) would let their page read the console; localhost and IP addresses cannot be pointed anywhere.
 */
export function isOwnHost(host: string | undefined, names: readonly string[]): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  return name === "localhost" || isIP(name) !== 0 || names.some((own) => hostName(own) === name);
}

/** Returns the name in a Host header, without port, brackets and a dot at its end; undefined if it is none. */
function hostName(host: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^[\]:/@\s]+))(?::\d{1,5})?$/i.exec(host ?? "");
  return (found?.[1] ?? found?.[2])?.toLowerCase().replace(/\.$/, "");
}

/** Returns why a writing request may not come from our page; undefined if it may. */
export function refusalOfWrite(context: Context, token: string): string | undefined {
  const { origin, host, site, given } = {
    origin: context.req.header("origin"),
    host: context.req.header("host"),
    site: context.req.header("sec-fetch-site"),
    given: context.req.header(tokenHeader),
  };
  if (origin === undefined || !isOriginOf(origin, host)) return "It comes from another site.";
  if (site !== undefined && site !== "same-origin") return "It comes from another site.";
  if (given === undefined || !sameText(given, token)) return `It lacks the header ${tokenHeader} of its session.`;
  return undefined;
}

/** Returns whether a request comes from a page of another site, as its browser says. */
export function isFromOtherSite(context: Context): boolean {
  const site = context.req.header("sec-fetch-site");
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/** Returns whether an Origin is that of the request's own host; the scheme is a proxy's matter. */
export function isOriginOf(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  const port = protocol === "https:" ? ":443" : ":80";
  return (
    (protocol === "https:" || protocol === "http:") && from === host.toLowerCase().replace(new RegExp(`${port}$`), "")
  );
}
