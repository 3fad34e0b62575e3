import type { AccountCatalog } from "../../account-catalog.ts";
import type { Account } from "../../pipedrive/account/account.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { streams } from "../../pipedrive/records/streams.ts";
import { listedStreams } from "../../stream-name.ts";

/** Reads one record of each stream. Returns the streams that the token may read, with a remark if one is empty. */
export async function tryStreams(client: Client): Promise<string[]> {
  const access: string[] = [];
  for (const name of listedStreams) {
    const [list] = streams[name].lists;
    const { body } = await client.get(list!.path, { limit: 1 }, { tokens: list!.tokens });
    const found = (body as { data?: unknown[] | null }).data?.length ?? 0;
    access.push(found > 0 ? name : `${name} (none found)`);
  }
  return access;
}

/** Returns the rows that tell people whose account and token these are. */
export function accountRows(account: Account, catalog: Pick<AccountCatalog, "companyDomain">): [string, string][] {
  const administrator = account.user.isAdmin
    ? "an administrator"
    : "not an administrator: records hidden from this user do not sync";
  return [
    ["account", `${account.companyName} (${catalog.companyDomain ?? "domain unknown"})`],
    ["token of", `${account.user.name}, ${administrator}`],
  ];
}
