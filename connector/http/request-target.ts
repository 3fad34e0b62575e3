import type { IncomingMessage } from "node:http";

/** The methods that some route may have. Others are refused: `Request` does not take them (TRACE, CONNECT, TRACK). */
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Characters of a target. Node takes 16 KB of head, and no path or query of ours comes near this. */
const longestTarget = 8_000;

/** What is wrong with a request, before any route sees it. */
export interface OddRequest {
  status: 400 | 405 | 414;
  error: string;
  headers?: Readonly<Record<string, string>>;
}

/**
 * The path and query that a request asks for (`/health?a=b`), or why it is none that a route could answer. The host is
 * checked and otherwise not looked at: one program answers for whatever name it is reached by.
 */
export function targetOf({ method = "", url = "", headers }: IncomingMessage): string | OddRequest {
  if (!methods.includes(method)) {
    return { status: 405, error: "That method is for no path here.", headers: { allow: methods.join(", ") } };
  }
  if (url.length > longestTarget) return { status: 414, error: `A target may have ${longestTarget} characters.` };
  if (headers.host !== undefined && !isHost(headers.host)) {
    return { status: 400, error: "The header Host is no host." };
  }
  const target = /^https?:\/\//i.test(url) ? inOriginForm(url) : url;
  if (target !== undefined && isPath(target)) return target;
  return { status: 400, error: "The target is neither a path nor a plain http address." };
}

/** A target that names the server too (RFC 9112, 3.2.2), without it. Undefined where it holds a user name. */
function inOriginForm(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { username, password, pathname, search } = new URL(url);
  return username === "" && password === "" ? `${pathname}${search}` : undefined;
}

/** Printable ASCII, as every client writes it; a backslash would be read as a slash. */
function isPath(target: string): boolean {
  return /^\/[!-[\]-~]*$/.test(target) && URL.canParse(`http://localhost${target}`);
}

function isHost(host: string): boolean {
  return /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i.test(host);
}
