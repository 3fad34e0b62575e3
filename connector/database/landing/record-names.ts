import type { StreamName } from "../../stream-name.ts";
import type { Queryable } from "../database.ts";

/** The key that names a record of each stream for people; a note and a product have none here. */
const nameKey: Readonly<Partial<Record<StreamName, string>>> = {
  organizations: "name",
  persons: "name",
  deals: "title",
};

/** Returns the names of landed records by stream and id, as `deals 7`; records without a name are left out. */
export async function recordNames(
  queryable: Queryable,
  records: readonly { stream: StreamName; recordId: number | null }[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const [stream, key] of Object.entries(nameKey)) {
    const ids = records.flatMap((one) => (one.stream === stream && one.recordId !== null ? [one.recordId] : []));
    if (ids.length === 0) continue;
    const rows = await queryable.query<{ id: string; name: string }>(
      `select id, record->>'${key}' as name from pipedrive.${stream}
       where id = any($1::bigint[]) and record->>'${key}' is not null`,
      [ids],
    );
    for (const { id, name } of rows) names.set(`${stream} ${id}`, name);
  }
  return names;
}
