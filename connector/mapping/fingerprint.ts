import { createHash } from "node:crypto";
import type { Json } from "./value.ts";

/**
 * SHA-256 (hex) of what the documents say, by their streams' names; comments, layout and the order of keys do not
 * count.
 */
export function fingerprintOf(documents: Readonly<Record<string, Json>>): string {
  return sha256(canonicalJson({ ...documents }));
}

/** JSON with its keys in order: what is the same gives the same text. */
export function canonicalJson(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(canonicalJson).join()}]`;
  if (json === null || typeof json !== "object") return JSON.stringify(json);
  const entries = Object.keys(json)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(json[key]!)}`);
  return `{${entries.join()}}`;
}

/** SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
