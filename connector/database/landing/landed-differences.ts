import { optionalFields } from "../../mapping/check/asked-fields.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { StreamName } from "../../stream-name.ts";
import { jsonBatches } from "../bulk/json-batches.ts";
import type { Queryable } from "../database.ts";
import { leanRecord } from "../lean-record.ts";
import { comparedRecord } from "./compared-record.ts";
import { type IncomingRecord, incomingJson } from "./landing.ts";

/** A record that differs from its landed state. */
export interface LandedDifference {
  id: number;
  /** The landed state; null if it has not landed. */
  landed: { record: JsonObject; updateTime: string | null; deleted: boolean } | null;
}

const recordsAtOnce = 1000;

/**
 * Returns which of the given records have not landed or differ from their landed state. Two differences are ignored:
 * names inside notes, and optional fields, mostly counts of other records that change without this one. Of a lean copy
 * only what it holds is compared. Writes nothing.
 */
export async function landedDifferences(
  queryable: Queryable,
  stream: StreamName,
  records: readonly IncomingRecord[],
): Promise<LandedDifference[]> {
  const differences: LandedDifference[] = [];
  const optional = `'{${optionalFields[stream].join(",")}}'::text[]`;
  const compared = (name: string) => `(${comparedRecord(stream, `${name}.record`)} - ${optional})`;
  for (const batch of jsonBatches(records, recordsAtOnce, (record) => incomingJson(stream, record))) {
    const rows = await queryable.query<{ id: string; record: JsonObject | null; deleted: boolean | null }>(
      `select incoming.id, landed.record, landed.deleted
       from json_to_recordset($1) as incoming (id bigint, record jsonb, deleted boolean)
       left join pipedrive.${stream} as landed on landed.id = incoming.id
       where case when landed.lean then landed.record is distinct from ${leanRecord("incoming.record")}
                  else ${compared("landed")} is distinct from ${compared("incoming")} end
          or landed.deleted is distinct from incoming.deleted`,
      [batch],
    );
    for (const { id, record, deleted } of rows) {
      const updateTime = typeof record?.["update_time"] === "string" ? record["update_time"] : null;
      differences.push({
        id: Number(id),
        landed: record === null ? null : { record, updateTime, deleted: deleted === true },
      });
    }
  }
  return differences;
}
