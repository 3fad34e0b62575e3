import type { Json, JsonObject } from "../../mapping/value.ts";
import { emailsOf } from "../../person-emails.ts";
import { ofObjectSql } from "../../source-id.ts";
import type { Queryable } from "../database.ts";
import { readRows } from "../rows/stored-row.ts";
import { comparedAddress } from "../tables/forgotten.ts";

/** The person or persons to forget: by their id, or by an address. */
export interface Wanted {
  id?: number;
  address?: string;
}

/** The persons found, with every value by which they can be recognized. */
export interface FoundPersons {
  ids: number[];
  /** The source ids of end users that another source than Pipedrive fed, with an address of theirs. */
  objects: string[];
  /** Their addresses, present and former, that no other person of the database has. */
  addresses: string[];
  /** The number of their addresses that other persons have too; these are not remembered. */
  shared: number;
  /** Names, addresses and telephone numbers: the texts that are searched for. */
  words: string[];
}

/** The shortest name and telephone number that is searched for: shorter ones would be found everywhere. */
const shortestName = 3;
const fewestDigits = 7;

/** Finds the persons in the landing and among the rows. */
export async function findPersons(queryable: Queryable, { id, address }: Wanted): Promise<FoundPersons> {
  const asked = address === undefined ? [] : [comparedAddress(address)];
  const ids = id !== undefined ? [id] : await personsWithAddress(queryable, asked);
  const known = await valuesOf(queryable, ids, ids.map(String));
  const objects = await objectsWithAddress(queryable, [...asked, ...known.addresses.map(comparedAddress)]);
  const values = objects.length === 0 ? known : await valuesOf(queryable, ids, [...ids.map(String), ...objects]);
  const addresses = [...new Set([...asked, ...values.addresses.map(comparedAddress)])];
  const others = new Set((await valuesOfOthers(queryable, ids, "emails", addresses)).map(comparedAddress));
  const own = addresses.filter((one) => asked.includes(one) || !others.has(one));
  const names = values.names.filter((name) => name.length >= shortestName);
  const long = values.phones.filter((phone) => phone.replace(/\D/g, "").length >= fewestDigits);
  const switchboards = new Set(
    await valuesOfOthers(
      queryable,
      ids,
      "phones",
      long.map((phone) => phone.toLowerCase()),
    ),
  );
  const phones = long.filter((phone) => !switchboards.has(phone));
  return {
    ids,
    objects,
    addresses: own,
    shared: addresses.length - own.length,
    words: [...new Set([...names, ...own, ...phones])],
  };
}

/** The SQL of the addresses or numbers of a landed person `p`, one per row. */
const valuesOfPerson = (key: "emails" | "phones") =>
  `jsonb_path_query(p.record, '$.${key}[*].value ? (@.type() == "string")') #>> '{}'`;

async function personsWithAddress(queryable: Queryable, addresses: readonly string[]): Promise<number[]> {
  const rows = await queryable.query<{ id: string }>(
    `select p.id from pipedrive.persons as p
     where exists (select from (select ${valuesOfPerson("emails")} as address) as a where lower(trim(a.address)) = any($1::text[]))
     union
     select r.source_id::bigint from planhat.endusers as r
     where r.source_id ~ '^[0-9]{1,15}$' and ${hasAddress}
     order by 1`,
    [addresses],
  );
  return rows.map(({ id }) => Number(id));
}

/** The SQL of whether an end user `r` has one of the addresses $1. */
const hasAddress = `(lower(trim(r.email)) = any($1::text[])
       or exists (select from jsonb_path_query(r.other_emails, '$[*] ? (@.type() == "string")') as o
                  where lower(trim(o #>> '{}')) = any($1::text[])))`;

async function objectsWithAddress(queryable: Queryable, addresses: readonly string[]): Promise<string[]> {
  const rows = await queryable.query<{ source_id: string }>(
    `select r.source_id from planhat.endusers as r where ${ofObjectSql("r.source_id")} and ${hasAddress} order by 1`,
    [addresses],
  );
  return rows.map(({ source_id }) => source_id);
}

/** Returns which of the values, in lower case, other landed persons have too, as they have them. */
async function valuesOfOthers(
  queryable: Queryable,
  ids: readonly number[],
  key: "emails" | "phones",
  values: readonly string[],
): Promise<string[]> {
  const rows = await queryable.query<{ value: string }>(
    `select v.value from pipedrive.persons as p cross join lateral (select ${valuesOfPerson(key)} as value) as v
     where p.id <> all($1::bigint[]) and lower(trim(v.value)) = any($2::text[])`,
    [ids, values],
  );
  return rows.map(({ value }) => value.trim());
}

interface Values {
  names: string[];
  addresses: string[];
  phones: string[];
}

/** Collects the values of persons: of the landed records, the rows, and what the rows held before. */
async function valuesOf(queryable: Queryable, ids: readonly number[], sourceIds: readonly string[]): Promise<Values> {
  const values: Values = { names: [], addresses: [], phones: [] };
  const landed = await queryable.query<{ record: JsonObject }>(
    "select record from pipedrive.persons where id = any($1::bigint[])",
    [ids],
  );
  for (const { record } of landed) addRecord(values, record);
  for (const { columns } of await readRows(queryable, "enduser", sourceIds)) {
    addFields(values, {
      firstName: columns["first_name"] ?? null,
      lastName: columns["last_name"] ?? null,
      email: columns["email"] ?? null,
      phone: columns["phone"] ?? null,
      otherEmails: columns["other_emails"] === null ? null : (JSON.parse(columns["other_emails"] ?? "null") as Json),
    });
  }
  const changes = await queryable.query<{ before: JsonObject | null; after: JsonObject | null }>(
    "select before, after from connector.changes where model = 'enduser' and source_id = any($1::text[]) order by id",
    [sourceIds],
  );
  for (const { before, after } of changes) for (const fields of [before, after]) if (fields) addFields(values, fields);
  return values;
}

function addRecord(values: Values, record: JsonObject): void {
  const { name, first_name: first, last_name: last, phones } = record;
  values.names.push(...texts(name), ...wholeName(first, last));
  values.addresses.push(...emailsOf(record));
  for (const phone of Array.isArray(phones) ? phones : [])
    if (phone !== null && typeof phone === "object" && !Array.isArray(phone))
      values.phones.push(...texts(phone["value"]));
}

function addFields(values: Values, { firstName, lastName, name, email, otherEmails, phone }: JsonObject): void {
  values.names.push(...wholeName(firstName, lastName), ...texts(name));
  values.addresses.push(...texts(email), ...(Array.isArray(otherEmails) ? otherEmails.flatMap(texts) : []));
  values.phones.push(...texts(phone));
}

function wholeName(first: Json | undefined, last: Json | undefined): string[] {
  const parts = [...texts(first), ...texts(last)];
  return parts.length === 2 ? [parts.join(" "), `${parts[1]}, ${parts[0]}`] : [];
}

function texts(value: Json | undefined): string[] {
  return typeof value === "string" && value.trim() !== "" ? [value.trim()] : [];
}
