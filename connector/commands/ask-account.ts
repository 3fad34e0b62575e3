import type { AccountCatalog } from "../account-catalog.ts";
import { Failure } from "../failure.ts";
import { type Account, readAccount, readCatalog } from "../pipedrive/account.ts";
import type { Client } from "../pipedrive/client.ts";

/** What an account said of itself. */
export interface AskedAccount {
  account: Account;
  catalog: AccountCatalog;
}

/**
 * Asks an account for its fields, pipelines and users (7 requests). Where it cannot be asked – no connection, a token
 * that is refused – the Failure is returned, for commands that can do without. What `kept` knows and the account no
 * longer has is added, as a sync does.
 */
export async function askAccount(client: Client, kept?: AccountCatalog): Promise<AskedAccount | Failure> {
  try {
    return { account: await readAccount(client), catalog: await readCatalog(client, kept) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
