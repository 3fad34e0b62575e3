/** The package proxy-from-env, which ships no types. */
declare module "proxy-from-env" {
  /** Returns the proxy's URL for an address by the environment (HTTPS_PROXY, NO_PROXY …); "" where there is none. */
  export function getProxyForUrl(url: string): string;
}
