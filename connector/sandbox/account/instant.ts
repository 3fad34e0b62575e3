/** Whole epoch seconds (UTC): the resolution of every time in Pipedrive's v2 API. */
export type Seconds = number;

/** Formats RFC 3339 without a fraction, as v2 writes times: `2026-11-23T08:00:00Z`. */
export function toInstant(seconds: Seconds): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** Formats a time as v1 writes it, UTC without a zone: `2026-11-23 08:00:00`. */
export function toOldInstant(seconds: Seconds): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Returns the UTC day: `2026-11-23`. */
export function toDay(seconds: Seconds): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Reads either form; anything else, null included, is undefined. Days and hours that do not exist are rejected. */
export function fromInstant(text: unknown): Seconds | undefined {
  if (typeof text !== "string") return undefined;
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (parts === null || !isDay(parts[1])) return undefined;
  const milliseconds = Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? "Z"}`);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** Returns true for a day of the calendar, such as `2026-01-31`. */
export function isDay(text: unknown): text is string {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
}
