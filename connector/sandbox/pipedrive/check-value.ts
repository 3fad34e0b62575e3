import type { Json } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import { fromInstant, isDay } from "../account/instant.ts";
import type { Store } from "../store/store.ts";

/** Returns the fault of a written value, as text after the key's name; undefined if there is none. */
export type Check = (value: Exclude<Json, null>, store: Store) => string | undefined;

/** Checks a JSON type; integers are numbers without a fraction. v2 does not convert texts to numbers. */
export function isOf(type: "string" | "number" | "integer" | "boolean"): Check {
  return (value) => {
    const fits = type === "integer" ? Number.isSafeInteger(value) : typeof value === type;
    return fits ? undefined : `must be ${type === "integer" ? "an" : "a"} ${type}`;
  };
}

/** Checks for a text that is not blank. */
export const isName: Check = (value) =>
  typeof value === "string" ? (value.trim() === "" ? "is not allowed to be empty" : undefined) : "must be a string";

/** Checks for one of these words. */
export function isAmong(...words: readonly string[]): Check {
  return (value) => (words.includes(value as string) ? undefined : `must be one of [${words.join(", ")}]`);
}

/** Checks for the id of a record of this stream that exists and is not deleted. */
export function isRecord(stream: "organizations" | "persons" | "deals"): Check {
  return (value, store) => {
    if (!Number.isSafeInteger(value)) return "must be an integer";
    const entry = store.collections[stream].get(value as number);
    return entry === undefined || entry.deleted ? `does not name an existing record of ${stream}` : undefined;
  };
}

/** Checks for the id of an element of the users, pipelines or stages. */
export function isDefined(list: "users" | "pipelines" | "stages"): Check {
  return (value, store) => {
    if (!Number.isSafeInteger(value)) return "must be an integer";
    return store[list].some(({ id }) => id === value) ? undefined : `does not name one of the ${list}`;
  };
}

/** Checks for a time, with or without the T and zone (archive_time is documented as `YYYY-MM-DD HH:MM:SS`). */
export const isInstant: Check = (value) => (fromInstant(value) === undefined ? "is not a valid datetime" : undefined);

/** Checks for a day of the calendar. */
export const isDate: Check = (value) => (isDay(value) ? undefined : "is not a valid date");

/** Checks for a time of day, `HH:MM:SS` or `HH:MM`. */
export const isTimeOfDay: Check = (value) =>
  typeof value === "string" && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value) ? undefined : "is not a valid time";

/** Checks for an array of integers. */
export const isIntegers: Check = (value) =>
  Array.isArray(value) && value.every(Number.isSafeInteger) ? undefined : "must be an array of integers";

/** Checks for an object with only these parts, each passing its check; null parts pass. */
export function isObjectOf(parts: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, store) => {
    if (!isObject(value)) return "must be an object";
    const missing = required.find((part) => value[part] === undefined);
    if (missing !== undefined) return `must have '${missing}'`;
    for (const [part, content] of Object.entries(value)) {
      const check = Object.hasOwn(parts, part) ? parts[part] : undefined;
      if (check === undefined) return `has '${part}', which is not allowed`;
      const problem = content === null ? undefined : check(content, store);
      if (problem !== undefined) return `has '${part}', which ${problem}`;
    }
    return undefined;
  };
}

const addressParts =
  "value country admin_area_level_1 admin_area_level_2 locality sublocality route street_number subpremise postal_code formatted_address";

/** Checks for an address object. */
export const isAddress = isObjectOf(Object.fromEntries(addressParts.split(" ").map((part) => [part, isOf("string")])));

/** Checks for e-mail addresses or telephones: objects of which only `value` is required. */
export const areContacts: Check = (value, store) => {
  if (!Array.isArray(value)) return "must be an array";
  const contact = isObjectOf({ value: isOf("string"), primary: isOf("boolean"), label: isOf("string") }, ["value"]);
  return value
    .map((item) => (item === null ? "must not hold null" : contact(item, store)))
    .find((problem) => problem !== undefined);
};
