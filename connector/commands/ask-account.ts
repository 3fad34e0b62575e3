import type { AccountCatalog } from "../account-catalog.ts";
import { Failure } from "../failure.ts";
import { readAccount, readCatalog } from "../pipedrive/account.ts";
import type { Client } from "../pipedrive/client.ts";

/** What an account said of itself. */
export interface AskedAccount {
  companyName: string;
  catalog: AccountCatalog;
}

/**
 * Asks an account for its fields, pipelines and users (7 requests). Where it cannot be asked – no connection, a token
 * that is refused – the Failure is returned, for commands that can do without.
 */
export async function askAccount(client: Client): Promise<AskedAccount | Failure> {
  try {
    const { companyName } = await readAccount(client);
    return { companyName, catalog: await readCatalog(client) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
