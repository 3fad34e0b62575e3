import type { Json } from "../mapping/value.ts";

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
  const hosts = [web, ...(Array.isArray(domains) ? domains : [])].flatMap((one) => hostOf(one) ?? []);
  const called = typeof name === "string" ? name.normalize("NFC").replace(/\s+/gu, " ").trim().toLowerCase() : "";
  return [...(called === "" ? [] : [`name ${called}`]), ...new Set(hosts.map((host) => `domain ${host}`))];
}

function hostOf(address: unknown): string | undefined {
  if (typeof address !== "string") return undefined;
  const text = address.trim().slice(0, 2000);
  const authority = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").split(/[/?#]/, 1)[0]!;
  const host = authority
    .slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d*$/, "")
    .replace(/\.$/, "")
    .toLowerCase()
    .replace(/^www\.(?=.*\.)/, "");
  return host.includes(".") && !/\s/.test(host) && !sharedHosts.has(host) ? host : undefined;
}
