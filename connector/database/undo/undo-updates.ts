import type { Json } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { ofObjectSql } from "../../source-id.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Transaction } from "../database.ts";
import { columnFrom, fieldOf, propertyColumns, sameField, tableNamed } from "./row-json.ts";

/** The part of a run to undo, and the undo that does it. */
export interface Undoing {
  /** The run to undo. */
  runId: string;
  undoId: string;
  /** True to hold restored values; false when an undo itself is undone. */
  holds: boolean;
  fields: readonly string[] | undefined;
  sourceIds: readonly string[] | undefined;
}

/** A field that stays unchanged, or a whole row if `field` is null, and the reason. */
export interface KeptField {
  model: ModelName;
  sourceId: string | null;
  field: string | null;
  /**
   * The reason:
   * - `changed`: by a later run, or by hand if there is none
   * - `gone`: the row is gone
   * - `again`: the row exists again
   * - `company`: its company is gone
   * - `parent`: rows that stay belong to it
   */
  why: "changed" | "gone" | "again" | "company" | "parent";
  byRun: string | null;
  /** The model of the rows that belong to it. */
  child?: ModelName;
}

/** A restored field. */
export interface RestoredField {
  model: ModelName;
  sourceId: string | null;
  field: string;
  from: Json;
  to: Json;
}

/** The result of undoing the updates of one model. */
export interface UndoneUpdates {
  /** The number of restored fields. */
  restored: number;
  rows: number;
  held: number;
  kept: KeptField[];
  /** The first restored fields. */
  first: RestoredField[];
}

const table = "pg_temp.undo_items";

/**
 * Undoes the updates of one model, field by field: a field that still holds the run's last value gets the value before
 * the run's first write. `marks` are those of the mapped fields, whose restored values are held; `examples` is how
 * many of the restored fields are returned.
 */
export async function undoUpdates(
  transaction: Transaction,
  model: ModelName,
  undoing: Undoing,
  { marks, examples }: { marks: ReadonlyMap<string, string>; examples: number },
): Promise<UndoneUpdates> {
  await lockChanged(transaction, model, undoing);
  await gatherItems(transaction, model, undoing);
  const fields = await transaction.query<{ field: string }>(
    `select distinct field from ${table} where verdict = 'same'`,
  );
  const [counts] = await transaction.query<{ restored: string; rows: string }>(
    `select count(*) as restored, count(distinct row_id) as rows from ${table} where verdict = 'same'`,
  );
  const first = await transaction.query<RestoredField & Record<string, unknown>>(
    `select $1 as model, source_id as "sourceId", field, coalesce(after, 'null') as "from", coalesce(before, 'null') as "to"
     from ${table} where verdict = 'same' order by row_id, field limit $2`,
    [model, examples],
  );
  if (fields.length > 0)
    await restore(
      transaction,
      model,
      undoing,
      fields.map(({ field }) => field),
    );
  const held = fields.length === 0 ? 0 : await hold(transaction, model, undoing, marks);
  const kept = await keptItems(transaction, model, undoing);
  return { restored: Number(counts!.restored), rows: Number(counts!.rows), held, kept, first };
}

const chosen = `c.run_id = $1 and c.model = $2 and c.action = 'update' and ($3::text[] is null or c.source_id = any($3))`;

/** Locks the rows against changes from here on; earlier changes are visible. */
async function lockChanged(transaction: Transaction, model: ModelName, { runId, sourceIds }: Undoing): Promise<void> {
  await transaction.query(
    `with locked as (
       select r.id from ${tableNamed(model)} as r
       where r.id in (select c.row_id from connector.changes as c where ${chosen}) order by r.id for no key update
     ) select count(*) from locked`,
    [runId, model, sourceIds ?? null],
  );
}

/**
 * Puts each field that the run changed into a temporary table, with its verdict. Rows that the run created are left
 * out.
 */
async function gatherItems(
  transaction: Transaction,
  model: ModelName,
  { runId, fields, sourceIds }: Undoing,
): Promise<void> {
  await transaction.query(`drop table if exists ${table}`);
  await transaction.query(
    `create temporary table undo_items (
       row_id bigint, field text, last_id bigint, source_id text, before jsonb, was_there boolean, after jsonb,
       is_there boolean, has_row boolean, current jsonb, has_field boolean, verdict text
     ) on commit drop`,
  );
  await transaction.query(
    `insert into ${table}
     with made as materialized (
       select range_agg(int8range(row_id, coalesce(last_row_id, row_id), '[]')) as ids from connector.changes
       where run_id = $1 and model = $2 and action = 'create'
     ), writes as (
       select c.id, c.row_id, key.field from connector.changes as c
       cross join lateral jsonb_object_keys(coalesce(c.before, '{}') || coalesce(c.after, '{}')) as key (field)
       where ${chosen} and ($4::text[] is null or key.field = any($4))
         and (select not coalesce(c.row_id <@ ids, false) from made)
     ), ends as (
       select row_id, field, min(id) as first_id, max(id) as last_id from writes group by row_id, field
     ), items as (
       select ends.row_id, ends.field, ends.last_id, l.source_id,
              f.before -> ends.field as before, coalesce(f.before ? ends.field, false) as was_there,
              l.after -> ends.field as after, coalesce(l.after ? ends.field, false) as is_there
       from ends join connector.changes as f on f.id = ends.first_id join connector.changes as l on l.id = ends.last_id
     ), now as (
       select i.*, r.id is not null as has_row,
              ${fieldOf(model, "i.field")} as current,
              case when i.field like 'custom.%' then coalesce(r.custom ? substr(i.field, 8), false) else true end as has_field
       from items as i left join ${tableNamed(model)} as r on r.id = i.row_id
       where i.was_there <> i.is_there or i.before is distinct from i.after
     )
     select *, case
       when not has_row then 'gone'
       when (field like 'custom.%' and has_field <> is_there)
         or not (${sameField(model, "field", "current", "after")}) then 'changed'
       when field = 'companyId' and before #>> '{}' is not null and not exists (
         select from planhat.companies as company where company.id = (before #>> '{}')::bigint) then 'company'
       else 'same' end as verdict
     from now`,
    [runId, model, sourceIds ?? null, fields ?? null],
  );
  await transaction.query(`analyze ${table}`);
}

/** Writes the previous values and stores the writes as changes of the undo. */
async function restore(
  transaction: Transaction,
  model: ModelName,
  { undoId }: Undoing,
  fields: readonly string[],
): Promise<void> {
  const columns = propertyColumns(model).filter(({ name }) => fields.includes(name));
  const assignments = columns.map(
    (one) =>
      `${identifier(one.column)} = case when p.set ? '${one.name}' then ${columnFrom(one, "p.set")} else r.${identifier(one.column)} end`,
  );
  if (fields.some((field) => field.startsWith("custom."))) {
    assignments.push("custom = (r.custom || coalesce(p.custom, '{}')) - coalesce(p.taken, '{}')");
  }
  await transaction.query(
    `update ${tableNamed(model)} as r set ${assignments.join(",\n      ")}
     from (
       select row_id,
              jsonb_object_agg(field, coalesce(before, 'null')) filter (where field not like 'custom.%') as set,
              jsonb_object_agg(substr(field, 8), before) filter (where field like 'custom.%' and was_there) as custom,
              array_agg(substr(field, 8)) filter (where field like 'custom.%' and not was_there) as taken
       from ${table} where verdict = 'same' group by row_id
     ) as p where r.id = p.row_id`,
  );
  await transaction.query(
    `insert into connector.changes (run_id, action, model, source_id, row_id, before, after, because)
     select $1, 'update', $2, max(source_id), row_id,
            coalesce(jsonb_object_agg(field, coalesce(after, 'null')) filter (where is_there), '{}'),
            coalesce(jsonb_object_agg(field, coalesce(before, 'null')) filter (where was_there), '{}'), '{"by": "undo"}'
     from ${table} where verdict = 'same' group by row_id order by row_id`,
    [undoId, model],
  );
}

/** Holds the restored values of mapped fields; when an undo is undone, only removes its holds. */
async function hold(
  transaction: Transaction,
  model: ModelName,
  { undoId, holds }: Undoing,
  marks: ReadonlyMap<string, string>,
): Promise<number> {
  await transaction.query(
    `delete from connector.holds as h using ${table} as i
     where i.verdict = 'same' and h.model = $1 and h.source_id = i.source_id and h.field = i.field`,
    [model],
  );
  if (!holds) return 0;
  const rows = await transaction.query<{ held: string }>(
    `with held as (
       insert into connector.holds (model, source_id, field, taken, restored, mapping, run_id)
       select $1, i.source_id, i.field, coalesce(i.after, 'null'), coalesce(i.before, 'null'),
              case when ${ofObjectSql("i.source_id")} then '' else mark.mark end, $2
       from ${table} as i left join unnest($3::text[], $4::text[]) as mark (field, mark) on mark.field = i.field
       where i.verdict = 'same' and i.source_id is not null
         and (mark.mark is not null or ${ofObjectSql("i.source_id")}) order by i.row_id, i.field
       returning 1
     ) select count(*) as held from held`,
    [model, undoId, [...marks.keys()], [...marks.values()]],
  );
  return Number(rows[0]!.held);
}

/** Returns the fields that stay unchanged, with the run that changed them since. */
async function keptItems(transaction: Transaction, model: ModelName, { runId }: Undoing): Promise<KeptField[]> {
  return transaction.query<KeptField & Record<string, unknown>>(
    `select $1 as model, i.source_id as "sourceId", i.field, i.verdict as why, later.run_id as "byRun"
     from ${table} as i left join lateral (
       select c.run_id, c.after -> i.field as value from connector.changes as c
       where c.model = $1 and c.source_id = i.source_id and c.row_id = i.row_id and c.id > i.last_id and c.run_id <> $2
         and c.action = 'update' and (c.after ? i.field or c.before ? i.field)
       order by c.id desc limit 1
     ) as later on i.verdict = 'changed' and ${sameField(model, "i.field", "later.value", "i.current")}
     where i.verdict <> 'same' order by i.row_id, i.field`,
    [model, runId],
  );
}

/** Returns the models of which a run removed rows. */
export async function removedModels(transaction: Transaction, runId: string): Promise<ReadonlySet<ModelName>> {
  const rows = await transaction.query<{ model: ModelName }>(
    "select distinct model from connector.changes where run_id = $1 and action = 'remove'",
    [runId],
  );
  return new Set(rows.map(({ model }) => model));
}

/** Returns the fields that a run changed in rows of a model. */
export async function changedFields(transaction: Transaction, model: ModelName, runId: string): Promise<string[]> {
  const rows = await transaction.query<{ field: string }>(
    `select distinct key.field from connector.changes as c
     cross join lateral jsonb_object_keys(coalesce(c.before, '{}') || coalesce(c.after, '{}')) as key (field)
     where c.run_id = $1 and c.model = $2 and c.action = 'update'`,
    [runId, model],
  );
  return rows.map(({ field }) => field);
}
