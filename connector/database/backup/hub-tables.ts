/**
 * The tables of the hub that a backup holds, as `schema.table`. Rows refer to their companies and
 * deals, which come first.
 * `connector.migrations` is made by the restore. The jobs of `serve` (pg-boss's tables) are left out: the next sync
 * reads what their events told of. So are the sessions of the console: people sign in again.
 */
export const hubTables: readonly string[] = [
  ...["companies", "deals", "endusers", "licenses", "lineitems", "notes", "sales"].map((name) => `planhat.${name}`),
  ...["deal_products", "deals", "notes", "organizations", "persons"].map((name) => `pipedrive.${name}`),
  ...[
    "account",
    "alerts",
    "backups",
    "bookmarks",
    "budget",
    "catalog",
    "changes",
    "conflicts",
    "consents",
    "creations",
    "edited_companies",
    "fence",
    "forgetting",
    "forgotten",
    "gathered",
    "generations",
    "harm",
    "holds",
    "kept",
    "links",
    "mapped_fields",
    "operators",
    "pending",
    "planned_runs",
    "product_deals",
    "published",
    "rejections",
    "replaced",
    "runs",
    "sends",
    "tenants",
    "unseen",
    "waiting",
    "webhook_password",
    "webhooks",
  ].map((name) => `connector.${name}`),
];

/** A column of a table in a backup. */
export interface BackupColumn {
  name: string;
  /** Its type as Postgres writes it: `timestamp with time zone`. */
  type: string;
  /** The last number of its sequence; null if that has given none, absent if it has no sequence. */
  last?: string | null;
}

/** A table in a backup, with what its rows are verified by. */
export interface BackupTable {
  /** `planhat.companies`. */
  table: string;
  columns: BackupColumn[];
  rows: number;
  /** The sum of 56 bits of each row's SHA-256, in decimal: it does not depend on the order of rows. */
  hash: string;
}

/** The first line of a backup. */
export interface BackupHead {
  format: typeof backupFormat;
  /** The version of pipedrive-planhat that wrote it. */
  version: string;
  /** The number of the last migration of its schema. */
  schema: number;
  /** The moment whose state it holds, RFC 3339. */
  at: string;
  tables: BackupTable[];
}

/** Names the form of a backup; another form will have another number. */
export const backupFormat = "pipedrive-planhat backup 1";

/** A table's rows in COPY's text format, in chunks of whole rows. */
export interface BackupRows {
  table: BackupTable;
  chunks: AsyncIterable<Buffer>;
}

/** A hub as its head and the rows of each table, in the order of the head. */
export interface HubCopy {
  head: BackupHead;
  /** Tables among the connector's that it did not make, and that are not part of the copy. */
  leftOut?: readonly string[];
  rows: AsyncIterable<BackupRows>;
}
