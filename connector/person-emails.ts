import type { Json, JsonObject } from "./mapping/value.ts";

/** Returns the e-mail addresses of a person's record, in the form of API v2 or v1. */
export function emailsOf(record: JsonObject): string[] {
  return [record["emails"], record["email"]].flatMap(addressesIn);
}

function addressesIn(value: Json | undefined): string[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(addressesIn);
  return value !== null && typeof value === "object" ? addressesIn(value["value"]) : [];
}
