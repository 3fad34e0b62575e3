import type { Migration } from "../migration.ts";

/** The Pipedrive account to which a database belongs. */
export const account: Migration = {
  number: 20,
  name: "account",
  sql: `
-- One row at most: a database belongs to one account, which its number tells. Name and domain may change.
create table connector.account (
  only_one boolean primary key default true check (only_one),
  company_id bigint not null,
  company_name text not null,
  company_domain text,
  since timestamptz not null default now()
);
`,
};
