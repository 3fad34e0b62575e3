import type { Json, JsonObject } from "../mapping/value.ts";
import { withoutSecrets } from "../secrets.ts";
import type { HttpAnswer } from "./exchange.ts";

/** Returns true for a web page in place of JSON. */
export function isWebPage({ headers, text }: Pick<HttpAnswer, "headers" | "text">): boolean {
  return /^\s*</.test(text) || (headers["content-type"] ?? "").startsWith("text/html");
}

/** Returns the error in a body, on one line; undefined if there is none. All keys of an error are optional. */
export function whatItSays({ text, headers }: Pick<HttpAnswer, "headers" | "text">): string | undefined {
  if (isWebPage({ text, headers })) return undefined;
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) return undefined;
  const { error, message, error_info: info, errors, code } = body as JsonObject;
  const said = [error, message, errors === undefined ? undefined : JSON.stringify(errors), info].find(
    (part) => typeof part === "string" && part !== "",
  ) as string | undefined;
  const line = [said, typeof code === "string" ? code : undefined].filter((part) => part !== undefined).join(", ");
  return line === "" ? undefined : withoutSecrets(line.replace(/\s+/g, " ").slice(0, 300));
}
