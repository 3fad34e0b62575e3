import type { Database } from "../connector/database/database.ts";
import { openDatabase } from "../connector/database/open/open-database.ts";
import { optionalFields } from "../connector/mapping/check/asked-fields.ts";
import { streamNames } from "../connector/stream-name.ts";

const tables = ["planhat.companies", "planhat.endusers", "planhat.notes", "planhat.licenses", "planhat.sales"];
/** Fields that a read of all fields requests, and a sync only if the mapping names them. */
const optional = `'{${[...new Set(Object.values(optionalFields).flat())].join(",")}}'::text[]`;

/** Reads everything that a sync stores, except what differs from run to run: own ids, times, run ids. */
export async function everything({ location }: { location: string }): Promise<Record<string, unknown>> {
  const database = await openDatabase(location);
  try {
    return await everythingIn(database);
  } finally {
    await database.close();
  }
}

/** Reads everything, as above, from an open database. */
export async function everythingIn(database: Database): Promise<Record<string, unknown>> {
  const look = (sql: string) => database.query(sql);
  const found: Record<string, unknown> = {};
  for (const table of tables) {
    const company =
      table === "planhat.companies" ? "null" : "(select source_id from planhat.companies as c where c.id = company_id)";
    found[table] = await look(
      `select ${company} as company, to_jsonb(t) - '{id,company_id,created_at,updated_at}'::text[] as row from ${table} as t order by source_id`,
    );
  }
  for (const stream of streamNames)
    found[`pipedrive.${stream}`] = await look(
      `select id, record - ${optional} as record, update_time, deleted from pipedrive.${stream} order by id`,
    );
  found["rejections"] = await look(
    "select stream, record_id, model, field, reason from connector.rejections order by 1, 2, 4",
  );
  found["links"] = await look("select stream, record_id, model, base from connector.links order by 1, 2");
  found["pending"] = await look("select * from connector.pending");
  return found;
}
