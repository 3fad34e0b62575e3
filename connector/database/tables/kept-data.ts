/** An entry of the register: the purpose of a table, the way its content goes, and the fields that tell of persons. */
export interface KeptTable {
  purpose: string;
  goes: string;
  /** The column that tells how old a row is; absent if none does. */
  since?: string;
  /** The columns that may hold personal values, each with what it holds. */
  personal: Readonly<Record<string, string>>;
  /** The other columns: ids, times, marks and counts. A blank separates their names. */
  other: string;
}

const landed = "id deleted extracted_at lean update_time";
const inLanding =
  "With the database. Only ids, states and times stay of what no deal brings, with `landing: eligible`, and of what is deleted in Pipedrive, after `retention.deleted_records` (never).";
const asRow = "With the database; `undo --created` removes rows that a run made.";
const row = "id source_id external_id planhat_id created_at updated_at";
const ids = "Finds its way by ids alone.";

function landing(content: string): KeptTable {
  return {
    purpose: "The last seen copy of each record, to map again without asking Pipedrive.",
    goes: inLanding,
    since: "extracted_at",
    personal: { record: content },
    other: landed,
  };
}

function rows(personal: Record<string, string>, other: string): KeptTable {
  return {
    purpose: "The row as Planhat gets it.",
    goes: asRow,
    since: "created_at",
    personal: { ...personal, custom: "custom fields, as the mapping says" },
    other: `${row} ${other}`,
  };
}

function working(purpose: string, goes: string, other: string, since?: string): KeptTable {
  return { purpose, goes, personal: {}, other, ...(since === undefined ? {} : { since }) };
}

/** The register of everything that the three schemas keep: each table with each of its columns. */
export const keptData: Readonly<Record<string, KeptTable>> = {
  "pipedrive.persons": landing("the whole person: names, addresses, numbers, custom fields"),
  "pipedrive.organizations": landing("the whole organization, and its owner"),
  "pipedrive.notes": landing("the whole note: free text, names of its person and author"),
  "pipedrive.deals": landing("the whole deal: its title may name a person"),
  "pipedrive.deal_products": landing("the whole product of a deal: its comments are free text"),

  "planhat.endusers": rows(
    {
      first_name: "first name",
      last_name: "last name",
      email: "e-mail address",
      other_emails: "e-mail addresses",
      phone: "phone number",
      position: "position in the company",
      tags: "labels",
    },
    "company_id archived featured primary",
  ),
  "planhat.companies": rows(
    {
      name: "name, which may be a person's",
      description: "free text",
      address: "address",
      city: "address",
      zip: "address",
      country: "address",
      phone_primary: "phone number",
      owner: "who looks after it",
      co_owner: "who looks after it",
      tags: "labels",
      web: "web address",
      domains: "web addresses",
    },
    "phase",
  ),
  "planhat.notes": rows(
    {
      subject: "free text",
      description: "free text",
      endusers: "the persons it is about",
      users: "who wrote it",
      activity_tags: "labels",
    },
    "company_id archived date pinned starred type",
  ),
  "planhat.licenses": rows(
    { product: "text, as the mapping says" },
    "company_id auto_renews currency fixed_period from_date invoice_cycle invoice_cycle_interval mrr notice_period notice_unit renewal_arr renewal_mrr renewal_period renewal_status renewal_unit to_date to_date_included value",
  ),
  "planhat.sales": rows({ product: "text, as the mapping says" }, "company_id currency sales_date value"),
  "planhat.deals": rows(
    { name: "text, as the mapping says", owner_id: "who looks after it", followers: "who follows it" },
    "company_id close_date currency mrr stage total",
  ),
  "planhat.lineitems": rows(
    { name: "text, as the mapping says" },
    "company_id deal_id arr auto_renews currency fixed_period from_date length mrr notice_period notice_unit product_id renewal_arr renewal_mrr renewal_period to_date type value",
  ),

  "connector.rejections": {
    purpose: "What could not be stored, to try it again.",
    goes: "When the record is stored. A dismissed one stays. Values after `retention.rejected` (never).",
    since: "since",
    personal: {
      record: "the whole record, where it could not land",
      value: "the value that was refused",
      reason: "may quote the value",
      dismissed: "who dismissed it, and why",
    },
    other: "id field model record_id run_id since stage stream waiting_for",
  },
  "connector.changes": {
    purpose: "The values before and after each write, for `history` and `undo`.",
    goes: "After `history.keep_days` (90 days), a piece with each run; 0 keeps none.",
    since: "at",
    personal: { before: "values of the row before", after: "values of the row after", because: "what led to it" },
    other: "id run_id at action model source_id row_id last_row_id",
  },
  "connector.conflicts": {
    purpose: "The value that lost where both sides changed one field.",
    goes: "After `retention.conflicts` (never).",
    since: "at",
    personal: { base: "the value agreed on before", pipedrive: "Pipedrive's value", planhat: "Planhat's value" },
    other: "id at field record_id run_id stream winner",
  },
  "connector.links": {
    purpose: "The pair of record and row, with the values both sides last agreed on.",
    goes: "With its row.",
    personal: { base: "values of the row" },
    other: "model record_id row_id run_id stream",
  },
  "connector.published": {
    purpose: "What Planhat was last sent, to send only what changed.",
    goes: "When the object is gone in Planhat, or the tenant is another.",
    since: "version",
    personal: { content: "values of the object" },
    other: "company_planhat_id fields harmed hash model planhat_id source_id version",
  },
  "connector.holds": {
    purpose: "What an undo took back, so that no sync writes it again.",
    goes: "When Pipedrive or the mapping says something else; by `holds release`.",
    since: "since",
    personal: { restored: "the value that was put back", taken: "the value that was taken back" },
    other: "id field mapping model run_id since source_id",
  },
  "connector.sends": {
    purpose: "What was last sent to an organization's field, to end a quarrel over it.",
    goes: "With the database; the next send replaces it.",
    since: "sent_at",
    personal: { value: "the value that was sent", refused: "may quote the value" },
    other: "field record_id rounds run_id sent_at",
  },
  "connector.creations": {
    purpose: "An organization that is being made in Pipedrive, so that a crash makes no second one.",
    goes: "When it is made.",
    since: "begun_at",
    personal: { body: "values of the organization" },
    other: "after_id begun_at company_id run_id",
  },
  "connector.catalog": {
    purpose: "The account's fields, options, pipelines and users.",
    goes: "A run replaces it when it is an hour old.",
    since: "fetched_at",
    personal: { value: "names and addresses of Pipedrive's users" },
    other: "fetched_at key",
  },
  "connector.runs": {
    purpose: "Each run: who started it, what came of it.",
    goes: "Incremental ones after 30 days if nothing refers to them; others with the database.",
    since: "started_at",
    personal: { started_by: "who started it", error: "may quote a value", summary: "counts, and names of fields" },
    other: "changes_kept finished_at id mapping mode progress_at started_at status undoes",
  },
  "connector.consents": {
    purpose: "Who agreed to what.",
    goes: "With the database.",
    since: "agreed_at",
    personal: { agreed_by: "who agreed" },
    other: "agreed_at ended_at id kind run_id scope what",
  },
  "connector.account": {
    purpose: "The Pipedrive account that the database belongs to.",
    goes: "With the database.",
    since: "since",
    personal: { company_name: "the account's own name" },
    other: "company_domain company_id only_one since",
  },
  "connector.alerts": {
    purpose: "What each channel was told.",
    goes: "When the channel or the condition is gone.",
    since: "began_at",
    personal: { problem: "why a message did not go out" },
    other:
      "began_at began_with channel condition ended_at ended_with episode next_try_at problem_since taken_until told tries",
  },

  "connector.bookmarks": working(
    "How far each stream was read.",
    "With the database.",
    "state stream updated_at",
    "updated_at",
  ),
  "connector.budget": working("The requests of each day.", "With the database.", "day requests tokens", "day"),
  "connector.edited_companies": working(ids, "When the edit is sent.", "company_id id"),
  "connector.backups": working(
    "The backups that `backup` has written, to name them when a person is forgotten.",
    "With the database.",
    "at file",
    "at",
  ),
  "connector.forgotten": working(
    "Keyed hashes of ids and e-mail addresses of forgotten persons, so that none comes back.",
    "With the database.",
    "hash key kind since",
    "since",
  ),
  "connector.forgetting": working(
    "What a forgetting has still to do, by ids.",
    "When it is done.",
    "details id model planhat_id source_id task",
  ),
  "connector.fence": working("The run that may write.", "Each run replaces it.", "only run_id"),
  "connector.gathered": working(ids, "When the records are mapped.", "by id stream"),
  "connector.generations": working(ids, "With the database.", "generation record_id stream"),
  "connector.harm": working(
    "What a run took away, for the brake.",
    "With the brake's end.",
    "gone harmed model run_id scope since",
    "since",
  ),
  "connector.kept": working(
    "Rows that stay although their record would bring none now.",
    "When the record brings its row again.",
    "record_id stream ended ended_before model reason since",
    "since",
  ),
  "connector.mapped_fields": working("The mapped fields.", "Each mapping replaces it.", "field model"),
  "connector.migrations": working(
    "The versions of the tables.",
    "With the database.",
    "applied_at name number",
    "applied_at",
  ),
  "connector.pending": working(ids, "When the record is mapped.", "organization_id record_id stream"),
  "connector.planned_runs": working(
    "The plans that were carried out.",
    "With the database.",
    "name planned_at",
    "planned_at",
  ),
  "connector.operators": {
    purpose: "Who did what in the console.",
    goes: "With the database.",
    since: "at",
    personal: { name: "the operator's name", details: "what the act was about, without values of records" },
    other: "id at via action subject",
  },
  "connector.console_sessions": {
    purpose: "Who is signed in to the console of `serve`.",
    goes: "With the session: 12 hours after its last use, a week after its start.",
    since: "started_at",
    personal: { name: "the operator's name" },
    other: "mark token started_at used_at",
  },
  "connector.product_deals": working(ids, "With the deal.", "as_of deal_id", "as_of"),
  "connector.replaced": working(
    "Rows that others took the place of; their objects in Planhat go after them.",
    "When the objects are gone.",
    "by_model by_source_id deal_id model source_id",
  ),
  "connector.tenants": working(
    "The tenants of Planhat that were published to.",
    "With the database.",
    "first_seen host mark tenant",
    "first_seen",
  ),
  "connector.unseen": working(ids, "When the record is read.", "record_id stream"),
  "connector.waiting": working(
    "What waits for consent.",
    "With the consent.",
    "count kind remedy run_id since what",
    "since",
  ),
  "connector.webhook_password": working(
    "The connector's own password of its webhook.",
    "With the webhook.",
    "only password",
  ),
  "connector.webhooks": working(
    "The connector's webhooks in Pipedrive.",
    "With `webhook delete`.",
    "created_at credentials_digest event_object id subscription_url",
    "created_at",
  ),
};

/** Returns all columns of an entry of the register. */
export function columnsOf({ personal, other }: KeptTable): string[] {
  return [...Object.keys(personal), ...other.split(" ")];
}

/** Writes the register as the table of docs/privacy.md: every field that may hold a personal value. */
export function keptDataTable(): string {
  const lines = Object.entries(keptData).flatMap(([table, { purpose, goes, personal }]) =>
    Object.entries(personal).map(
      ([field, holds], at) =>
        `| ${at === 0 ? `\`${table}\`` : ""} | \`${field}\` | ${holds} | ${at === 0 ? purpose : ""} | ${at === 0 ? goes : ""} |`,
    ),
  );
  return ["| table | field | holds | purpose | goes |", "| --- | --- | --- | --- | --- |", ...lines].join("\n");
}
