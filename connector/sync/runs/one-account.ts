import type { Database, Queryable } from "../../database/database.ts";
import { serverAddress } from "../../database/server/server-address.ts";
import { type OwnAccount, readOwnAccount, saveOwnAccount } from "../../database/tables/account.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import { type Account, readAccount } from "../../pipedrive/account/account.ts";
import type { Client } from "../../pipedrive/client/client.ts";

/** Thrown when the token's account is not the account of the database. */
export class OtherAccount extends Failure {}

/**
 * Throws an OtherAccount if the database belongs to another account than the token's: its records would be taken for
 * the other's. An account is identified by its number; its domain may change.
 */
export function refuseOther(own: OwnAccount | undefined, account: Account, location: string): void {
  if (own === undefined || account.companyId === null || own.companyId === account.companyId) return;
  const where = isServer(location) ? serverAddress(location).shown : location;
  throw new OtherAccount(
    "usage",
    `The database ${where} belongs to the Pipedrive account ${called(own)}; company_url and token are those of ${called({ ...account, companyId: account.companyId })}.`,
    {
      hint: `A database is for one account. Name another one in \`database\` for ${nameOf(account)}, or set \`company_url\` and the token to those of ${nameOf(own)}.`,
    },
  );
}

/** Throws an OtherAccount if an open database belongs to another account. */
export async function refuseOtherAccount(queryable: Queryable, account: Account, location: string): Promise<void> {
  refuseOther(await readOwnAccount(queryable), account, location);
}

/** Checks that the database belongs to the account, and records it; the first step of every run. */
export async function claimDatabase(database: Database, account: Account): Promise<void> {
  const { companyId, companyName, companyDomain } = account;
  if (companyId === null) return;
  const own = await readOwnAccount(database);
  refuseOther(own, account, database.location);
  if (own?.companyName === companyName && own.companyDomain === companyDomain) return;
  await database.transaction((transaction) => saveOwnAccount(transaction, { companyId, companyName, companyDomain }));
  // Another process may have claimed it first, for another account.
  await refuseOtherAccount(database, account, database.location);
}

/**
 * Returns a client that checks its account before its first request (2 tokens). It throws an OtherAccount, instead of
 * sending the request, if the database belongs to another account.
 */
export function ofOwnAccount(client: Client, queryable: Queryable, location: string): Client {
  let looked: Promise<void> | undefined;
  const look = () => {
    looked ??= readAccount(client).then((account) => refuseOtherAccount(queryable, account, location));
    return looked;
  };
  const first =
    <Parameters extends unknown[], Result>(request: (...parameters: Parameters) => Promise<Result>) =>
    async (...parameters: Parameters): Promise<Result> => {
      await look();
      return request(...parameters);
    };
  return {
    get companyDomain() {
      return client.companyDomain;
    },
    set companyDomain(domain) {
      client.companyDomain = domain;
    },
    get: first(client.get),
    find: first(client.find),
    post: first(client.post),
    patch: first(client.patch),
    put: first(client.put),
    delete: first(client.delete),
  };
}

function called({ companyId, companyName, companyDomain }: OwnAccount): string {
  const parts = [...(companyDomain === null ? [] : [`${companyDomain}.pipedrive.com`]), `company ${companyId}`];
  return `${companyName === "" ? "without a name" : companyName} (${parts.join(", ")})`;
}

function nameOf({ companyName, companyId }: Pick<Account, "companyName" | "companyId">): string {
  return companyName === "" ? `company ${companyId}` : companyName;
}
