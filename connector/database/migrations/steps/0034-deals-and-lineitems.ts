import type { Migration } from "../migration.ts";

const tables = ["deals", "lineitems"]
  .map(
    (table) => `
create table planhat.${table} (
  id bigint generated always as identity primary key,
  planhat_id text unique,
  source_id text unique,
  external_id text,
  company_id bigint references planhat.companies,
  ${table === "lineitems" ? "deal_id bigint references planhat.deals," : ""}
  custom jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index ${table}_company_id on planhat.${table} (company_id);
create trigger touch_updated_at before update on planhat.${table}
  for each row execute function connector.touch_updated_at();`,
  )
  .join("");

/** The newer revenue models of Planhat: deals, and the line items that belong to them. */
export const dealsAndLineitems: Migration = {
  number: 34,
  name: "deals-and-lineitems",
  sql: `
${tables}
create index lineitems_deal_id on planhat.lineitems (deal_id);
`,
};
