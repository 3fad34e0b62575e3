/** Object ids of the types that are shown in another form than Postgres's text (pg_type.dat). */
const bool = 16;
const timestamps = new Set([1114, 1184]);
const numbers = new Set([20, 21, 23, 26, 700, 701, 1700]);

/** True for a type whose values are numbers. */
export function isNumeric(type: number): boolean {
  return numbers.has(type);
}

/**
 * A value as people and programs read it: booleans in words, instants as RFC 3339 writes them, all else as Postgres
 * does.
 */
export function valueText(text: string, type: number): string {
  if (type === bool) return text === "t" ? "true" : "false";
  if (timestamps.has(type))
    return text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00$|$)/, instant(type));
  return text;
}

function instant(type: number): string {
  return type === 1184 ? "$1T$2Z" : "$1T$2";
}
