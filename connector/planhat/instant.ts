const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const instantForm = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** True for `YYYY-MM-DD` when the calendar has that day; `0000-00-00` and `2026-02-30` are none. */
export function isDay(text: string): boolean {
  const match = dateForm.exec(text);
  if (match === null || match[1] === "0000") return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/**
 * An instant as `YYYY-MM-DDTHH:MM:SS[.fff]Z` in UTC, without trailing zeros in its fraction. Takes RFC 3339, the
 * `YYYY-MM-DD HH:MM:SS` of Pipedrive's API v1 (UTC) and a bare day (its midnight in UTC). Undefined for anything else.
 */
export function instantText(text: string): string | undefined {
  if (isDay(text)) return `${text}T00:00:00Z`;
  const match = instantForm.exec(text);
  if (match === null || !isDay(match[1]!)) return undefined;
  const [, day, hour, minute, second = "00", fraction = "", zone = "Z"] = match;
  const offset = zone.toUpperCase() === "Z" ? "Z" : zone.replace(/^([+-]\d{2}):?/, "$1:");
  const time = new Date(`${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(time.getTime())) return undefined;
  const decimals = fraction.slice(0, 6).replace(/0+$/, "");
  return `${time.toISOString().slice(0, 19)}${decimals === "" ? "" : `.${decimals}`}Z`;
}

/** The UTC day of a day or instant (contract, section 7), or undefined when `text` is neither. */
export function dayText(text: string): string | undefined {
  return isDay(text) ? text : instantText(text)?.slice(0, 10);
}
