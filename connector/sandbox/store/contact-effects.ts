import type { Json, JsonObject } from "../../mapping/value.ts";

const addressParts = [
  "country",
  "admin_area_level_1",
  "admin_area_level_2",
  "locality",
  "sublocality",
  "route",
  "street_number",
  "subpremise",
  "postal_code",
] as const;

/** Returns a written address as Pipedrive stores it: parts that were not sent are null (API v2 migration guide). */
export function completeAddress(address: Json): Json {
  if (address === null || typeof address !== "object" || Array.isArray(address)) return address;
  return { value: null, ...Object.fromEntries(addressParts.map((part) => [part, null])), ...address };
}

/**
 * Returns written e-mail addresses or telephones as Pipedrive stores them: the label defaults to work, the first
 * becomes primary.
 */
export function completeContacts(contacts: Json): Json {
  if (!Array.isArray(contacts)) return contacts;
  const items = contacts as JsonObject[];
  const primary = Math.max(
    items.findIndex((item) => item["primary"] === true),
    0,
  );
  return items.map((item, index) => ({
    value: item["value"] ?? "",
    primary: index === primary,
    label: item["label"] ?? "work",
  }));
}

/** Splits a changed name into its parts, which change too: the first word and the rest. */
export function splitName(name: string): { first_name: string; last_name: string | null } {
  const [first = "", ...rest] = name.trim().split(/\s+/);
  return { first_name: first, last_name: rest.length === 0 ? null : rest.join(" ") };
}
