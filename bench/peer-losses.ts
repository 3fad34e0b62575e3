import type { Queryable } from "../connector/database/database.ts";
import type { Json, JsonObject } from "../connector/mapping/value.ts";
import type { AccountServer } from "./account-server.ts";
import { peerStreams } from "./singer-peer.ts";

/** The parts of an account that did not arrive in a database. */
export interface Losses {
  /** Records of the account, and those that have no row. */
  records: number;
  lost: number;
  /** Values that are neither null nor empty, and those whose column is null or not there. */
  values: number;
  blanked: number;
  /** Empty texts, and those that became null. */
  empties: number;
  nulled: number;
  /** The number of blanked values by stream and field. */
  fields: Record<string, number>;
}

/** Returns the row of each record of a stream, by id. */
export type ReadRows = (stream: (typeof peerStreams)[number]) => Promise<Map<number, JsonObject>>;

/** Compares every value of an account's records, custom fields too, with the rows that a program made of them. */
export async function countLosses(account: AccountServer, rowsOf: ReadRows): Promise<Losses> {
  const losses: Losses = { records: 0, lost: 0, values: 0, blanked: 0, empties: 0, nulled: 0, fields: {} };
  for (const stream of peerStreams) {
    const rows = await rowsOf(stream);
    for await (const record of recordsOf(account, stream)) {
      losses.records++;
      const row = rows.get(record["id"] as number);
      if (row === undefined) losses.lost++;
      for (const [key, value] of Object.entries(record)) {
        const arrived = row?.[key] ?? null;
        if (value === "") {
          losses.empties++;
          if (row !== undefined && arrived === null) losses.nulled++;
        } else if (value !== null && !(Array.isArray(value) && value.length === 0)) {
          losses.values++;
          if (row === undefined || arrived !== null) continue;
          losses.blanked++;
          const field = `${stream} ${key}`;
          losses.fields[field] = (losses.fields[field] ?? 0) + 1;
        }
      }
    }
  }
  return losses;
}

/** Returns the rows of tables whose columns are the fields. */
export function readTables(database: Queryable, schema: string): ReadRows {
  return (stream) => byId(database, `select id::int as id, to_jsonb(t) as row from ${schema}.${stream} as t`);
}

/** Returns the landed records, with custom fields beside the others. */
export function readLanding(database: Queryable): ReadRows {
  return (stream) => byId(database, `select id::int as id, record as row from pipedrive.${stream}`);
}

async function byId(queryable: Queryable, sql: string): Promise<Map<number, JsonObject>> {
  const rows = await queryable.query<{ id: number; row: JsonObject }>(sql);
  return new Map(rows.map(({ id, row }) => [id, flat(row)]));
}

/** The lists of a stream: archived deals have one of their own. */
const paths = {
  organizations: ["/api/v2/organizations?"],
  persons: ["/api/v2/persons?"],
  deals: ["/api/v2/deals?status=open,won,lost,deleted&", "/api/v2/deals/archived?status=open,won,lost,deleted&"],
  notes: ["/v1/notes?"],
} as const;

async function* recordsOf({ url, token }: AccountServer, stream: (typeof peerStreams)[number]) {
  for (const path of paths[stream]) {
    let next: string | undefined = "";
    while (next !== undefined) {
      const sort = stream === "notes" ? "sort=update_time ASC, id ASC" : "sort_by=update_time";
      const answer = await fetch(`${url}${path}limit=500&${encodeURI(sort)}${next}`, {
        headers: { "x-api-token": token },
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      const { data, additional_data } = (await answer.json()) as { data: JsonObject[]; additional_data: JsonObject };
      for (const record of data) yield flat(record);
      const { next_cursor: cursor, pagination } = additional_data;
      const start = (pagination as JsonObject | undefined)?.["next_start"];
      next =
        typeof cursor === "string"
          ? `&cursor=${encodeURIComponent(cursor)}`
          : typeof start === "number"
            ? `&start=${start}`
            : undefined;
    }
  }
}

function flat({ custom_fields: custom, ...record }: JsonObject): JsonObject {
  return { ...record, ...(custom as Record<string, Json> | undefined) };
}
