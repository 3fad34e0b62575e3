const dayForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const utcForm = /^\d{4}-\d{2}-\d{2}[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ?$/;
const instantForm = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** Returns true for a `YYYY-MM-DD` that exists in the calendar; false for `0000-00-00` and `2026-02-30`. */
function isDay(text: string): boolean {
  const match = dayForm.exec(text);
  if (match === null || match[1] === "0000") return false;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= last;
}

/**
 * Returns an instant in UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z` (Postgres keeps microseconds), or undefined. Accepts RFC
 * 3339 (Pipedrive API v2), `YYYY-MM-DD HH:MM:SS` in UTC (v1), and a day, read as its midnight in UTC.
 */
export function instantOf(text: string): string | undefined {
  if (text.length > 40) return undefined;
  if (isDay(text)) return `${text}T00:00:00Z`;
  const match = instantForm.exec(text);
  if (match === null || !isDay(match[1]!)) return undefined;
  const [, day, hour, minute, second = "00", fraction = "", zone = "Z"] = match;
  const offset = zone.toUpperCase() === "Z" ? "Z" : zone.replace(/^(...):?/, "$1:");
  const time = new Date(`${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) return undefined;
  const decimals = fraction.slice(0, 6).replace(/0+$/, "");
  return `${time.toISOString().slice(0, 19)}${decimals === "" ? "" : `.${decimals}`}Z`;
}

/** Returns the UTC day, `YYYY-MM-DD`, of a day or an instant (contract, section 7); undefined for any other text. */
export function dayOf(text: string): string | undefined {
  if (text.length > 40) return undefined;
  if (isDay(text)) return text;
  // Nearly every instant of Pipedrive is in UTC: its first ten characters are the day, without any date arithmetic.
  if (utcForm.test(text)) return isDay(text.slice(0, 10)) ? text.slice(0, 10) : undefined;
  return instantOf(text)?.slice(0, 10);
}
