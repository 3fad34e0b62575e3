import { type ModelName, revenueKindOf } from "../../model-name.ts";
import { recordIdSql, streamSql } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Transaction } from "../database.ts";
import { columnFrom, customOf, propertyColumns, tableNamed, wholeRowJson } from "./row-json.ts";
import type { KeptField, Undoing } from "./undo-updates.ts";

const table = "pg_temp.undo_removed";

/** The result of restoring removed rows of a model. */
export interface ReturnedRows {
  returned: number;
  held: number;
  kept: KeptField[];
}

/** A model, and the one to which its deals may have moved; undefined for one that deals do not leave. */
export interface MovedModel {
  model: ModelName;
  other: ModelName | undefined;
}

/**
 * Restores rows that a run removed, whole and under their own ids. These are rows of deals that moved to the `other`
 * model; their new rows are removed if they are still as the run created them (call `gatherMade` first). When an undo
 * is undone, they are the rows that it removed. `marks` identify the mapping's rule for a record's model, by stream.
 */
export async function returnRows(
  transaction: Transaction,
  { model, other }: MovedModel,
  undoing: Undoing,
  marks: (stream: StreamName) => string,
): Promise<ReturnedRows> {
  const { runId, undoId, sourceIds } = undoing;
  await transaction.query(`drop table if exists ${table}`);
  await transaction.query(
    `create temporary table undo_removed (
       row_id bigint primary key, source_id text, before jsonb, because jsonb, other_id bigint, verdict text, by_run uuid
     ) on commit drop`,
  );
  const ofOther =
    other === undefined
      ? "left join (select null::bigint as id, null::text as source_id) as o on false"
      : `left join ${tableNamed(other)} as o on o.source_id = c.source_id`;
  await transaction.query(
    `insert into ${table}
     select distinct on (c.row_id) c.row_id, c.source_id, c.before, c.because, o.id,
            case when r.id is not null then 'again'
                 when c.before ? 'companyId' and not exists (
                   select from planhat.companies as company where company.id = (c.before ->> 'companyId')::bigint)
                   then 'company'
                 when c.before ? 'dealId' and not exists (
                   select from planhat.deals as deal where deal.id = (c.before ->> 'dealId')::bigint) then 'company'
                 when o.id is not null and m.row_id is null then 'other'
                 when o.id is not null then m.verdict
                 when c.because ? 'movedTo' or coalesce(c.because ->> 'by', '') <> 'undo' then 'gone'
                 else 'same' end,
            m.by_run
     from connector.changes as c
     left join ${tableNamed(model)} as r on r.id = c.row_id or r.source_id = c.source_id
     ${ofOther}
     left join ${other === undefined ? "(select null::bigint as row_id, null::text as verdict, null::uuid as by_run)" : "pg_temp.undo_made"} as m
       on m.row_id = o.id
     where c.run_id = $1 and c.model = $2 and c.action = 'remove' and not coalesce(c.because ? 'replacedBy', false)
       and ($3::text[] is null or c.source_id = any($3))
     order by c.row_id, c.id desc`,
    [runId, model, sourceIds ?? null],
  );
  if (other !== undefined) await removeOthers(transaction, model, other, undoId);
  const returned = await insertReturned(transaction, { model, other }, undoId);
  const held = returned === 0 ? 0 : await holdReturned(transaction, { model, other }, undoing, marks);
  const kept = await transaction.query<KeptField & Record<string, unknown>>(
    `select $1 as model, source_id as "sourceId", null as field,
            case when verdict in ('gone', 'company', 'again') then verdict when verdict = 'other' then 'again' else 'changed' end as why,
            by_run as "byRun"
     from ${table} where verdict <> 'same' order by row_id`,
    [model],
  );
  return { returned, held, kept };
}

/** Removes the rows that the deals became in the run. */
async function removeOthers(
  transaction: Transaction,
  model: ModelName,
  other: ModelName,
  undoId: string,
): Promise<void> {
  await transaction.query(
    `insert into connector.changes (run_id, action, model, source_id, row_id, before, because)
     select $1, 'remove', $2, r.source_id, r.id, ${wholeRowJson(other)},
            jsonb_build_object('by', 'undo', 'movedTo', $3::text, 'row', jsonb_build_object(
              'createdAt', r.created_at, 'planhatId', r.planhat_id))
     from ${table} as t join ${tableNamed(other)} as r on r.id = t.other_id where t.verdict = 'same' order by r.id`,
    [undoId, other, model],
  );
  await transaction.query(
    `delete from ${tableNamed(other)} as r using ${table} as t where r.id = t.other_id and t.verdict = 'same'`,
  );
  await transaction.query(
    `delete from connector.holds as h using ${table} as t
     where t.verdict = 'same' and h.model = $1 and h.source_id = t.source_id`,
    [other],
  );
}

/**
 * Inserts the restored rows. Planhat's id is kept if its object may still exist there: the object of a deal that moved
 * is removed once the new one is accepted.
 */
async function insertReturned(transaction: Transaction, { model, other }: MovedModel, undoId: string): Promise<number> {
  const columns = propertyColumns(model);
  const names = columns.map(({ column }) => identifier(column)).join(", ");
  const values = columns.map((one) => columnFrom(one, "t.before")).join(", ");
  const rows = await transaction.query<{ count: string }>(
    `with returned as (
       insert into ${tableNamed(model)} (id, source_id, planhat_id, created_at, ${names}, custom)
       overriding system value
       select t.row_id, t.source_id,
              case when p.planhat_id is not null or t.other_id is null or not exists (
                select from connector.published as moved
                where moved.model = $3 and moved.source_id = t.source_id and moved.hash is not null)
                then coalesce(p.planhat_id, t.because -> 'row' ->> 'planhatId') end,
              coalesce((t.because -> 'row' ->> 'createdAt')::timestamptz, now()), ${values}, ${customOf("t.before")}
       from ${table} as t left join connector.published as p on p.model = $2 and p.source_id = t.source_id
       where t.verdict = 'same' order by t.row_id
       returning id, source_id
     ), linked as (
       insert into connector.links (stream, record_id, model, row_id, base, run_id)
       select ${streamSql(model, "r.source_id")}, ${recordIdSql("r.source_id")}, $2, r.id, nullif(t.because -> 'base', 'null'), $1
       from returned as r join ${table} as t on t.row_id = r.id where ${recordIdSql("r.source_id")} is not null
       on conflict (stream, record_id) do update
       set model = excluded.model, row_id = excluded.row_id, run_id = excluded.run_id
     ), noted as (
       insert into connector.changes (run_id, action, model, source_id, row_id, because)
       select $1, 'create', $2, source_id, id, '{"by": "undo"}' from returned order by id
     )
     select count(*) as count from returned`,
    [undoId, model, other ?? null],
  );
  if (revenueKindOf(model) !== undefined) {
    await transaction.query(
      `update connector.kept as k set model = $1 from ${table} as t
       where t.verdict = 'same' and k.model <> $1
         and k.stream = ${streamSql(model, "t.source_id")} and k.record_id = ${recordIdSql("t.source_id")}`,
      [model],
    );
  }
  return Number(rows[0]!.count);
}

/** Holds the model of deals that moved back, until the mapping decides otherwise. */
async function holdReturned(
  transaction: Transaction,
  { model, other }: MovedModel,
  { undoId, holds }: Undoing,
  marks: (stream: StreamName) => string,
): Promise<number> {
  await transaction.query(
    `delete from connector.holds as h using ${table} as t
     where t.verdict = 'same' and h.model = $1 and h.source_id = t.source_id and h.field is null`,
    [model],
  );
  if (!holds || other === undefined) return 0;
  const rows = await transaction.query<{ count: string }>(
    `with held as (
       insert into connector.holds (model, source_id, field, taken, restored, mapping, run_id)
       select $1, source_id, null, jsonb_build_object('model', $2::text), null,
              case when ${streamSql(model, "source_id")} = 'deals' then $3 else $4 end, $5 from ${table}
       where verdict = 'same' and other_id is not null and source_id is not null order by row_id
       returning 1
     ) select count(*) as count from held`,
    [model, other, marks("deals"), marks("deal_products"), undoId],
  );
  return Number(rows[0]!.count);
}
