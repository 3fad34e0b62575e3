import type { Agent } from "node:http";
import { getProxyForUrl } from "proxy-from-env";
import { isLoopback } from "../loopback.ts";
import type { ProxyRefusal } from "./proxy-agent.ts";
import { Trouble } from "./trouble.ts";

/** The proxy that the environment names for a request. */
export interface HttpProxy {
  /** Host and port, without user and password. */
  host: string;
  /** The agent that tunnels through it; one for all requests of the process. */
  agent: Agent;
}

const known = new Map<string, HttpProxy>();

/**
 * Returns the proxy that HTTPS_PROXY and NO_PROXY name for an address (ALL_PROXY and lower-case forms count too);
 * undefined if there is none. Requests to this machine never use a proxy. Throws a Trouble for a variable that is not
 * the address of an HTTP proxy.
 */
export async function proxyFor(url: string): Promise<HttpProxy | undefined> {
  if (isLoopback(new URL(url).hostname)) return undefined;
  const named = getProxyForUrl(url);
  if (named === "") return undefined;
  const before = known.get(named);
  if (before !== undefined) return before;
  const address = addressOf(named);
  const { ProxyAgent } = await import("./proxy-agent.ts");
  const proxy = { host: address.host, agent: new ProxyAgent(address.href, { keepAlive: true }) };
  known.set(named, proxy);
  return proxy;
}

function addressOf(named: string): URL {
  // Without a scheme a proxy is an http one, as in curl; proxy-from-env gives it the scheme of the address.
  const { https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY } = process.env;
  const written = https_proxy || HTTPS_PROXY || all_proxy || ALL_PROXY || "";
  const text = written.includes("://") ? named : named.replace(/^https:/, "http:");
  try {
    const address = new URL(text);
    // User and password are percent-encoded, as in every URL; https-proxy-agent decodes them but cannot report an
    // error.
    decodeURIComponent(address.username + address.password);
    if (address.protocol === "http:" || address.protocol === "https:") return address;
  } catch {
    // Reported below.
  }
  throw new Trouble("proxy", "HTTPS_PROXY is not the address of an HTTP proxy", {
    isForGood: true,
    hint: "Write it as http://user:password@host:3128, user and password percent-encoded.",
  });
}

/** Returns the trouble of a request for which a proxy did not open a connection to `server`. */
export function proxyTrouble({ host }: HttpProxy, server: string, { message, status }: ProxyRefusal): Trouble {
  const hint =
    status === 407
      ? "Write user and password into HTTPS_PROXY: http://user:password@host:3128, both percent-encoded."
      : status === undefined || status >= 500
        ? undefined
        : `Ask the proxy's administrator to allow ${server}, or name it in NO_PROXY if this machine reaches it directly.`;
  return new Trouble("proxy", `the proxy ${host} ${message}`, {
    isForGood: status !== undefined && status < 500,
    ...(hint === undefined ? {} : { hint }),
  });
}
