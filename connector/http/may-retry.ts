import type { HttpRequest, Trouble } from "./exchange.ts";

/** Whether a request that met this trouble may be sent again: never a POST that may have been carried out. */
export function mayRetry(method: HttpRequest["method"], { kind }: Trouble, firstContact: boolean): boolean {
  if (kind === "untrusted" || kind === "too large") return false;
  // Where no connection was ever made, the config or the network is wrong, and waiting mends neither.
  if (kind === "unreachable") return !firstContact;
  return method !== "POST";
}
