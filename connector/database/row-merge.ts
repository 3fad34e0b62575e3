import { type ModelName, tableOf } from "../model-name.ts";
import { type ColumnType, identifier, modelColumns } from "./model-columns.ts";

/** A column that rows are written to, and its place in the presence mask. */
export interface WrittenColumn {
  /** The column of the table. */
  name: string;
  type: ColumnType;
  /** Its name among the incoming rows: `c0`, `c1` … */
  incoming: string;
  /** The bit that says that a row brings it: 1, 2, 4 … */
  bit: number;
}

/** A double, which the masks are computed in, is exact up to 53 bits. */
const mostColumns = 53;

/** The columns that rows of a model are written to. */
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
 * The columns of the incoming rows, as a column definition list: the source id, the mask of the columns that the row
 * brings, those columns, and the custom fields that it brings (null for none).
 */
export function incomingDefinition(columns: readonly WrittenColumn[]): string {
  const values = columns.map(({ incoming, type }) => `${incoming} ${type}`);
  return ["source_id text", "present bigint", ...values, "custom jsonb"].join(", ");
}

/**
 * The statement that merges the relation `incoming` into a model's table, and returns id, source_id and created for
 * each of its rows. A column that a row does not bring stays as it is; one that it brings as NULL becomes NULL; custom
 * fields are merged key by key; a row that would not change is not written. Update and insert rather than one insert
 * with `on conflict`: Postgres evaluates the update anew on a row that someone else changes meanwhile, so an edit by
 * hand in another column survives.
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
 * The statement that inserts those of the relation `incoming` that a model's table lacks, and returns id and source_id
 * of each. Rows that are there already are left alone and not returned.
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
