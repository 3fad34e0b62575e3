import { type OwnAccount, readOwnAccount, saveOwnAccount } from "../../database/account.ts";
import type { Database, Queryable } from "../../database/database.ts";
import { serverAddress } from "../../database/server-address.ts";
import { Failure } from "../../failure.ts";
import { isServer } from "../../is-server.ts";
import { type Account, readAccount } from "../../pipedrive/account.ts";
import type { Client } from "../../pipedrive/client.ts";

/** The account that is asked is not the one that the database belongs to. */
export class OtherAccount extends Failure {}

/**
 * Throws an OtherAccount when the database belongs to another account than the one whose token it is: what it has landed
 * and stored would be taken for the other's. An account is known by its number; its domain may change.
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

/** The same of an open database. */
export async function refuseOtherAccount(queryable: Queryable, account: Account, location: string): Promise<void> {
  refuseOther(await readOwnAccount(queryable), account, location);
}

/** The same, and writes down that the database is that account's: what every run begins with. */
export async function claimDatabase(database: Database, account: Account): Promise<void> {
  const { companyId, companyName, companyDomain } = account;
  if (companyId === null) return;
  const own = await readOwnAccount(database);
  refuseOther(own, account, database.location);
  if (own?.companyName === companyName && own.companyDomain === companyDomain) return;
  await database.transaction((transaction) => saveOwnAccount(transaction, { companyId, companyName, companyDomain }));
  // Another process may have been first, for another account.
  await refuseOtherAccount(database, account, database.location);
}

/**
 * A client that looks whose account it asks before its first request (2 tokens), and throws an OtherAccount in place of
 * asking when that is not the one that the database belongs to.
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
