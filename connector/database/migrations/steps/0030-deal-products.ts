import type { Migration } from "../migration.ts";

/** The landing of the products of deals, and which deals were asked for them. */
export const dealProducts: Migration = {
  number: 30,
  name: "deal-products",
  sql: `
create table pipedrive.deal_products (
  id bigint primary key,
  record jsonb not null,
  update_time timestamptz,
  extracted_at timestamptz not null,
  deleted boolean not null default false
);
do $$
begin
  alter table pipedrive.deal_products alter column record set compression lz4;
exception when feature_not_supported then
  null;
end
$$;
alter table pipedrive.deal_products alter column record set statistics 0;
create index deal_products_deal_id on pipedrive.deal_products (((record->>'deal_id')::bigint));

-- The deals whose products are known, and as of which copy of the deal (pipedrive.deals.extracted_at).
create table connector.product_deals (
  deal_id bigint primary key,
  as_of timestamptz not null
);
`,
};
