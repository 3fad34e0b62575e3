import type { Knex } from "knex";
import type { Json } from "../../mapping/value.ts";
import { tableOf } from "../../model-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";
import { containing, type ListBuilder, listBuilder, readList } from "./list-query.ts";

/** The orders of a list of companies. */
export const companyOrders = ["name", "changed", "endusers", "licenses", "deals", "notes", "id"] as const;

/** Which companies to list. */
export interface CompanyFilter {
  /** A part of the name, or the id of the organization. */
  text?: string | undefined;
  /** Only companies with an open rejection, of themselves or of what waits for them. */
  problem?: boolean | undefined;
  /** Only companies with a row that is kept. */
  kept?: boolean | undefined;
  /** A field of the row, as `city` or `custom.Tier`, and what it holds: NULL or nothing, or a value. */
  field?: { column: string; custom?: string | undefined; state: "null" | "empty" | "value" } | undefined;
  sort: (typeof companyOrders)[number];
  descending: boolean;
  /** The company after which the list goes on: its row's id. */
  after?: string | undefined;
  limit: number;
}

/** A company as listed. */
export interface ListedCompany {
  /** The row's id, a bigint as text. */
  id: string;
  sourceId: string | null;
  planhatId: string | null;
  name: string | null;
  city: string | null;
  country: string | null;
  custom: Record<string, Json>;
  updatedAt: string;
  endusers: number;
  licenses: number;
  sales: number;
  deals: number;
  lineitems: number;
  notes: number;
  /** The open rejections of the organization and of records that wait for it. */
  rejections: number;
}

const countedTables = { endusers: "endusers", licenses: "licenses", deals: "deals", notes: "notes" } as const;

/** The models whose rows may be kept. */
const keptModels = ["license", "sale", "deal", "lineitem"] as const;

/** Lists companies with the numbers of what belongs to them; the caller asks for one more to know of a next page. */
export async function listCompanies(queryable: Queryable, filter: CompanyFilter): Promise<ListedCompany[]> {
  const builder = await listBuilder();
  const order = orderOf(filter.sort);
  const query = filteredCompanies(builder, filter).select("c.id");
  const direction = filter.descending ? "desc" : "asc";
  if (filter.after !== undefined) {
    const sign = filter.descending ? "<" : ">";
    query.whereRaw(`(${order}, c.id) ${sign} (select ${order}, c.id from planhat.companies as c where c.id = ?)`, [
      filter.after,
    ]);
  }
  query.orderByRaw(`${order} ${direction}, c.id ${direction}`).limit(filter.limit);
  const page = await readList<{ id: string }>(queryable, query);
  return readListedCompanies(
    queryable,
    page.map(({ id }) => id),
  );
}

/** Counts the companies that a filter leaves. */
export async function countCompanies(
  queryable: Queryable,
  filter: Omit<CompanyFilter, "sort" | "descending" | "limit">,
): Promise<number> {
  const [row] = await readList<{ count: string }>(
    queryable,
    filteredCompanies(await listBuilder(), filter).count("* as count"),
  );
  return Number(row?.count);
}

/** Reads companies in the order of the given row ids. */
export async function readListedCompanies(queryable: Queryable, ids: readonly string[]): Promise<ListedCompany[]> {
  if (ids.length === 0) return [];
  const count = (table: string) => `(select count(*)::int from planhat.${table} as t where t.company_id = c.id)`;
  return queryable.query<ListedCompany & Record<string, unknown>>(
    `select c.id, c.source_id as "sourceId", c.planhat_id as "planhatId", c.name, c.city, c.country, c.custom,
            ${instantText("c.updated_at")} as "updatedAt", ${count("endusers")} as endusers,
            ${count("licenses")} as licenses, ${count("sales")} as sales, ${count("deals")} as deals,
            ${count("lineitems")} as lineitems, ${count("notes")} as notes,
            (select count(*)::int from connector.rejections as r where r.dismissed is null and (
               (r.stream = 'organizations' and r.record_id::text = c.source_id) or r.waiting_for::text = c.source_id
             )) as rejections
     from unnest($1::bigint[]) with ordinality as wanted (id, place)
     join planhat.companies as c on c.id = wanted.id order by place`,
    [ids],
  );
}

/** Returns the SQL by which companies are ordered; never NULL, so that a page can begin after any of them. */
function orderOf(sort: CompanyFilter["sort"]): string {
  if (sort === "name") return "lower(coalesce(c.name, ''))";
  if (sort === "changed") return "c.updated_at";
  if (sort === "id") return "c.id";
  return `(select count(*) from planhat.${countedTables[sort]} as t where t.company_id = c.id)`;
}

function filteredCompanies(
  { from }: ListBuilder,
  { text, problem, kept, field }: Pick<CompanyFilter, "text" | "problem" | "kept" | "field">,
): Knex.QueryBuilder {
  const query = from("planhat.companies as c");
  if (text !== undefined && text !== "") {
    query.where((either) => either.whereILike("c.name", containing(text)).orWhere("c.source_id", text));
  }
  if (problem === true) {
    query.whereRaw(`c.source_id in (
      select coalesce(r.waiting_for, r.record_id)::text from connector.rejections as r
      where r.dismissed is null and (r.stream = 'organizations' or r.waiting_for is not null))`);
  }
  if (kept === true) {
    query.where((either) => {
      for (const model of keptModels)
        either.orWhereRaw(
          `c.id in (
             select own.company_id from connector.kept as k
             join connector.links as link on link.stream = k.stream and link.record_id = k.record_id
             join planhat.${tableOf[model]} as own on own.id = link.row_id where k.model = ? and link.model = ?)`,
          [model, model],
        );
    });
  }
  if (field !== undefined) byField(query, field);
  return query;
}

function byField(query: Knex.QueryBuilder, { column, custom, state }: NonNullable<CompanyFilter["field"]>): void {
  if (custom === undefined) {
    if (state === "value") query.whereNotNull(`c.${column}`);
    else query.whereNull(`c.${column}`);
  } else if (state === "empty") query.whereRaw("not jsonb_exists(c.custom, ?)", [custom]);
  else if (state === "null") query.whereRaw("c.custom->? = 'null'::jsonb", [custom]);
  else query.whereRaw("jsonb_exists(c.custom, ?) and c.custom->? <> 'null'::jsonb", [custom, custom]);
}
