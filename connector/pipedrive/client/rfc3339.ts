const day = String.raw`(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d`;
/** The forms of v2 and of v1, up to the 28th day: most times are valid without a check of the calendar. */
const usual = new RegExp(`^${day}T${time}Z$`);
const usualOfVersion1 = new RegExp(`^${day} ${time}$`);
const anyForm = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Returns a time of Pipedrive as RFC 3339 in UTC, `2026-01-31T10:00:00Z`; undefined if it is not a valid time. A
 * fraction of a second is kept. v1 writes `YYYY-MM-DD HH:MM:SS` without a zone and means UTC (Pipedrive docs, "API v2
 * migration guide").
 */
export function toRfc3339(text: string): string | undefined {
  if (usual.test(text)) return text;
  if (usualOfVersion1.test(text)) return `${text.slice(0, 10)}T${text.slice(11)}Z`;
  const [, day, time, fraction = "", zone = "Z"] = anyForm.exec(text) ?? [];
  if (day === undefined || !isReal(`${day}T${time}Z`)) return undefined;
  const instant = new Date(`${day}T${time}${/^z$/i.test(zone) ? "Z" : zone.replace(/(\d\d):?(\d\d)$/, "$1:$2")}`);
  if (Number.isNaN(instant.getTime())) return undefined;
  return `${instant.toISOString().slice(0, 19)}${fraction.replace(/\.?0+$/, "")}Z`;
}

/** Returns false for times that do not exist: 0000-00-00, 30 February (which Date would move), 24:00:00. */
function isReal(text: string): boolean {
  const instant = new Date(text);
  return !Number.isNaN(instant.getTime()) && text.startsWith(instant.toISOString().slice(0, 19)) && text >= "0001";
}
