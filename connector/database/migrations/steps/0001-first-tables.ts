import type { Migration } from "../migration.ts";

const landed = ["organizations", "persons", "notes", "deals"];
const planhat = ["companies", "endusers", "notes", "licenses", "sales"];

const landing = landed
  .map(
    (table) => `
create table pipedrive.${table} (
  id bigint primary key,
  record jsonb not null,
  update_time timestamptz,
  extracted_at timestamptz not null,
  deleted boolean not null default false
);`,
  )
  .join("");

/**
 * Most records exceed the 2 KB from which Postgres compresses them. lz4 takes a fraction of pglz's time and exists on
 * most servers. Uncompressed records are no faster and take four times the space.
 */
const compression = `do $$
begin
${landed.map((table) => `  alter table pipedrive.${table} alter column record set compression lz4;`).join("\n")}
exception when feature_not_supported then
  null;
end
$$;`;

/** No query filters by a whole record, so ANALYZE need not unpack any. */
const statistics = landed
  .map((table) => `alter table pipedrive.${table} alter column record set statistics 0;`)
  .join("\n");

/** The references by which the records of a stream are found. */
const references = [
  ["persons", "org_id"],
  ["deals", "org_id"],
  ["notes", "deal_id"],
  ["notes", "org_id"],
  ["notes", "person_id"],
]
  .map(([table, key]) => `create index ${table}_${key} on pipedrive.${table} (((record->>'${key}')::bigint));`)
  .join("\n");

// The columns of the models' properties are added after the migrations, from schemas/planhat.
const rows = planhat
  .map(
    (table) => `
create table planhat.${table} (
  id bigint generated always as identity primary key,
  planhat_id text unique,
  source_id text unique,
  external_id text,
  ${table === "companies" ? "" : "company_id bigint references planhat.companies,"}
  custom jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
${table === "companies" ? "" : `create index ${table}_company_id on planhat.${table} (company_id);`}
create trigger touch_updated_at before update on planhat.${table}
  for each row execute function connector.touch_updated_at();`,
  )
  .join("");

/** The tables of the three schemas of the contract, section 6, as of the first version. */
export const firstTables: Migration = {
  number: 1,
  name: "first-tables",
  sql: `
create function connector.touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

${landing}
${compression}
${statistics}
${references}
${rows}

create table connector.bookmarks (
  stream text primary key,
  state jsonb not null,
  updated_at timestamptz not null default now()
);

create table connector.links (
  stream text not null,
  record_id bigint not null,
  model text not null,
  row_id bigint not null,
  base jsonb,
  run_id uuid,
  primary key (stream, record_id)
);

create table connector.runs (
  id uuid primary key,
  mode text not null,
  status text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  summary jsonb,
  error text
);
create index runs_started_at on connector.runs (started_at);

-- json and not jsonb: what could not be stored is kept as it came, with NUL characters and every digit.
create table connector.rejections (
  id bigint generated always as identity primary key,
  stream text not null,
  record_id bigint,
  model text,
  field text,
  stage text not null,
  reason text not null,
  value json,
  record json,
  waiting_for bigint,
  run_id uuid,
  since timestamptz not null default now()
);
-- One for each record, stage and field. Records without an id are told apart by their content.
create unique index rejections_once on connector.rejections
  (stream, coalesce(record_id::text, md5(coalesce(record::text, ''))), stage, coalesce(field, ''));
create index rejections_waiting_for on connector.rejections (waiting_for) where waiting_for is not null;

create table connector.conflicts (
  id bigint generated always as identity primary key,
  stream text not null,
  record_id bigint not null,
  field text not null,
  base json,
  pipedrive json,
  planhat json,
  winner text not null,
  run_id uuid,
  at timestamptz not null default now()
);
create index conflicts_record on connector.conflicts (stream, record_id);

create table connector.budget (
  day date primary key,
  tokens bigint not null,
  requests bigint not null
);

create table connector.pending (
  organization_id bigint not null,
  stream text not null,
  record_id bigint not null,
  primary key (organization_id, stream, record_id)
);

create table connector.catalog (
  key text primary key,
  value jsonb,
  fetched_at timestamptz not null default now()
);

create table connector.fence (
  "only" boolean primary key default true check ("only"),
  run_id uuid
);
insert into connector.fence default values;
`,
};
