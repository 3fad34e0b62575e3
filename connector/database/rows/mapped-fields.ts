import type { Json } from "../../mapping/value.ts";
import { type ModelName, modelNames, tableOf } from "../../model-name.ts";
import { columnJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { canonicalText, identifier, modelColumns } from "../bulk/model-columns.ts";
import type { Queryable, Transaction } from "../database.ts";
import { keepChanges, type RunHistory } from "../history/run-history.ts";

/** A field of a model, by Planhat's name: `name`, or `custom.Industry`. */
export interface ModelField {
  model: ModelName;
  field: string;
}

/** Returns every field that a mapping has ever written, ordered by model and field. */
export async function readMappedFields(queryable: Queryable): Promise<ModelField[]> {
  return queryable.query<{ model: ModelName; field: string }>(
    "select model, field from connector.mapped_fields order by model, field",
  );
}

/** Adds fields to the fields that a mapping has ever written. */
export async function addMappedFields(transaction: Transaction, fields: readonly ModelField[]): Promise<void> {
  if (fields.length === 0) return;
  await transaction.query(
    `insert into connector.mapped_fields (model, field)
     select distinct * from unnest($1::text[], $2::text[]) on conflict do nothing`,
    [fields.map(({ model }) => model), fields.map(({ field }) => field)],
  );
}

/**
 * Finds the fields that an earlier version must have written. For companies: fields in the agreed base. For other
 * models: fields that hold a value, because only the connector writes there.
 */
export async function findWrittenFields(queryable: Queryable): Promise<ModelField[]> {
  const found: ModelField[] = [];
  for (const model of modelNames) {
    const table = `planhat.${tableOf[model]}`;
    const rows =
      model === "company"
        ? await queryable.query<{ field: string }>(
            `select distinct jsonb_object_keys(base) as field from connector.links
             where stream = 'organizations' and jsonb_typeof(base) = 'object'`,
          )
        : await queryable.query<{ field: string }>(
            [
              `select distinct 'custom.' || jsonb_object_keys(custom) as field from ${table}`,
              ...propertiesOf(model).map(
                ({ name: property, column }) =>
                  `select '${property}' where exists (select from ${table} where ${identifier(column)} is not null)`,
              ),
            ].join(" union all "),
          );
    for (const { field } of rows) found.push({ model, field });
  }
  return found;
}

/** Returns the properties that a mapping may fill; the connector itself sets the type of a note. */
function propertiesOf(model: ModelName): { name: string; column: string }[] {
  const columns = new Set(modelColumns[model].map(({ name }) => name));
  return [...models[model].values()].filter(
    ({ name, column }) => columns.has(column) && !(model === "note" && name === "type"),
  );
}

/** Counts the rows in which a field holds a value that the connector wrote. */
export async function countWritten(queryable: Queryable, { model, field }: ModelField): Promise<number> {
  const { joined, isHeld, parameters } = written(model, field);
  const [row] = await queryable.query<{ count: string }>(
    `select count(*) as count from planhat.${tableOf[model]} as r ${joined} where ${isHeld}`,
    parameters,
  );
  return Number(row?.count);
}

/** Sets a field to NULL where it still holds the connector's value, and returns the source ids of those rows. */
export async function clearWritten(
  transaction: Transaction,
  history: RunHistory,
  { model, field }: ModelField,
): Promise<string[]> {
  const { joined, isHeld, parameters, custom, column } = written(model, field);
  if (custom === undefined && column === undefined) return [];
  const assignment =
    custom === undefined
      ? `${identifier(column!.name)} = null`
      : "custom = r.custom || jsonb_build_object($1::text, null::text)";
  const value = custom === undefined ? canonicalText(column!, "r") : "r.custom->$1::text";
  const rows = await transaction.query<{ id: string; source_id: string; value: Json }>(
    `with held as materialized (
       select r.id, r.source_id, ${value} as value from planhat.${tableOf[model]} as r ${joined} where ${isHeld}
       order by r.id for no key update of r
     ), cleared as (
       update planhat.${tableOf[model]} as r set ${assignment} from held where r.id = held.id
     )
     select id, source_id, value from held order by id`,
    parameters,
  );
  const property = models[model].get(field);
  await keepChanges(
    transaction,
    history,
    rows.map(({ id, source_id: sourceId, value }) => ({
      ...({ action: "update", model, sourceId, rowId: id, because: { by: "cleared" } } as const),
      before: { [field]: property === undefined ? value : columnJson(property, value as string) },
      after: { [field]: null },
    })),
  );
  if (model === "company") {
    await transaction.query(
      `update connector.links set base = base - $1::text
       where stream = 'organizations' and row_id = any($2::bigint[])`,
      [field, rows.map(({ id }) => id)],
    );
  }
  return rows.map(({ source_id: sourceId }) => sourceId);
}

const linkOfCompany = "l.stream = 'organizations' and l.model = 'company' and l.row_id = r.id";

/**
 * Returns joins of a row `r` with its stored changes: `own`, the last change that wrote the field, and `touched`, the
 * connector's last write to the row. A row created with the value and written by another program since may hold that
 * program's value. A row older than the stored changes counts as the connector's.
 */
function lastWritten(model: ModelName, isCustom: boolean): string {
  const ofRow = `c.model = '${model}' and c.source_id = r.source_id and c.action in ('create', 'update')`;
  const name = isCustom ? "('custom.' || $1::text)" : "$1::text";
  return `
     left join lateral (
       select c.after from connector.changes as c where ${ofRow} and c.after ? ${name} order by c.id desc limit 1
     ) as own on true
     left join lateral (
       select greatest(
         (select max(c.at) from connector.changes as c where ${ofRow}),
         (select case when made.last_row_id >= r.id then made.at end from (
            select c.last_row_id, c.at from connector.changes as c
            where c.model = '${model}' and c.row_id <= r.id and c.last_row_id is not null
            order by c.row_id desc limit 1) as made)
       ) as at
     ) as touched on true`;
}

/**
 * Returns the joins and the condition for a row `r` whose field holds a value of the connector; a company's link is
 * `l`.
 */
function written(model: ModelName, field: string) {
  const isCustom = field.startsWith("custom.");
  const custom = isCustom ? field.slice("custom.".length) : undefined;
  const property = isCustom ? undefined : models[model].get(field);
  const column = modelColumns[model].find(({ name }) => name === property?.column);
  if (!isCustom && column === undefined)
    return { joined: "", isHeld: "false", parameters: [], custom, column: undefined };
  const cell = column === undefined ? "r.custom->$1::text" : `r.${identifier(column.name)}`;
  const isThere = column === undefined ? `coalesce(${cell}, 'null') <> 'null'` : `${cell} is not null`;
  if (model !== "company") {
    const own = `own.after -> ${isCustom ? "('custom.' || $1::text)" : "$1::text"}`;
    const isOwn =
      column === undefined || column.type === "jsonb"
        ? `${cell} = ${own}`
        : `${canonicalText(column, "r")} = ${own.replace("->", "->>")}`;
    return {
      joined: lastWritten(model, isCustom),
      isHeld: `${isThere} and case when own.after is not null then ${isOwn}
        when touched.at is not null then touched.at = r.updated_at else true end`,
      parameters: [isCustom ? custom : field],
      custom,
      column,
    };
  }
  const agreed = isCustom ? "l.base->('custom.' || $1::text)" : "l.base->$1::text";
  const isSame =
    column === undefined || column.type === "jsonb"
      ? `${cell} = ${agreed}`
      : `${canonicalText(column, "r")} = ${agreed.replace("->", "->>")}`;
  return {
    joined: `join connector.links as l on ${linkOfCompany}`,
    isHeld: `${isThere} and ${isSame}`,
    parameters: [isCustom ? custom : field],
    custom,
    column,
  };
}
