import { signal } from "@preact/signals";

/** The time of this machine in milliseconds, moved on every ten seconds while somebody looks. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 10_000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.value = Date.now();
});

const day = 86_400_000;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Returns an instant as people say it: `4 min ago`, `09:14`, `28 Nov`, `23 Sep 2025`. */
export function spoken(at: string, from: number): string {
  const then = Date.parse(at);
  const ago = from - then;
  if (Number.isNaN(then)) return at;
  if (ago < 0) return ago > -60_000 ? "now" : soon(then, from);
  if (ago < 60_000) return `${Math.max(1, Math.floor(ago / 1000))} s ago`;
  if (ago < 3_600_000) return `${Math.floor(ago / 60_000)} min ago`;
  const date = new Date(then);
  if (date.toDateString() === new Date(from).toDateString()) return clock.format(date);
  if (ago < 2 * day) return `${dayOfYear.format(date)}, ${clock.format(date)}`;
  return date.getFullYear() === new Date(from).getFullYear() ? dayOfYear.format(date) : dayAndYear.format(date);
}

function soon(then: number, from: number): string {
  const date = new Date(then);
  if (date.toDateString() === new Date(from).toDateString()) return clock.format(date);
  return `${dayOfYear.format(date)}, ${clock.format(date)}`;
}

/** Returns an instant exactly, in UTC: `2026-11-30 13:03:35 UTC`. */
export function exact(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11).replace(/(?:\.0+)?Z$/, "")} UTC`;
}

/** Returns a length of time: `1.9 s`, `4 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
