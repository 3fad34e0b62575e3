import type { Migration } from "../migration.ts";

const landed = ["organizations", "persons", "notes", "deals", "deal_products"];

/**
 * Marks landed copies of which only ids, references, states and times are kept. The record itself does not show it: an
 * organization may have no more than these. A constant default writes no row, and the index is empty as long as
 * everything is kept whole, so that an account without lean copies pays nothing. Deleted records are not in it: nothing
 * needs their values.
 */
export const leanCopies: Migration = {
  number: 35,
  name: "lean-copies",
  sql: landed
    .map(
      (table) => `
alter table pipedrive.${table} add column lean boolean not null default false;
create index ${table}_lean on pipedrive.${table} (id) where lean and not deleted;`,
    )
    .join("\n"),
};
