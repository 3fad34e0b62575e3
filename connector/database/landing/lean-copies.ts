import { type StreamName, streamNames } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";
import { anyLean, leanRecord } from "../lean-record.ts";

/**
 * Returns those of the given records whose landed copy is lean, in ascending order of id. Here and below a deleted one
 * does not count: nothing needs its values.
 */
export async function leanAmong(queryable: Queryable, stream: StreamName, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await queryable.query<{ id: string }>(
    `select id from pipedrive.${stream} where lean and not deleted and id = any($1::bigint[]) order by id`,
    [ids],
  );
  return rows.map(({ id }) => Number(id));
}

/** The references by which persons and notes name records that their mapping may read. */
const names: readonly { from: "persons" | "notes"; key: string; to: NamedStream }[] = [
  { from: "persons", key: "org_id", to: "organizations" },
  { from: "notes", key: "org_id", to: "organizations" },
  { from: "notes", key: "person_id", to: "persons" },
  { from: "notes", key: "deal_id", to: "deals" },
];

/** A stream whose records others name. */
export type NamedStream = "organizations" | "persons" | "deals";

/** A record, and one that it names. */
export interface Naming {
  from: "persons" | "notes";
  id: number;
  to: NamedStream;
  named: number;
}

/** Returns the records with lean copies that the given persons and notes name. */
export async function leanNamed(
  queryable: Queryable,
  of: { persons: readonly number[]; notes: readonly number[] },
): Promise<Naming[]> {
  const found: Naming[] = [];
  for (const { from, key, to } of names) {
    if (of[from].length === 0) continue;
    const rows = await queryable.query<{ id: string; named: string }>(
      `select r.id, other.id as named from pipedrive.${from} as r
       join pipedrive.${to} as other on other.id = (r.record->>'${key}')::bigint
       where r.id = any($1::bigint[]) and other.lean and not other.deleted order by r.id`,
      [of[from]],
    );
    for (const { id, named } of rows) found.push({ from, id: Number(id), to, named: Number(named) });
  }
  return found;
}

/** Returns the persons and notes that name the given records and are not deleted. */
export async function namersOf(queryable: Queryable, to: StreamName, ids: readonly number[]): Promise<Naming[]> {
  const found: Naming[] = [];
  for (const { from, key, to: stream } of names) {
    if (stream !== to || ids.length === 0) continue;
    const rows = await queryable.query<{ id: string; named: string }>(
      `select id, record->>'${key}' as named from pipedrive.${from}
       where (record->>'${key}')::bigint = any($1::bigint[]) and not deleted`,
      [ids],
    );
    for (const { id, named } of rows) found.push({ from, id: Number(id), to: stream, named: Number(named) });
  }
  return found;
}

/** The tables whose rows were made of the records of a stream, with the same id; products are found by their links. */
const tables: Readonly<Record<StreamName, readonly string[]>> = {
  organizations: ["companies"],
  persons: ["endusers"],
  notes: ["notes"],
  deals: ["licenses", "sales", "deals"],
  deal_products: [],
};

/** Returns those of the given records that have become a row, which stays whatever becomes of their deals. */
export async function idsWithRows(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const sources = [
    "select record_id as id from connector.links where stream = $1 and record_id = any($2::bigint[])",
    ...tables[stream].map(
      (table) => `select source_id::bigint from planhat.${table} where source_id = any($2::bigint[]::text[])`,
    ),
  ];
  const rows = await queryable.query<{ id: string }>(sources.join(" union "), [stream, ids]);
  return new Set(rows.map(({ id }) => Number(id)));
}

/** Returns the next records after an id whose landed copies are whole, in ascending order of id. */
export async function nextWhole(
  queryable: Queryable,
  stream: StreamName,
  { after, limit }: { after: number; limit: number },
): Promise<number[]> {
  const rows = await queryable.query<{ id: string }>(
    `select id from pipedrive.${stream} where not lean and id > $1 order by id limit $2`,
    [after, limit],
  );
  return rows.map(({ id }) => Number(id));
}

/**
 * Takes everything from landed copies but ids, references, states and times; returns how many were whole. The products
 * of a deal whose own become lean are asked again when it syncs.
 */
export async function makeLean(transaction: Transaction, stream: StreamName, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await transaction.query<{ id: string; deal_id: string | null }>(
    `update pipedrive.${stream} as r set record = ${leanRecord("r.record")}, lean = true
     where id = any($1::bigint[]) and not lean returning id, record->>'deal_id' as deal_id`,
    [ids],
  );
  if (stream === "deal_products" && rows.length > 0) {
    await transaction.query(
      "update connector.product_deals set as_of = to_timestamp(0) where deal_id = any($1::bigint[])",
      [rows.map(({ deal_id }) => deal_id)],
    );
  }
  return rows.length;
}

/** Returns whether the landed copy of any record is lean. */
export async function hasLean(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>(`select ${anyLean} as found`);
  return row?.found === true;
}

/** Counts the lean copies of each stream that has any. */
export async function countLean(queryable: Queryable): Promise<Partial<Record<StreamName, number>>> {
  const sources = streamNames.map(
    (stream) => `select '${stream}' as stream, count(*) as count from pipedrive.${stream} where lean and not deleted`,
  );
  const rows = await queryable.query<{ stream: StreamName; count: string }>(sources.join(" union all "));
  return Object.fromEntries(rows.flatMap(({ stream, count }) => (Number(count) > 0 ? [[stream, Number(count)]] : [])));
}
