import type { Migration } from "../migration.ts";

/** The dismissal of a rejection, which then does not count: {"at", "by", "as": its record's fingerprint}. */
export const dismissed: Migration = {
  number: 25,
  name: "dismissed rejections",
  sql: "alter table connector.rejections add column dismissed jsonb;",
};
