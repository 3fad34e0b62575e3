import type { Seconds } from "./instant.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns the day on the clocks of a time zone (`America/Los_Angeles`) at an instant: `2026-11-23`. */
export function localDay(seconds: Seconds, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
    formats.set(timeZone, format);
  }
  return format.format(seconds * 1000);
}

/** Returns the offset of a time zone's clocks from UTC at an instant, as v1 gives it for users: `-08:00`. */
export function offsetOf(seconds: Seconds, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(
    seconds * 1000,
  );
  const name = parts.find(({ type }) => type === "timeZoneName")!.value;
  return name === "GMT" ? "+00:00" : name.slice("GMT".length);
}
