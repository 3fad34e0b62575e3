import type { Migration } from "../migration.ts";

/** Requests beyond the lists, rows of deals that no longer sync, and the fields that were ever mapped. */
export const livingDeals: Migration = {
  number: 18,
  name: "living-deals",
  sql: `
-- What the lists do not show because of start_date, and was asked for by a record's id, or by what it belongs to.
create table connector.gathered (
  stream text not null,
  "by" text not null,
  id bigint not null,
  primary key (stream, "by", id)
);

-- Rows of deals that do not sync any more. ended, ended_before: what when_lost wrote as to_date, and what it replaced.
create table connector.kept (
  deal_id bigint primary key,
  model text not null,
  reason text not null,
  since timestamptz not null default now(),
  ended date,
  ended_before date
);
create index kept_reason on connector.kept (model, reason);

-- Every field that a mapping ever wrote, so that one which is no longer mapped is known.
create table connector.mapped_fields (
  model text not null,
  field text not null,
  primary key (model, field)
);

-- The next run writes down those of the deals that it knew before.
insert into connector.pending (organization_id, stream, record_id)
select coalesce((deal.record->>'org_id')::bigint, 0), 'deals', deal.id
from pipedrive.deals as deal join connector.links as link on link.stream = 'deals' and link.record_id = deal.id
where deal.deleted or deal.record->>'status' is distinct from 'won' or deal.record->>'org_id' is null
on conflict do nothing;
`,
};
