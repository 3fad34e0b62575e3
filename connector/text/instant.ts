const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Units of an age, each with the age (ms) up to which it is used. */
const units: readonly [upTo: number, length: number, name: string][] = [
  [hour, minute, "min"],
  [2 * day, hour, "h"],
  [Number.POSITIVE_INFINITY, day, "days"],
];

/** Returns an instant (`…Z`) to the second, in the one form of all text: `2026-11-30 09:14:05Z`. */
export function formatInstant(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)}Z`;
}

/**
 * Returns an instant (`…Z`) with its age at `now` (ms): `2026-11-30 09:14:05Z (4 min ago)`. The first minute is “just
 * now”, so that two looks in a row read the same.
 */
export function instantAgo(at: string, now: number = Date.now()): string {
  const age = now - Date.parse(at);
  if (Math.abs(age) < minute) return `${formatInstant(at)} (just now)`;
  const [, length, name] = units.find(([upTo]) => Math.abs(age) < upTo)!;
  const number = Math.floor(Math.abs(age) / length);
  const words = age < 0 ? `in ${number} ${name}` : `${number} ${name} ago`;
  return `${formatInstant(at)} (${words})`;
}
