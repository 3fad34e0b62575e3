import type { Queryable } from "./database.ts";

/** The landed deals of the given organizations, deleted ones too, in ascending order of id. */
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

/** The landed persons of the given organizations that are not deleted. */
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

/** The landed notes on the given deals, organizations or persons that are not deleted, each once. */
export async function notesOn(
  queryable: Queryable,
  parents: { deals: readonly number[]; organizations: readonly number[]; persons: readonly number[] },
): Promise<number[]> {
  // One index scan for each kind of parent: the planner does not always see that an OR of three could be that.
  return ids(
    queryable,
    `select id from pipedrive.notes where (record->>'deal_id')::bigint = any($1::bigint[]) and not deleted
     union select id from pipedrive.notes where (record->>'org_id')::bigint = any($2::bigint[]) and not deleted
     union select id from pipedrive.notes where (record->>'person_id')::bigint = any($3::bigint[]) and not deleted
     order by id`,
    [parents.deals, parents.organizations, parents.persons],
  );
}

/** The organization of each given person that has one, by person id. */
export async function organizationsOfPersons(
  queryable: Queryable,
  personIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await queryable.query<{ id: string; organization_id: string }>(
    `select id, record->>'org_id' as organization_id from pipedrive.persons
     where id = any($1::bigint[]) and record->>'org_id' is not null`,
    [personIds],
  );
  return new Map(rows.map((row) => [Number(row.id), Number(row.organization_id)]));
}

/** The organization of each given deal that has one, by deal id. */
export async function organizationsOfDeals(
  queryable: Queryable,
  dealIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await queryable.query<{ id: string; organization_id: string }>(
    `select id, record->>'org_id' as organization_id from pipedrive.deals
     where id = any($1::bigint[]) and record->>'org_id' is not null`,
    [dealIds],
  );
  return new Map(rows.map((row) => [Number(row.id), Number(row.organization_id)]));
}

/** The company's row id of each given person that is an end user, by person id. */
export async function companiesOfEndusers(
  queryable: Queryable,
  personIds: readonly number[],
): Promise<Map<number, string>> {
  const rows = await queryable.query<{ source_id: string; company_id: string }>(
    "select source_id, company_id from planhat.endusers where source_id = any($1::text[]) and company_id is not null",
    [personIds.map(String)],
  );
  return new Map(rows.map((row) => [Number(row.source_id), row.company_id]));
}

async function ids(queryable: Queryable, sql: string, parameters: unknown[]): Promise<number[]> {
  const rows = await queryable.query<{ id: string }>(sql, parameters);
  return rows.map((row) => Number(row.id));
}
