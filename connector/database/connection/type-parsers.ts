import type { CustomTypesConfig } from "pg";

/** Object ids of the types whose values stay the text that Postgres sends (pg_type.dat). */
const textual = new Set([
  20, // int8: beyond a double
  1700, // numeric: money
  1082, // date: no time zone to shift it
  1114, // timestamp
  1184, // timestamptz
]);

/** Object ids of the arrays of the types in `textual`. */
const textualArrays = new Set([1016, 1231, 1182, 1115, 1185]);
const textArray = 1009;

/**
 * Returns the type parsers for both databases. int8, numeric, dates and instants stay text, so that no digit and no
 * zone is lost; json and jsonb are parsed. Other types use `pg`'s parsers.
 */
export async function typeParsers(): Promise<CustomTypesConfig> {
  const { types } = (await import("pg")).default;
  return {
    getTypeParser(oid: number, format?: "text" | "binary") {
      if (format === "binary") return types.getTypeParser(oid, format);
      if (textual.has(oid)) return (text: string) => text;
      return types.getTypeParser(textualArrays.has(oid) ? textArray : oid, "text");
    },
  } as CustomTypesConfig;
}
