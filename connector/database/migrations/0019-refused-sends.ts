import type { Migration } from "./migration.ts";

/** Why Pipedrive refused a field the last time that it was sent, so that the same body is not sent for ever. */
export const refusedSends: Migration = {
  number: 19,
  name: "refused sends",
  sql: "alter table connector.sends add column refused text;",
};
