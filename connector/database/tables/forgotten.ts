import { createHmac, randomBytes } from "node:crypto";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable, Transaction } from "../database.ts";

/** The kind of value that a hash in the memory stands for. */
export type ForgottenKind = "person" | "email";

/** An entry of the memory of forgotten persons: nothing of it can be read back. */
export interface ForgottenEntry {
  kind: ForgottenKind;
  /** HMAC-SHA-256 of the id or address, 64 hexadecimal digits. */
  hash: string;
  /** The key of the hash, 64 hexadecimal digits. */
  key: string;
  /** The instant of the forgetting, as `…Z`. */
  since: string;
}

/** The memory of forgotten persons, as a run asks it. */
export class Forgotten {
  readonly #since: Map<string, string>;
  readonly #keys: string[];

  constructor(entries: readonly ForgottenEntry[]) {
    this.#since = new Map(entries.map(({ kind, hash, since }) => [`${kind} ${hash}`, since]));
    this.#keys = [...new Set(entries.map(({ key }) => key))];
  }

  /** Returns since when a person's id is forgotten; undefined if it is not. */
  person(id: number): string | undefined {
    return this.#find("person", String(id));
  }

  /** Returns since when an address is forgotten; undefined if it is not. */
  address(address: string): string | undefined {
    return this.#find("email", address);
  }

  /** Returns whether any of the addresses is forgotten. */
  hasAddress(addresses: readonly string[]): boolean {
    return addresses.some((address) => this.address(address) !== undefined);
  }

  #find(kind: ForgottenKind, value: string): string | undefined {
    for (const key of this.#keys) {
      const since = this.#since.get(`${kind} ${hashOf(key, kind, value)}`);
      if (since !== undefined) return since;
    }
    return undefined;
  }
}

/** Returns an address as it is compared: case and blanks around it do not count. */
export function comparedAddress(address: string): string {
  return address.normalize("NFC").trim().toLowerCase();
}

function hashOf(key: string, kind: ForgottenKind, value: string): string {
  const compared = kind === "email" ? comparedAddress(value) : value;
  return createHmac("sha256", key).update(`${kind}\n${compared}`).digest("hex");
}

/** Returns every entry of the memory, the oldest first. */
export async function readForgottenEntries(queryable: Queryable): Promise<ForgottenEntry[]> {
  return queryable.query<ForgottenEntry & Record<string, unknown>>(
    `select kind, hash, key, ${instantText("since")} as since from connector.forgotten order by since, kind, hash`,
  );
}

/** Returns the memory. */
export async function readForgotten(queryable: Queryable): Promise<Forgotten> {
  return new Forgotten(await readForgottenEntries(queryable));
}

/** Adds ids and addresses to the memory; those that it holds keep their time. */
export async function rememberForgotten(
  transaction: Transaction,
  { ids, addresses }: { ids: readonly number[]; addresses: readonly string[] },
): Promise<void> {
  const [known] = await transaction.query<{ key: string }>(
    "select key from connector.forgotten order by since limit 1",
  );
  const key = known?.key ?? randomBytes(32).toString("hex");
  const since = new Date().toISOString();
  const entry = (kind: ForgottenKind, value: string) => ({ kind, hash: hashOf(key, kind, value), key, since });
  await storeForgottenEntries(transaction, [
    ...ids.map((id) => entry("person", String(id))),
    ...addresses.map((address) => entry("email", address)),
  ]);
}

/** Stores entries, such as those of the file beside the config. */
export async function storeForgottenEntries(
  transaction: Transaction,
  entries: readonly ForgottenEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query(
    `insert into connector.forgotten (kind, hash, key, since)
     select kind, hash, key, since
     from json_to_recordset($1) as new (kind text, hash text, key text, since timestamptz)
     on conflict do nothing`,
    [JSON.stringify(entries)],
  );
}
