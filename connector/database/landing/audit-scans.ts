import { type ModelName, tableOf } from "../../model-name.ts";
import { dealOfOwnItem, ownItemSourceId, recordIdSql, sourceIdSql, streamSql, streamsOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { instantText } from "../bulk/instant-text.ts";
import type { Queryable } from "../database.ts";

const rowsAtOnce = 5000;

/** Returns the source ids that given landed records have as rows of a model. */
export async function sourceIdsOf(
  queryable: Queryable,
  stream: StreamName,
  model: ModelName,
  ids: readonly number[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  if (model === "lineitem") {
    return ids.map((id) => {
      const dealId = dealOfOwnItem(id);
      return dealId === undefined ? String(id) : ownItemSourceId(dealId);
    });
  }
  if (stream !== "deal_products") return ids.map(String);
  const rows = await queryable.query<{ source_id: string }>(
    `select ${sourceIdSql(stream, model, "s")} as source_id from pipedrive.${stream} as s where s.id = any($1::bigint[])`,
    [ids],
  );
  return rows.map(({ source_id }) => source_id);
}

/** A landed record, and whether it has a row in one of the models that its stream maps to. */
export interface LandedMark {
  id: number;
  deleted: boolean;
  hasRow: boolean;
}

/** Yields every landed record of a stream in the order of ids, in batches. */
export async function* scanLanding(
  queryable: Queryable,
  stream: StreamName,
  models: readonly ModelName[],
): AsyncGenerator<LandedMark[], void> {
  const hasRow = models.map(
    (model) =>
      `exists (select from planhat.${tableOf[model]} as r where r.source_id = ${sourceIdSql(stream, model, "s")})`,
  );
  let last = "0";
  for (;;) {
    const rows = await queryable.query<{ id: string; deleted: boolean; has_row: boolean }>(
      `select s.id, s.deleted, ${hasRow.join(" or ")} as has_row
       from pipedrive.${stream} as s where s.id > $1 order by s.id limit ${rowsAtOnce}`,
      [last],
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows.map(({ id, deleted, has_row }) => ({ id: Number(id), deleted, hasRow: has_row }));
    last = end.id;
  }
}

/** A row of a model, and the state of its record. */
export interface RowMark {
  /** The row's own id, a bigint as text. */
  rowId: string;
  sourceId: string | null;
  /** The stream of the record that it names. */
  stream: StreamName;
  /** The record that the source id names; null if it is not an id of Pipedrive's. */
  recordId: number | null;
  landed: boolean;
  deleted: boolean;
  /** True if the record is linked to this row. */
  linked: boolean;
}

/** Yields every row of a model in the order of their ids, in batches. */
export async function* scanRows(queryable: Queryable, model: ModelName): AsyncGenerator<RowMark[], void> {
  const landings = [
    ...streamsOf[model].map((stream) => `select '${stream}' as stream, id, deleted from pipedrive.${stream}`),
    // The line item of a deal is made of the deal.
    ...(model === "lineitem" ? ["select 'deal_products', -id, deleted from pipedrive.deals"] : []),
  ];
  let last = "0";
  for (;;) {
    const rows = await queryable.query<{
      id: string;
      source_id: string | null;
      stream: StreamName;
      record_id: string | null;
      landed: boolean;
      deleted: boolean | null;
      linked: boolean;
    }>(
      `select r.id, r.source_id, r.stream, r.record_id, s.id is not null as landed, s.deleted, l.row_id is not null as linked
       from (
         select id, source_id, ${streamSql(model, "source_id")} as stream, ${recordIdSql("source_id")} as record_id
         from planhat.${tableOf[model]} where id > $1 order by id limit ${rowsAtOnce}
       ) as r
       left join (${landings.join(" union all ")}) as s on s.stream = r.stream and s.id = r.record_id
       left join connector.links as l
         on l.stream = r.stream and l.record_id = r.record_id and l.model = $2 and l.row_id = r.id
       order by r.id`,
      [last, model],
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows.map((row) => ({
      rowId: row.id,
      sourceId: row.source_id,
      stream: row.stream,
      recordId: row.record_id === null ? null : Number(row.record_id),
      landed: row.landed,
      deleted: row.deleted === true,
      linked: row.linked,
    }));
    last = end.id;
  }
}

/** Returns the records of a stream that are linked to a missing row of a model, in ascending order. */
export async function linksWithoutRows(queryable: Queryable, stream: StreamName, model: ModelName): Promise<number[]> {
  const rows = await queryable.query<{ record_id: string }>(
    `select l.record_id from connector.links as l
     where l.stream = $1 and l.model = $2 and not exists (
       select from planhat.${tableOf[model]} as r where r.id = l.row_id and ${recordIdSql("r.source_id")} = l.record_id)
     order by l.record_id`,
    [stream, model],
  );
  return rows.map(({ record_id }) => Number(record_id));
}

/**
 * Returns when the sources of each given record last changed in the landing, by record id (instants as `…Z`). Sources
 * are the record itself and the organization, person and deal that it names. A deal's own change is left out: it is
 * always applied. Records that have not landed are left out.
 */
export async function newestLanding(
  queryable: Queryable,
  stream: StreamName,
  ids: readonly number[],
): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const named = (other: StreamName, key: string) =>
    `(select n.extracted_at from pipedrive.${other} as n where n.id = (s.record->>'${key}')::bigint)`;
  const sources = [
    ...(stream === "deals" ? [] : ["s.extracted_at"]),
    named("organizations", "org_id"),
    named("persons", "person_id"),
    ...(stream === "notes" ? [named("deals", "deal_id")] : []),
  ];
  const rows = await queryable.query<{ id: string; at: string | null }>(
    `select id, ${instantText("at")} as at from (
       select s.id, greatest(${sources.join(", ")}) as at from pipedrive.${stream} as s where s.id = any($1::bigint[])
     ) as newest`,
    [ids],
  );
  return new Map(rows.flatMap(({ id, at }) => (at === null ? [] : [[Number(id), at]])));
}
