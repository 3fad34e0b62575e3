import type { StreamName } from "../../stream-name.ts";
import type { Queryable } from "../database.ts";

/** A field of the landed records by its key, built-in or custom; with `part`, only that part of it. */
export interface FieldToFind {
  key: string;
  part?: string;
}

/** The values that count as none (contract, section 5): null and empty. */
const nothing = `('null'::jsonb, '""'::jsonb, '[]'::jsonb, '{}'::jsonb)`;

/**
 * Returns the given fields that no landed record fills; deleted records do not count. Returns none if nothing has
 * landed: an empty landing proves nothing. The search for a field ends at the first record that fills it.
 */
export async function unfilledFields(
  queryable: Queryable,
  stream: StreamName,
  fields: readonly FieldToFind[],
): Promise<FieldToFind[]> {
  if (fields.length === 0) return [];
  const rows = await queryable.query<{ place: string }>(
    `select wanted.place from unnest($1::text[], $2::text[]) with ordinality as wanted (key, part, place)
     where exists (select from pipedrive.${stream} where not deleted)
       and not exists (
         select from pipedrive.${stream} as landed
         cross join lateral (
           select coalesce(landed.record->'custom_fields'->wanted.key, landed.record->wanted.key) as value
         ) as whole
         cross join lateral (
           select case when wanted.part <> '' and jsonb_typeof(whole.value) = 'object'
                       then whole.value->wanted.part else whole.value end as value
         ) as found
         where not landed.deleted and found.value not in ${nothing}
       )`,
    [fields.map(({ key }) => key), fields.map(({ part }) => part ?? "")],
  );
  return rows.map(({ place }) => fields[Number(place) - 1]!);
}

/** The number of landed records of a stream, without deleted and lean ones, and how many fill each field, by key. */
export interface FilledCounts {
  records: number;
  /** The number of lean copies, whose fields nobody knows. */
  lean: number;
  filled: Map<string, number>;
}

/** Counts in one statement how often each field of the landed records is filled; never filled fields are left out. */
export async function countFilled(queryable: Queryable, stream: StreamName): Promise<FilledCounts> {
  const rows = await queryable.query<{ key: string | null; count: string; lean: string | null }>(
    `with landed as (select record from pipedrive.${stream} where not deleted and not lean),
     entries as (
       select entry.key, entry.value from landed, jsonb_each(landed.record) as entry
       where entry.key <> 'custom_fields'
       union all
       select entry.key, entry.value from landed,
         jsonb_each(case when jsonb_typeof(landed.record->'custom_fields') = 'object'
                         then landed.record->'custom_fields' else '{}' end) as entry
     )
     select null as key, count(*) as count,
            (select count(*) from pipedrive.${stream} where lean and not deleted) as lean
     from landed
     union all
     select key, count(*), null from entries where value not in ${nothing} group by key`,
  );
  const filled = new Map(rows.flatMap(({ key, count }) => (key === null ? [] : [[key, Number(count)] as const])));
  const total = rows.find(({ key }) => key === null);
  return { records: Number(total?.count ?? 0), lean: Number(total?.lean ?? 0), filled };
}
