import { type ModelName, modelNames, type ParentModel, revenueKindOf } from "../../model-name.ts";
import { recordIdSql, streamSql } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Transaction } from "../database.ts";
import { landingsOf } from "./landed-as.ts";
import { fieldOf, sameField, tableNamed, wholeRowJson } from "./row-json.ts";
import type { KeptField, Undoing } from "./undo-updates.ts";

const table = "pg_temp.undo_made";

/**
 * Puts the existing rows that a run created into a temporary table, each with a verdict. A row is the `same` if nothing
 * was edited by hand, and no later run changed it except for changes that were undone. A row that an undo brought back
 * has a history from before, which does not count.
 */
export async function gatherMade(transaction: Transaction, model: ModelName, { runId, sourceIds }: Undoing) {
  const same = (value: string, other: string) => sameField(model, "one.field", value, other);
  await transaction.query(`drop table if exists ${table}`);
  await transaction.query(
    `create temporary table undo_made (row_id bigint primary key, source_id text, verdict text, by_run uuid)
     on commit drop`,
  );
  await transaction.query(
    `with made as (
       select id as made_id, row_id, coalesce(last_row_id, row_id) as last_row_id, at from connector.changes
       where run_id = $1 and model = $2 and action = 'create'
     ), locked as (
       select r.id, r.source_id, r.updated_at, made.at, made.made_id from made join ${tableNamed(model)} as r
         on r.id between made.row_id and made.last_row_id
       where $3::text[] is null or r.source_id = any($3) order by r.id for update of r
     ), touched as (
       select l.id, c.id as change_id, c.run_id, c.at, c.action, c.before, c.after
       from locked as l join connector.changes as c on c.model = $2 and c.source_id = l.source_id and c.row_id = l.id
       where c.action in ('create', 'update') and c.id >= l.made_id
       union all
       select l.id, c.id, c.run_id, c.at, c.action, c.before, c.after
       from locked as l join connector.changes as c on c.model = $2 and c.row_id = l.id
       where c.source_id is null and c.last_row_id is null and c.action in ('create', 'update') and c.id >= l.made_id
     ), fields as (
       select t.id, key.field, min(t.change_id) as first_id, max(t.change_id) as last_id
       from touched as t
       cross join lateral jsonb_object_keys(coalesce(t.before, '{}') || coalesce(t.after, '{}')) as key (field)
       where t.run_id <> $1 and t.action = 'update' group by t.id, key.field
     ), changed as (
       select one.id, max(one.last_id) filter (where ${same("one.last", "one.current")}) as last_id
       from (
         select fields.id, fields.field, fields.last_id, f.before -> fields.field as first, l.after -> fields.field as last,
                ${fieldOf(model, "fields.field")} as current
         from fields join ${tableNamed(model)} as r on r.id = fields.id
         join touched as f on f.id = fields.id and f.change_id = fields.first_id
         join touched as l on l.id = fields.id and l.change_id = fields.last_id
       ) as one
       where not (${same("one.first", "one.current")})
       group by one.id
     ), latest as (
       select id, max(at) as at from touched group by id
     )
     insert into ${table}
     select l.id, l.source_id,
            case when changed.id is not null then 'changed'
                 when l.updated_at is distinct from greatest(l.at, latest.at) then 'edited' else 'same' end,
            by.run_id
     from locked as l left join changed on changed.id = l.id left join latest on latest.id = l.id
     left join connector.changes as by on by.id = changed.last_id`,
    [runId, model, sourceIds ?? null],
  );
}

/** Marks companies or deals that must stay because rows belong to them. */
export async function keepParents(transaction: Transaction, parent: ParentModel): Promise<void> {
  const children = parent === "deal" ? (["lineitem"] as const) : modelNames.filter((model) => model !== "company");
  for (const child of children) {
    await transaction.query(
      `update ${table} as m set verdict = $1
       where verdict = 'same' and exists (select from ${tableNamed(child)} as r where r.${parent}_id = m.row_id)`,
      [child],
    );
  }
}

/**
 * Removes rows that are still as the run created them, and stores each whole in the changes of the undo. Holds them, so
 * that they do not come back before their record or the mapping changes. Returns the numbers of removed and held rows.
 */
export async function removeMade(
  transaction: Transaction,
  model: ModelName,
  { undoId, holds }: Undoing,
  marks: (stream: StreamName) => string,
): Promise<{ removed: number; held: number }> {
  await transaction.query(
    `insert into connector.changes (run_id, action, model, source_id, row_id, before, because)
     select $1, 'remove', $2, r.source_id, r.id, ${wholeRowJson(model)},
            jsonb_build_object('by', 'undo', 'base', l.base, 'row', jsonb_build_object(
              'createdAt', r.created_at, 'planhatId', r.planhat_id))
     from ${table} as m join ${tableNamed(model)} as r on r.id = m.row_id
     left join connector.links as l
       on l.stream = ${streamSql(model, "r.source_id")} and l.record_id = ${recordIdSql("r.source_id")}
     where m.verdict = 'same' order by r.id`,
    [undoId, model],
  );
  const rows = await transaction.query<{ count: string }>(
    `with gone as (
       delete from ${tableNamed(model)} as r using ${table} as m where r.id = m.row_id and m.verdict = 'same' returning r.id
     ) select count(*) as count from gone`,
  );
  await forgetRecords(transaction, model);
  const held = holds ? await holdAway(transaction, model, undoId, marks) : 0;
  return { removed: Number(rows[0]!.count), held };
}

async function forgetRecords(transaction: Transaction, model: ModelName): Promise<void> {
  const stream = streamSql(model, "m.source_id");
  const recordId = recordIdSql("m.source_id");
  await transaction.query(
    `delete from connector.links as l using ${table} as m
     where m.verdict = 'same' and l.stream = ${stream} and l.record_id = ${recordId} and l.row_id = m.row_id
       and l.model = $1`,
    [model],
  );
  if (revenueKindOf(model) === undefined) return;
  await transaction.query(
    `delete from connector.kept as k using ${table} as m
     where m.verdict = 'same' and k.stream = ${stream} and k.record_id = ${recordId} and k.model = $1`,
    [model],
  );
}

/** Stores holds of the removed rows whose record has landed: others cannot come back. */
async function holdAway(
  transaction: Transaction,
  model: ModelName,
  undoId: string,
  marks: (stream: StreamName) => string,
): Promise<number> {
  await transaction.query(
    `delete from connector.holds as h using ${table} as m
     where m.verdict = 'same' and h.model = $1 and h.source_id = m.source_id`,
    [model],
  );
  let held = 0;
  for (const { stream, joined } of landingsOf(model)) {
    const rows = await transaction.query<{ count: string }>(
      `with held as (
         insert into connector.holds (model, source_id, field, taken, restored, mapping, run_id)
         select $1, m.source_id, null, jsonb_build_object('record', md5(landed.record::text)), null, $2, $3
         from ${table} as m join pipedrive.${stream} as landed on ${joined("m", "landed")}
         where m.verdict = 'same' order by m.row_id
         returning 1
       ) select count(*) as count from held`,
      [model, marks(stream), undoId],
    );
    held += Number(rows[0]!.count);
  }
  return held;
}

/** Returns the created rows that stay. */
export async function keptMade(transaction: Transaction, model: ModelName): Promise<KeptField[]> {
  const rows = await transaction.query<{ source_id: string | null; verdict: string; by_run: string | null }>(
    `select source_id, verdict, by_run from ${table} where verdict <> 'same' order by row_id`,
  );
  return rows.map(({ source_id, verdict, by_run }) => {
    const why = verdict === "changed" || verdict === "edited" ? "changed" : "parent";
    return {
      model,
      sourceId: source_id,
      field: null,
      why,
      byRun: by_run,
      ...(why === "parent" ? { child: verdict } : {}),
    };
  }) as KeptField[];
}
