import {
  type ModelName,
  otherKind,
  type RevenueModel,
  revenueKindOf,
  revenueKinds,
  revenueModels,
  tableOf,
} from "../../model-name.ts";
import { recordIdSql, streamSql } from "../../source-id.ts";
import { identifier } from "../bulk/model-columns.ts";
import type { Transaction } from "../database.ts";
import { landingsOf } from "./landed-as.ts";
import { columnFrom, customOf, propertyColumns, tableNamed, wholeRowJson } from "./row-json.ts";
import type { KeptField, Undoing } from "./undo-updates.ts";

/** In the order in which rows come back: deals before their line items. */
const models: readonly RevenueModel[] = revenueKinds.flatMap((kind) => revenueModels[kind]);
const gone = "pg_temp.undo_replaced";
const made = "pg_temp.undo_replacing";

/** The marks of what the mapping says of deals and of their products. */
type RecordMarks = Record<"deals" | "deal_products", string>;

/** The result of restoring rows that rows of other source ids had replaced. */
export interface ReturnedReplaced {
  returned: { model: ModelName; rows: number }[];
  held: number;
  kept: KeptField[];
}

/**
 * Restores the rows of deals that became one row for each product, or one row again: all of a deal, or none. It returns
 * if each row that took their place is as the run made it; those go, and stay away while their records are unchanged.
 * Of `chosen` models a deal returns that had a row of one of them.
 * `marks` identify what the mapping says of each stream.
 */
export async function returnReplaced(
  transaction: Transaction,
  { runId, undoId, sourceIds, holds }: Undoing,
  marks: RecordMarks,
  chosen: readonly ModelName[] | undefined,
): Promise<ReturnedReplaced> {
  await gather(transaction, runId, sourceIds ?? null, chosen ?? null);
  const result: ReturnedReplaced = { returned: [], held: 0, kept: [] };
  const kept = await transaction.query<KeptField & Record<string, unknown>>(
    `select model, source_id as "sourceId", null as field,
            case verdict when 'company' then 'company' when 'again' then 'again' else 'changed' end as why,
            null as "byRun"
     from ${gone} where verdict <> 'same' order by row_id`,
  );
  result.kept.push(...kept);
  for (const model of models.toReversed()) await removeReplacing(transaction, model, undoId);
  for (const model of models) {
    const rows = await insertReplaced(transaction, model, undoId);
    if (rows > 0) result.returned.push({ model, rows });
  }
  await turnReplaced(transaction);
  if (holds) result.held = await holdReplacing(transaction, undoId, marks);
  return result;
}

/** Puts the removed rows into one temporary table and those that took their place into another, with verdicts. */
async function gather(
  transaction: Transaction,
  runId: string,
  sourceIds: readonly string[] | null,
  chosen: readonly ModelName[] | null,
): Promise<void> {
  await transaction.query(`drop table if exists ${gone}, ${made}`);
  const there = models
    .map((model) => `select '${model}' as model, id, source_id, updated_at from planhat.${tableOf[model]}`)
    .join(" union all ");
  await transaction.query(
    `create temporary table undo_replaced on commit drop as
     select distinct on (c.model, c.row_id) c.model, c.row_id, c.source_id, c.before, c.because,
            coalesce(c.because ->> 'ofDeal', split_part(c.source_id, '-', 1)) as deal,
            case when exists (select from (${there}) as r
                              where r.model = c.model and (r.id = c.row_id or r.source_id = c.source_id)) then 'again'
                 when not exists (select from planhat.companies as company
                                  where company.id = (c.before ->> 'companyId')::bigint) then 'company'
                 when c.before ? 'dealId' and not exists (
                   select from planhat.deals as deal where deal.id = (c.before ->> 'dealId')::bigint)
                   and not exists (select from connector.changes as with_it
                                   where with_it.run_id = $1 and with_it.model = 'deal' and with_it.action = 'remove'
                                     and with_it.row_id = (c.before ->> 'dealId')::bigint) then 'company'
                 else 'same' end as verdict
     from connector.changes as c
     where c.run_id = $1 and c.action = 'remove' and c.because ? 'replacedBy'
       and ($2::text[] is null or c.source_id = any($2))
     order by c.model, c.row_id, c.id desc`,
    [runId, sourceIds],
  );
  await transaction.query(
    `delete from ${gone} as g where $1::text[] is not null
       and not exists (select from ${gone} as o where o.deal = g.deal and o.model = any($1))`,
    [chosen],
  );
  await transaction.query(
    `create temporary table undo_replacing on commit drop as
     select distinct on (one.model, one."sourceId") one.model, one."sourceId" as source_id, g.deal, r.id as row_id,
            exists (select from connector.changes as c
                    where c.run_id = $1 and c.model = one.model and c.action = 'create'
                      and r.id between c.row_id and coalesce(c.last_row_id, c.row_id)
                      and r.updated_at = greatest(c.at, (
                        select max(u.at) from connector.changes as u
                        where u.run_id = $1 and u.model = one.model and u.row_id = r.id and u.action = 'update'
                      ))) as is_same
     from ${gone} as g
     cross join lateral jsonb_to_recordset(g.because -> 'replacedBy') as one (model text, "sourceId" text)
     left join (${there}) as r on r.model = one.model and r.source_id = one."sourceId"`,
    [runId],
  );
  await transaction.query(
    `update ${gone} as g set verdict = 'changed'
     where verdict = 'same' and exists (
       select from ${made} as m where m.deal = g.deal and m.row_id is not null and not m.is_same)`,
  );
  await transaction.query(
    `update ${gone} as g set verdict = 'changed'
     where verdict = 'same' and exists (select from ${gone} as o where o.deal = g.deal and o.verdict <> 'same')`,
  );
}

const ofSame = `exists (select from ${gone} as g where g.deal = m.deal and g.verdict = 'same')`;

/** Removes the rows of a model that had taken the place of others. */
async function removeReplacing(transaction: Transaction, model: ModelName, undoId: string): Promise<void> {
  await transaction.query(
    `insert into connector.changes (run_id, action, model, source_id, row_id, before, because)
     select $1, 'remove', $2, r.source_id, r.id, ${wholeRowJson(model)},
            jsonb_build_object('by', 'undo', 'ofDeal', m.deal::bigint,
              'movedTo', ${insteadSql(model)},
              'replacedBy', (select jsonb_agg(jsonb_build_object('model', g.model, 'sourceId', g.source_id))
                             from ${gone} as g where g.deal = m.deal and g.verdict = 'same'),
              'row', jsonb_build_object('createdAt', r.created_at, 'planhatId', r.planhat_id))
     from ${made} as m join ${tableNamed(model)} as r on r.id = m.row_id
     where m.model = $2 and ${ofSame} order by r.id`,
    [undoId, model],
  );
  await transaction.query(
    `delete from ${tableNamed(model)} as r using ${made} as m where r.id = m.row_id and m.model = $1 and ${ofSame}`,
    [model],
  );
  await transaction.query(
    `delete from connector.links as l using ${made} as m
     where l.row_id = m.row_id and l.model = $1 and m.model = $1 and l.stream in ('deals', 'deal_products') and ${ofSame}`,
    [model],
  );
  await transaction.query(
    `delete from connector.kept as k using ${made} as m
     where m.model = $1 and k.model = $1 and k.stream = ${streamSql(model, "m.source_id")} and ${ofSame}
       and k.record_id = ${recordIdSql("m.source_id")}`,
    [model],
  );
  await transaction.query(
    `delete from connector.holds as h using ${made} as m
     where h.model = $1 and m.model = $1 and h.source_id = m.source_id and ${ofSame}`,
    [model],
  );
}

/** Inserts the restored rows of a model with their links; an id of Planhat is kept while its object is there. */
async function insertReplaced(transaction: Transaction, model: ModelName, undoId: string): Promise<number> {
  const columns = propertyColumns(model);
  const names = columns.map(({ column }) => identifier(column)).join(", ");
  const values = columns.map((one) => columnFrom(one, "t.before")).join(", ");
  const rows = await transaction.query<{ count: string }>(
    `with returned as (
       insert into ${tableNamed(model)} (id, source_id, planhat_id, created_at, ${names}, custom)
       overriding system value
       select t.row_id, t.source_id, p.planhat_id,
              coalesce((t.because -> 'row' ->> 'createdAt')::timestamptz, now()), ${values}, ${customOf("t.before")}
       from ${gone} as t left join connector.published as p on p.model = $2 and p.source_id = t.source_id
       where t.verdict = 'same' and t.model = $2 order by t.row_id
       returning id, source_id
     ), linked as (
       insert into connector.links (stream, record_id, model, row_id, base, run_id)
       select ${streamSql(model, "r.source_id")}, ${recordIdSql("r.source_id")}, $2, r.id, null, $1 from returned as r
       on conflict (stream, record_id) do update
       set model = excluded.model, row_id = excluded.row_id, run_id = excluded.run_id
     ), noted as (
       insert into connector.changes (run_id, action, model, source_id, row_id, because)
       select $1, 'create', $2, source_id, id, '{"by": "undo"}' from returned order by id
     )
     select count(*) as count from returned`,
    [undoId, model],
  );
  return Number(rows[0]!.count);
}

/** Turns around what is known of who replaced whom, so that the right objects go in Planhat. */
async function turnReplaced(transaction: Transaction): Promise<void> {
  await transaction.query(
    `delete from connector.replaced as r using ${gone} as g where g.verdict = 'same' and r.deal_id::text = g.deal`,
  );
  await transaction.query(
    `insert into connector.replaced (deal_id, model, source_id, by_model, by_source_id)
     select distinct g.deal::bigint, m.model, m.source_id, g.model, g.source_id
     from ${gone} as g join ${made} as m on m.deal = g.deal where g.verdict = 'same'`,
  );
}

/** Holds the removed rows away while their records are unchanged. */
async function holdReplacing(transaction: Transaction, undoId: string, marks: RecordMarks): Promise<number> {
  let held = 0;
  for (const model of models) {
    for (const landing of landingsOf(model)) {
      const rows = await transaction.query<{ count: string }>(
        `with held as (
           insert into connector.holds (model, source_id, field, taken, restored, mapping, run_id)
           select m.model, m.source_id, null, jsonb_build_object('record', md5(landed.record::text)), null, $1, $2
           from ${made} as m join pipedrive.${landing.stream} as landed on ${landing.joined("m", "landed")}
           where m.model = $3 and m.row_id is not null and ${ofSame} order by m.row_id
           returning 1
         ) select count(*) as count from held`,
        [marks[landing.stream], undoId, model],
      );
      held += Number(rows[0]!.count);
    }
  }
  return held;
}

/** Returns the SQL of what the deal of a removed row `r` has again, in the words of changes. */
function insteadSql(model: ModelName): string {
  const isProduct =
    model === "lineitem" ? "r.source_id not like 'deal-%'" : model === "deal" ? "false" : "r.source_id like '%-%'";
  return `case when exists (select from ${gone} as g where g.deal = m.deal and ${isOfOtherKind(model)}) then '${otherModel(model)}'
                             when ${isProduct} then 'deal_row' else 'deal_products' end`;
}

function isOfOtherKind(model: ModelName): string {
  const names = revenueModels[otherKind(revenueKindOf(model)!)].map((name) => `'${name}'`);
  return `g.model in (${names.join(", ")})`;
}

function otherModel(model: ModelName): ModelName {
  return revenueModels[otherKind(revenueKindOf(model)!)][0];
}
