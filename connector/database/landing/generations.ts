import type { StreamName } from "../../stream-name.ts";
import type { Queryable, Transaction } from "../database.ts";

/** Records the generation in which records of a stream arrived. */
export async function saveGeneration(
  transaction: Transaction,
  stream: StreamName,
  generation: number,
  recordIds: readonly number[],
): Promise<void> {
  await transaction.query(
    `insert into connector.generations as saved (stream, record_id, generation)
     select $1, id, $2 from unnest($3::bigint[]) as came (id) group by id
     on conflict (stream, record_id) do update set generation = excluded.generation
     where saved.generation <> excluded.generation`,
    [stream, generation, recordIds],
  );
}

/** Returns whether any record of the stream arrived in the generation. */
export async function hasGeneration(queryable: Queryable, stream: StreamName, generation: number): Promise<boolean> {
  const [found] = await queryable.query<{ any: boolean }>(
    `select exists (select from connector.generations where stream = $1 and generation = $2) as any`,
    [stream, generation],
  );
  return found?.any === true;
}

/** Marks the landed records of a stream that did not arrive in the generation as deleted; returns their ids. */
export async function markOtherGenerations(
  transaction: Transaction,
  stream: StreamName,
  generation: number,
): Promise<number[]> {
  const rows = await transaction.query<{ id: string }>(
    `update pipedrive.${stream} as landed set deleted = true
     where not deleted and not exists (
       select from connector.generations as came
       where came.stream = $1 and came.record_id = landed.id and came.generation = $2)
     returning id`,
    [stream, generation],
  );
  return rows.map(({ id }) => Number(id));
}
