import type { Migration } from "../migration.ts";

/** Kept rows of any stream, and rows that others have replaced. */
export const rowsOfProducts: Migration = {
  number: 31,
  name: "rows-of-products",
  sql: `
alter table connector.kept rename column deal_id to record_id;
alter table connector.kept add column stream text not null default 'deals';
alter table connector.kept alter column stream drop default;
alter table connector.kept drop constraint kept_pkey;
alter table connector.kept add primary key (stream, record_id);

-- Rows that went because rows of other source ids took their place: of a deal's products, or of the deal again.
-- Their objects in Planhat go once it has accepted the new ones.
create table connector.replaced (
  deal_id bigint not null,
  model text not null,
  source_id text not null,
  by_model text not null,
  by_source_id text not null,
  primary key (deal_id, model, source_id, by_model, by_source_id)
);
create index replaced_row on connector.replaced (model, source_id);
`,
};
