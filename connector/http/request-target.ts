import type { IncomingMessage } from "node:http";

/** The methods that a route may have. Others are rejected: `Request` does not accept them (TRACE, CONNECT, TRACK). */
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Characters of a target. Node accepts 16 KB of head, and no real path or query comes near this limit. */
const longestTarget = 8_000;

/** The fault of a request, found before any route sees it. */
export interface OddRequest {
  status: 400 | 405 | 414;
  error: string;
  headers?: Readonly<Record<string, string>>;
}

/**
 * Returns the path and query of a request (`/health?a=b`), or the fault that makes it unanswerable. The host is
 * validated and otherwise ignored: the program answers under any name.
 */
export function targetOf({ method = "", url = "", headers }: IncomingMessage): string | OddRequest {
  if (!methods.includes(method)) {
    return { status: 405, error: "No path here accepts that method.", headers: { allow: methods.join(", ") } };
  }
  if (url.length > longestTarget) return { status: 414, error: `A target may have ${longestTarget} characters.` };
  if (headers.host !== undefined && !isHost(headers.host)) {
    return { status: 400, error: "The Host header is not a valid host." };
  }
  const target = /^https?:\/\//i.test(url) ? inOriginForm(url) : url;
  if (target !== undefined && isPath(target)) return target;
  return { status: 400, error: "The target is neither a path nor a plain http address." };
}

/** Returns a target in absolute form (RFC 9112, 3.2.2) without its server; undefined if it holds a user name. */
function inOriginForm(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { username, password, pathname, search } = new URL(url);
  return username === "" && password === "" ? `${pathname}${search}` : undefined;
}

/** Returns true for printable ASCII, as every client writes it; a backslash would be read as a slash. */
function isPath(target: string): boolean {
  return /^\/[!-[\]-~]*$/.test(target) && URL.canParse(`http://localhost${target}`);
}

function isHost(host: string): boolean {
  return /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i.test(host);
}
