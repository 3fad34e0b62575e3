import { identifier } from "../bulk/model-columns.ts";
import type { Database, Queryable } from "../database.ts";
import { hubSchemas } from "../migrations/hub-schemas.ts";
import { isUpToDate, migrate } from "../migrations/migrate.ts";
import { rehearse } from "../rehearsal/rehearse.ts";

/** A right that a sync needs and this user lacks, and the statement that grants it. */
export interface MissingRight {
  /** The missing ability, such as `make tables in the schema planhat`. */
  lacks: string;
  grant: string;
}

/**
 * Returns every right that a sync needs and this user lacks. If none is missing and there are no tables yet, it also
 * tries to create them, in a transaction that is rolled back, and throws the error of that.
 */
export async function findMissingRights(database: Database): Promise<MissingRight[]> {
  // A schema that may not be read counts as current: the next check finds out, with the rights that this one requests.
  const current = !(await mayLook(database)) || (await isUpToDate(database, database.location));
  const schemas = await schemaRights(database);
  const missing = [
    ...(await databaseRights(database, schemas.length < hubSchemas.length)),
    ...schemas.flatMap((schema) => missingOfSchema(schema, current)),
    ...(await tableRights(database, current)),
    ...(await sequenceRights(database)),
  ];
  if (missing.length === 0 && !current) await rehearse(database, migrate);
  return missing;
}

async function mayLook(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ may: boolean }>(
    `select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as may
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'connector' and c.relname = 'migrations'`,
  );
  return row?.may ?? true;
}

interface Grantee {
  /** A quoted identifier, like the names below. */
  user: string;
}

async function databaseRights(queryable: Queryable, schemasMissing: boolean): Promise<MissingRight[]> {
  const [row] = await queryable.query<Grantee & { database: string; create: boolean; temporary: boolean }>(
    `select quote_ident(current_user) as user, quote_ident(current_database()) as database,
            has_database_privilege(current_database(), 'create') as create,
            has_database_privilege(current_database(), 'temporary') as temporary`,
  );
  const { user: quotedUser, database, create, temporary } = row!;
  const missing: MissingRight[] = [];
  if (schemasMissing && !create) {
    const own = hubSchemas.map(
      (schema) => `create schema if not exists ${identifier(schema)} authorization ${quotedUser};`,
    );
    missing.push({
      lacks: `make the schemas ${hubSchemas.join(", ")}`,
      grant: `grant create on database ${database} to ${quotedUser}; (or make them: ${own.join(" ")})`,
    });
  }
  if (!temporary) {
    missing.push({
      lacks: "make temporary tables",
      grant: `grant temporary on database ${database} to ${quotedUser};`,
    });
  }
  return missing;
}

interface SchemaRights extends Grantee {
  name: string;
  usage: boolean;
  create: boolean;
}

function schemaRights(queryable: Queryable): Promise<SchemaRights[]> {
  return queryable.query<SchemaRights>(
    `select quote_ident(current_user) as user, nspname as name, has_schema_privilege(oid, 'usage') as usage,
            has_schema_privilege(oid, 'create') as create
     from pg_namespace where nspname = any($1::text[]) order by array_position($1::text[], nspname::text)`,
    [hubSchemas],
  );
}

/** Returns the missing rights of a schema. Tables are created by a new version, and by the first `serve`. */
function missingOfSchema({ user, name, usage, create }: SchemaRights, current: boolean): MissingRight[] {
  const missing: MissingRight[] = [];
  const grant = (right: string) => `grant ${right} on schema ${name} to ${user};`;
  if (!usage) missing.push({ lacks: `use the schema ${name}`, grant: grant("usage") });
  if (!create && !current) missing.push({ lacks: `make tables in the schema ${name}`, grant: grant("create") });
  return missing;
}

const tableRight = ["select", "insert", "update", "delete"] as const;

async function tableRights(queryable: Queryable, current: boolean): Promise<MissingRight[]> {
  const tables = await queryable.query<Grantee & { schema: string; name: string; owned: boolean; lacking: string[] }>(
    `select quote_ident(current_user) as user, n.nspname as schema, quote_ident(c.relname) as name,
            pg_has_role(c.relowner, 'usage') as owned,
            array(select r from unnest($2::text[]) with ordinality as t (r, place)
                  where not has_table_privilege(c.oid, r) order by place) as lacking
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1::text[]) and c.relkind in ('r', 'p') order by 2, 3`,
    [hubSchemas, tableRight],
  );
  const missing: MissingRight[] = [];
  for (const schema of hubSchemas) {
    const here = tables.filter((table) => table.schema === schema);
    const quotedUser = here[0]?.user ?? "";
    const [unowned] = current ? [] : here.filter(({ owned }) => !owned);
    if (unowned !== undefined) {
      const quotedTable = unowned.name;
      missing.push({
        lacks: `change ${schema}.${quotedTable} as this version needs it, which takes its owner`,
        grant: `alter table ${schema}.${quotedTable} owner to ${quotedUser}; (and so all others in ${schema})`,
      });
      continue;
    }
    const lacking = tableRight.filter((right) => here.some((table) => table.lacking.includes(right)));
    if (lacking.length === 0) continue;
    missing.push({
      lacks: `${lacking.join(", ")} in ${schema}.${here.find((table) => table.lacking.length > 0)!.name}`,
      grant: `grant ${lacking.join(", ")} on all tables in schema ${schema} to ${quotedUser};`,
    });
  }
  return missing;
}

/** Returns the missing rights on sequences, needed because ids are drawn before rows are copied. */
async function sequenceRights(queryable: Queryable): Promise<MissingRight[]> {
  const lacking = await queryable.query<Grantee & { schema: string; name: string }>(
    `select distinct on (n.nspname) quote_ident(current_user) as user, n.nspname as schema, quote_ident(c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1::text[]) and case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage') end
     order by n.nspname, c.relname`,
    [hubSchemas],
  );
  return lacking.map(({ user, schema, name }) => ({
    lacks: `draw numbers from ${schema}.${name}`,
    grant: `grant usage on all sequences in schema ${schema} to ${user};`,
  }));
}
