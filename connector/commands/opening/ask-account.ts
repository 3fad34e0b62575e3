import type { AccountCatalog } from "../../account-catalog.ts";
import { Failure } from "../../failure.ts";
import { type Account, readAccount, readCatalog } from "../../pipedrive/account/account.ts";
import type { Client } from "../../pipedrive/client/client.ts";

/** An account's own data. */
export interface AskedAccount {
  account: Account;
  catalog: AccountCatalog;
}

/**
 * Requests an account's fields, pipelines and users (7 requests). If that fails – no connection, a refused token – it
 * returns the Failure, for commands that can do without. Definitions of `kept` that the account no longer has are
 * added, as in a sync.
 */
export async function askAccount(client: Client, kept?: AccountCatalog): Promise<AskedAccount | Failure> {
  try {
    return { account: await readAccount(client), catalog: await readCatalog(client, kept) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
