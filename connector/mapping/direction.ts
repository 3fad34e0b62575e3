import type { Direction } from "./compiled-mapping.ts";

/** True when Pipedrive writes the row. */
export function receives(direction: Direction): boolean {
  return direction === "both" || direction === "receive";
}

/** True when Planhat's changes go to Pipedrive. */
export function sends(direction: Direction): boolean {
  return direction === "both" || direction === "send";
}

/** True when `direction` allows something that `object` does not. */
export function isWider(direction: Direction, object: Direction): boolean {
  return (receives(direction) && !receives(object)) || (sends(direction) && !sends(object));
}

/** The direction without its sending half. */
export function withoutSending(direction: Direction): Direction {
  return receives(direction) ? "receive" : "none";
}
