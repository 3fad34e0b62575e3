import { api, body } from "./api.ts";
import { useLoaded } from "./load.ts";

const pages: Readonly<Record<string, string>> = {
  deals: "deal",
  organizations: "organization",
  persons: "person",
};

/** Returns the address of the account in Pipedrive; undefined until it is known. */
export function useAccountDomain(): string | undefined {
  const { value } = useLoaded("state", () => body(api.state.$get()), ["settings"]);
  return value?.account?.domain ?? undefined;
}

/** Returns the address of a record's page in Pipedrive; undefined for a kind of record that has none. */
export function recordAddress(domain: string | undefined, stream: string, id: string | number): string | undefined {
  const page = pages[stream];
  if (domain === undefined || page === undefined) return undefined;
  const host = domain.includes(".") ? domain : `${domain}.pipedrive.com`;
  return `https://${host}/${page}/${id}`;
}
