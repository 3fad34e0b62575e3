/** Object ids of types that are not shown in Postgres's own text (pg_type.dat). */
const bool = 16;
const timestamps = new Set([1114, 1184]);
const numbers = new Set([20, 21, 23, 26, 700, 701, 1700]);

/** Returns whether a type's values are numbers. */
export function isNumeric(type: number): boolean {
  return numbers.has(type);
}

/** Returns a value in a readable form: booleans in words, instants as in RFC 3339, others as Postgres writes them. */
export function valueText(text: string, type: number): string {
  if (type === bool) return text === "t" ? "true" : "false";
  if (timestamps.has(type))
    return text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00$|$)/, instant(type));
  return text;
}

function instant(type: number): string {
  return type === 1184 ? "$1T$2Z" : "$1T$2";
}
