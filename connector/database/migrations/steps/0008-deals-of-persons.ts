import type { Migration } from "../migration.ts";

/** An index for `explain`, which looks up the deals of a person: without it every deal would be unpacked. */
export const dealsOfPersonsIndex: Migration = {
  number: 8,
  name: "deals-of-persons",
  sql: "create index deals_person_id on pipedrive.deals (((record->>'person_id')::bigint));",
};
