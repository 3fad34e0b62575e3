import type { HttpRequest } from "./exchange.ts";
import type { Trouble } from "./trouble.ts";

/** Whether a request that met this trouble may be sent again: never a POST that may have been carried out. */
export function mayRetry(method: HttpRequest["method"], { kind, isForGood }: Trouble, firstContact: boolean): boolean {
  if (kind === "untrusted" || kind === "too large") return false;
  // Where no connection was ever made, the config or the network is wrong, and waiting mends neither.
  if (kind === "proxy" && isForGood) return false;
  if (kind === "unreachable" || kind === "proxy") return !firstContact;
  return method !== "POST";
}
