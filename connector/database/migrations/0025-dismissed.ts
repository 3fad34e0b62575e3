import type { Migration } from "./migration.ts";

/** Rejections that somebody looked at and that do not count: {"at", "by", "as": what its record was like}. */
export const dismissed: Migration = {
  number: 25,
  name: "dismissed rejections",
  sql: "alter table connector.rejections add column dismissed jsonb;",
};
