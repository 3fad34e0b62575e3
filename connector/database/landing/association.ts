import type { StreamName } from "../../stream-name.ts";
import type { Queryable } from "../database.ts";
import { asIfSourceId } from "../rehearsal/as-if-rows.ts";

/** Returns the landed deals of the given organizations, including deleted deals, in ascending order of id. */
export async function dealsOfOrganizations(
  queryable: Queryable,
  organizationIds: readonly number[],
): Promise<number[]> {
  return ids(
    queryable,
    "select id from pipedrive.deals where (record->>'org_id')::bigint = any($1::bigint[]) order by id",
    [organizationIds],
  );
}

/**
 * Returns the landed deals whose person is one of the given ones, including deleted deals, in ascending order of id.
 */
export async function dealsOfPersons(queryable: Queryable, personIds: readonly number[]): Promise<number[]> {
  return ids(
    queryable,
    "select id from pipedrive.deals where (record->>'person_id')::bigint = any($1::bigint[]) order by id",
    [personIds],
  );
}

/** Returns the persons of those given notes that name neither a deal nor an organization. */
export async function personsOfNotes(queryable: Queryable, noteIds: readonly number[]): Promise<number[]> {
  return ids(
    queryable,
    `select distinct (record->>'person_id')::bigint as id from pipedrive.notes
     where id = any($1::bigint[]) and record->>'person_id' is not null
       and record->>'deal_id' is null and record->>'org_id' is null order by 1`,
    [noteIds],
  );
}

/** Returns the landed persons of the given organizations, except deleted ones. */
export async function personsOfOrganizations(
  queryable: Queryable,
  organizationIds: readonly number[],
): Promise<number[]> {
  return ids(
    queryable,
    `select id from pipedrive.persons
     where (record->>'org_id')::bigint = any($1::bigint[]) and not deleted order by id`,
    [organizationIds],
  );
}

/** Returns each landed, undeleted note on the given deals, organizations or persons once, with its size in bytes. */
export async function notesOn(
  queryable: Queryable,
  parents: { deals: readonly number[]; organizations: readonly number[]; persons: readonly number[] },
): Promise<{ id: number; size: number }[]> {
  // One index scan per kind of parent: the planner does not always turn an OR of three conditions into index scans.
  const sources = (["deal_id", "org_id", "person_id"] as const).map(
    (key, index) => `select id, pg_column_size(record) as size from pipedrive.notes
     where (record->>'${key}')::bigint = any($${index + 1}::bigint[]) and not deleted`,
  );
  const rows = await queryable.query<{ id: string; size: number }>(sources.join(" union all "), [
    parents.deals,
    parents.organizations,
    parents.persons,
  ]);
  const sizes = new Map(rows.map(({ id, size }) => [Number(id), size]));
  return [...sizes].map(([id, size]) => ({ id, size })).sort((one, other) => one.id - other.id);
}

/** Returns the organization of each given person that has one, by person id. */
export async function organizationsOfPersons(
  queryable: Queryable,
  personIds: readonly number[],
): Promise<Map<number, number>> {
  if (personIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; organization_id: string }>(
    `select id, record->>'org_id' as organization_id from pipedrive.persons
     where id = any($1::bigint[]) and record->>'org_id' is not null`,
    [personIds],
  );
  return new Map(rows.map((row) => [Number(row.id), Number(row.organization_id)]));
}

/** Returns the organization of each given deal that has one, by deal id. */
export async function organizationsOfDeals(
  queryable: Queryable,
  dealIds: readonly number[],
): Promise<Map<number, number>> {
  if (dealIds.length === 0) return new Map();
  const rows = await queryable.query<{ id: string; organization_id: string }>(
    `select id, record->>'org_id' as organization_id from pipedrive.deals
     where id = any($1::bigint[]) and record->>'org_id' is not null`,
    [dealIds],
  );
  return new Map(rows.map((row) => [Number(row.id), Number(row.organization_id)]));
}

/** Returns the company's row id of each given person that is an end user, by person id. */
export async function companiesOfEndusers(
  queryable: Queryable,
  personIds: readonly number[],
): Promise<Map<number, string>> {
  const rows = await queryable.query<{ source_id: string; company_id: string }>(
    "select source_id, company_id from planhat.endusers where source_id = any($1::text[]) and company_id is not null",
    [personIds.map(String)],
  );
  const companies = new Map(rows.map((row) => [Number(row.source_id), row.company_id]));
  for (const [id, rowId] of queryable.asIf?.companiesOfEndusers(personIds) ?? []) companies.set(id, rowId);
  return companies;
}

/**
 * Returns the organization of each given end user's company, by person id. A person is left out unless one of its
 * deals, eligible or not, has landed with that organization.
 */
export async function keptOrganizations(
  queryable: Queryable,
  personIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await queryable.query<{ person_id: string; organization_id: string }>(
    `select p.id as person_id, c.source_id as organization_id
     from unnest($1::bigint[]) as p (id)
     join planhat.endusers as e on e.source_id = p.id::text
     join planhat.companies as c on c.id = e.company_id
     where exists (select from pipedrive.deals as d
                   where (d.record->>'person_id')::bigint = p.id and d.record->>'org_id' = c.source_id)`,
    [personIds],
  );
  const kept = new Map(rows.map((row) => [Number(row.person_id), Number(row.organization_id)]));
  const asIf = queryable.asIf?.companiesOfEndusers(personIds) ?? new Map<number, string>();
  if (asIf.size === 0) return kept;
  for (const id of asIf.keys()) kept.delete(id);
  const moved = await queryable.query<{ person_id: string; organization_id: string }>(
    `select distinct e.person_id, e.organization_id
     from (select p.person_id, coalesce(c.source_id, p.organization_id) as organization_id
           from unnest($1::bigint[], $2::text[], $3::text[]) as p (person_id, row_id, organization_id)
           left join planhat.companies as c on c.id = p.row_id::bigint) as e
     join pipedrive.deals as d
       on (d.record->>'person_id')::bigint = e.person_id and d.record->>'org_id' = e.organization_id`,
    [
      [...asIf.keys()],
      [...asIf.values()].map((rowId) => (asIfSourceId(rowId) === undefined ? rowId : null)),
      [...asIf.values()].map((rowId) => asIfSourceId(rowId) ?? null),
    ],
  );
  for (const row of moved) kept.set(Number(row.person_id), Number(row.organization_id));
  return kept;
}

/** Join conditions between a deal `d` and a record `r` that it brings, one per path, as `readBatch` selects them. */
const bringing: Record<StreamName, readonly string[]> = {
  deals: ["r.id = d.id"],
  organizations: ["r.id = (d.record->>'org_id')::bigint"],
  persons: ["r.id = (d.record->>'person_id')::bigint", "(r.record->>'org_id')::bigint = (d.record->>'org_id')::bigint"],
  notes: [
    "(r.record->>'deal_id')::bigint = d.id",
    "(r.record->>'org_id')::bigint = (d.record->>'org_id')::bigint",
    "(r.record->>'person_id')::bigint = (d.record->>'person_id')::bigint",
    `(select (p.record->>'org_id')::bigint from pipedrive.persons as p where p.id = (r.record->>'person_id')::bigint)
       = (d.record->>'org_id')::bigint`,
  ],
  deal_products: ["d.id = (r.record->>'deal_id')::bigint"],
};

/**
 * Returns the landed deals, eligible or not, with which the given records would sync, and their organizations (0:
 * none).
 */
export async function dealsBringing(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
): Promise<{ dealId: number; organizationId: number }[]> {
  if (recordIds.length === 0) return [];
  // One join per path: for an OR the planner compares every deal with every record.
  const ways = bringing[stream].map(
    (condition) => `select d.id, coalesce((d.record->>'org_id')::bigint, 0) as organization_id
     from pipedrive.${stream} as r join pipedrive.deals as d on ${condition} where r.id = any($1::bigint[])`,
  );
  const rows = await queryable.query<{ id: string; organization_id: string }>(`${ways.join("\nunion\n")} order by id`, [
    recordIds,
  ]);
  return rows.map(({ id, organization_id }) => ({ dealId: Number(id), organizationId: Number(organization_id) }));
}

/** Returns those of the given records that sync with these deals and are not deleted, in ascending order of id. */
export async function broughtAmong(
  queryable: Queryable,
  stream: StreamName,
  recordIds: readonly number[],
  dealIds: readonly number[],
): Promise<number[]> {
  if (recordIds.length === 0 || dealIds.length === 0) return [];
  const ways = bringing[stream].map(
    (condition) => `select r.id from pipedrive.${stream} as r join pipedrive.deals as d on ${condition}
     where r.id = any($1::bigint[]) and d.id = any($2::bigint[]) and not r.deleted`,
  );
  return ids(queryable, `${ways.join("\nunion\n")} order by id`, [recordIds, dealIds]);
}

/**
 * Returns the landed records that name one of the ids in a field, in ascending order. Ids are matched as words of the
 * field's text, because foreign sources use several shapes: `5`, `{"id": 5}`, `[5, 7]`, `"5,7"`.
 */
export async function recordsHolding(
  queryable: Queryable,
  { stream, key, custom }: { stream: StreamName; key: string; custom: boolean },
  ids: readonly (number | string)[],
): Promise<number[]> {
  const words = ids.map((id) => String(id).replace(/[^\w]/g, "\\$&")).join("|");
  const held = custom ? "coalesce(record->'custom_fields'->$1, record->$1)" : "record->$1";
  const rows = await queryable.query<{ id: string }>(
    `select id from pipedrive.${stream} where (${held})::text ~ $2 and not deleted order by id`,
    [key, `(^|\\W)(${words})(\\W|$)`],
  );
  return rows.map(({ id }) => Number(id));
}

/** Runs a query for ids; returns none, without a query, if all its parameters are empty. */
async function ids(queryable: Queryable, sql: string, parameters: (readonly number[])[]): Promise<number[]> {
  if (parameters.every((asked) => asked.length === 0)) return [];
  const rows = await queryable.query<{ id: string }>(sql, parameters);
  return rows.map((row) => Number(row.id));
}

/** Returns the organizations or persons that the given deals name and that have not landed. */
export async function missingReferences(
  queryable: Queryable,
  stream: "organizations" | "persons",
  dealIds: readonly number[],
): Promise<number[]> {
  if (dealIds.length === 0) return [];
  const key = stream === "organizations" ? "org_id" : "person_id";
  const rows = await queryable.query<{ id: string }>(
    `select distinct (deal.record->>'${key}')::bigint as id
     from pipedrive.deals as deal
     where deal.id = any($1::bigint[]) and deal.record->>'${key}' is not null
       and not exists (select from pipedrive.${stream} as landed where landed.id = (deal.record->>'${key}')::bigint)
     order by 1`,
    [dealIds],
  );
  return rows.map(({ id }) => Number(id));
}

const keyOf = { organizations: "org_id", persons: "person_id" } as const;

/** Returns the organizations, or persons, of the pending deals that landed since then, in order of id. */
export async function relatedOfNewDeals(
  queryable: Queryable,
  stream: keyof typeof keyOf,
  since: string,
): Promise<number[]> {
  const rows = await queryable.query<{ id: string }>(
    `select distinct (deals.record->>$2)::bigint as id
     from connector.pending join pipedrive.deals on deals.id = pending.record_id
     where pending.stream = 'deals' and deals.extracted_at >= $1 and jsonb_typeof(deals.record->$2) = 'number'
     order by id`,
    [since, keyOf[stream]],
  );
  return rows.map(({ id }) => Number(id));
}
