import { createHash } from "node:crypto";
import type { Json } from "./value.ts";

/**
 * Returns the SHA-256 (hex) of the documents' content, by stream. Comments, layout and the order of keys do not count.
 */
export function fingerprintOf(documents: Readonly<Record<string, Json>>): string {
  return sha256(canonicalJson({ ...documents }));
}

/** Writes JSON with sorted keys: equal values give equal texts. */
export function canonicalJson(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(canonicalJson).join()}]`;
  if (json === null || typeof json !== "object") return JSON.stringify(json);
  const entries = Object.keys(json)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(json[key]!)}`);
  return `{${entries.join()}}`;
}

/** Returns the SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
