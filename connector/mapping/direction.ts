import type { Direction } from "./compiled-mapping.ts";

/** Returns true if Pipedrive writes the row. */
export function receives(direction: Direction): boolean {
  return direction === "both" || direction === "receive";
}

/** Returns true if Planhat's changes go to Pipedrive. */
export function sends(direction: Direction): boolean {
  return direction === "both" || direction === "send";
}

/** Returns true if `direction` allows something that `object` does not. */
export function isWider(direction: Direction, object: Direction): boolean {
  return (receives(direction) && !receives(object)) || (sends(direction) && !sends(object));
}

/** Returns the direction without its sending half. */
export function withoutSending(direction: Direction): Direction {
  return receives(direction) ? "receive" : "none";
}
