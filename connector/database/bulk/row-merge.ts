import { type ModelName, tableOf } from "../../model-name.ts";
import { type ColumnType, identifier, modelColumns } from "./model-columns.ts";

/** A column to which rows are written, and its place in the presence mask. */
export interface WrittenColumn {
  /** The name of the table's column. */
  name: string;
  type: ColumnType;
  /** Its name among the incoming rows: `c0`, `c1` … */
  incoming: string;
  /** The bit of a row's mask that says that the row sets it: 1, 2, 4 … */
  bit: number;
}

/** Masks are doubles, which are exact up to 53 bits. */
const mostColumns = 53;

/** Returns the columns to which rows of a model are written. */
export function writtenColumns(model: ModelName): WrittenColumn[] {
  const columns = [
    { name: "external_id", type: "text" as ColumnType },
    ...(model === "company" ? [] : [{ name: "company_id", type: "bigint" as ColumnType }]),
    ...modelColumns[model],
  ];
  if (columns.length > mostColumns) throw new Error(`The model ${model} has more than ${mostColumns} columns.`);
  return columns.map((column, index) => ({ ...column, incoming: `c${index}`, bit: 2 ** index }));
}

/**
 * Returns the columns of incoming rows as a column definition list: source id, mask of the columns that the row sets,
 * those columns, and the custom fields that it sets (null for none).
 */
export function incomingDefinition(columns: readonly WrittenColumn[]): string {
  const values = columns.map(({ incoming, type }) => `${incoming} ${type}`);
  return ["source_id text", "present bigint", ...values, "custom jsonb"].join(", ");
}

/**
 * Returns the statement that merges the relation `incoming` into a model's table, and returns id, source_id and created
 * of each row.
 * - A column that a row does not set stays unchanged; one set to NULL becomes NULL.
 * - Custom fields are merged key by key.
 * - A row that would not change is not written.
 * Update and insert instead of one insert with `on conflict`: if another session changes a row, Postgres evaluates the
 * update again, so an edit by hand in another column survives.
 */
export function mergeStatement(model: ModelName, columns: readonly WrittenColumn[], incoming = ""): string {
  const table = `planhat.${tableOf[model]}`;
  const brought = ({ bit }: WrittenColumn) => `i.present & ${bit} <> 0`;
  const assignments = columns.map(
    (column) =>
      `${identifier(column.name)} = case when ${brought(column)} then i.${column.incoming} else r.${identifier(column.name)} end`,
  );
  const changes = columns.map(
    (column) => `(${brought(column)} and r.${identifier(column.name)} is distinct from i.${column.incoming})`,
  );
  const names = columns.map(({ name }) => identifier(name)).join(", ");
  const values = columns.map((column) => `i.${column.incoming}`).join(", ");
  return `with ${incoming}updated as (
  update ${table} as r
  set ${assignments.join(",\n      ")},
      custom = case when i.custom is null then r.custom else r.custom || i.custom end
  from incoming as i
  where r.source_id = i.source_id and (
    ${changes.join("\n    or ")}
    or (i.custom is not null and r.custom || i.custom is distinct from r.custom))
), inserted as (
  insert into ${table} (source_id, ${names}, custom)
  select i.source_id, ${values}, coalesce(i.custom, '{}')
  from incoming as i where not exists (select from ${table} as r where r.source_id = i.source_id)
  returning id, source_id
)
select id, source_id, true as created from inserted
union all
select r.id, r.source_id, false from incoming as i join ${table} as r on r.source_id = i.source_id`;
}

/**
 * Returns the statement that inserts the rows of the relation `incoming` that a model's table lacks, and returns id and
 * source_id of each. Existing rows stay unchanged and are not returned.
 */
export function insertStatement(model: ModelName, columns: readonly WrittenColumn[], incoming: string): string {
  const names = columns.map(({ name }) => identifier(name)).join(", ");
  const values = columns.map((column) => `i.${column.incoming}`).join(", ");
  return `with ${incoming.replace(/, $/, "")}
insert into planhat.${tableOf[model]} (source_id, ${names}, custom)
select i.source_id, ${values}, coalesce(i.custom, '{}') from incoming as i
on conflict (source_id) do nothing
returning id, source_id, true as created`;
}
