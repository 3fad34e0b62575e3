import type { HttpRequest } from "./exchange.ts";
import type { Trouble } from "./trouble.ts";

/** Returns true if a request with this trouble may be sent again: never a POST that may have been executed. */
export function mayRetry(method: HttpRequest["method"], { kind, isForGood }: Trouble, firstContact: boolean): boolean {
  if (kind === "untrusted" || kind === "too large") return false;
  // If no connection was ever made, the config or the network is wrong, and waiting fixes neither.
  if (kind === "proxy" && isForGood) return false;
  if (kind === "unreachable" || kind === "proxy") return !firstContact;
  return method !== "POST";
}
