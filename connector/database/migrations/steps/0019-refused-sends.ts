import type { Migration } from "../migration.ts";

/** The reason why Pipedrive refused a field when it was last sent, so that the same body is not sent forever. */
export const refusedSends: Migration = {
  number: 19,
  name: "refused sends",
  sql: "alter table connector.sends add column refused text;",
};
