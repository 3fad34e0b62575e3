import type { Migration } from "./migration.ts";

/** The deals whose own person someone is are looked up by `explain`: without an index every deal would be unpacked. */
export const dealsOfPersons: Migration = {
  number: 8,
  name: "deals-of-persons",
  sql: "create index deals_person_id on pipedrive.deals (((record->>'person_id')::bigint));",
};
