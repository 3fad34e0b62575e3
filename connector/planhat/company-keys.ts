import type { Json } from "../mapping/value.ts";
import { hostOf } from "../text/host-of.ts";

/** Hosts where many companies have a page, so that they identify none. */
const sharedHosts = new Set(
  ["facebook", "instagram", "linkedin", "twitter", "x", "xing", "youtube"].map((name) => `${name}.com`),
);

/** The values by which a company is recognized. */
export interface CompanyFace {
  name?: Json | undefined;
  web?: Json | undefined;
  domains?: Json | readonly unknown[] | undefined;
}

/**
 * Returns the keys by which two companies count as perhaps the same: the name regardless of case and blanks, the domain
 * of the web page, and each of its domains.
 */
export function companyKeys({ name, web, domains }: CompanyFace): string[] {
  const hosts = [web, ...(Array.isArray(domains) ? domains : [])].flatMap((one) => ownHostOf(one) ?? []);
  const called = typeof name === "string" ? name.normalize("NFC").replace(/\s+/gu, " ").trim().toLowerCase() : "";
  return [...(called === "" ? [] : [`name ${called}`]), ...new Set(hosts.map((host) => `domain ${host}`))];
}

function ownHostOf(address: unknown): string | undefined {
  if (typeof address !== "string") return undefined;
  const host = hostOf(address);
  return host.includes(".") && !/\s/.test(host) && !sharedHosts.has(host) ? host : undefined;
}
