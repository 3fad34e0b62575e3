import type { StreamName } from "../../stream-name.ts";
import type { ScalarType } from "../scalar.ts";
import type { FieldKind } from "./field-kind.ts";

/** A built-in field of a record. */
export interface RecordField {
  kind: FieldKind;
  /** True if an organization accepts it on a write (Pipedrive API v2, `PATCH /organizations/{id}`). */
  writable?: boolean;
}

const plain: RecordField = { kind: "plain" };
const reference: RecordField = { kind: "reference" };
const options: RecordField = { kind: "options" };
const object: RecordField = { kind: "object" };
const contacts: RecordField = { kind: "contacts" };

function allPlain(words: string): Record<string, RecordField> {
  return Object.fromEntries(words.split(" ").map((word) => [word, plain]));
}

/**
 * The built-in fields of records in every account, by key (Pipedrive openapi-v2.yaml; notes: openapi-v1.yaml). An
 * account may list more; those are added from its catalog.
 */
export const recordFields: Readonly<Record<StreamName, Readonly<Record<string, RecordField>>>> = {
  organizations: {
    ...allPlain(
      "id add_time update_time is_deleted picture_id next_activity_id last_activity_id open_deals_count related_open_deals_count closed_deals_count related_closed_deals_count email_messages_count people_count activities_count done_activities_count undone_activities_count files_count notes_count followers_count won_deals_count related_won_deals_count lost_deals_count related_lost_deals_count smart_bcc_email country_code",
    ),
    name: { kind: "plain", writable: true },
    owner_id: { kind: "reference", writable: true },
    visible_to: { kind: "plain", writable: true },
    label_ids: { kind: "options", writable: true },
    labels: { kind: "list" },
    address: { kind: "address", writable: true },
    website: { kind: "plain", writable: true },
    linkedin: { kind: "plain", writable: true },
    industry: { kind: "option", writable: true },
    annual_revenue: { kind: "plain", writable: true },
    employee_count: { kind: "plain", writable: true },
  },
  persons: {
    ...allPlain(
      "id name first_name last_name add_time update_time is_deleted visible_to picture_id notes birthday job_title next_activity_id last_activity_id open_deals_count related_open_deals_count closed_deals_count related_closed_deals_count participant_open_deals_count participant_closed_deals_count email_messages_count activities_count done_activities_count undone_activities_count files_count notes_count followers_count won_deals_count related_won_deals_count lost_deals_count related_lost_deals_count last_incoming_mail_time last_outgoing_mail_time marketing_status doi_status smart_bcc_email",
    ),
    owner_id: reference,
    org_id: reference,
    emails: contacts,
    phones: contacts,
    im: contacts,
    label_ids: options,
    labels: { kind: "list" },
    postal_address: { kind: "address" },
  },
  deals: {
    ...allPlain(
      "id title value currency status stage_id pipeline_id probability lost_reason visible_to add_time update_time stage_change_time close_time won_time lost_time first_won_time local_won_date local_lost_date local_close_date expected_close_date is_archived archive_time is_deleted origin origin_id channel_id source_lead_id arr mrr acv next_activity_id last_activity_id products_count files_count notes_count followers_count email_messages_count activities_count done_activities_count undone_activities_count participants_count last_incoming_mail_time last_outgoing_mail_time smart_bcc_email",
    ),
    creator_user_id: reference,
    owner_id: reference,
    person_id: reference,
    org_id: reference,
    channel: { kind: "option" },
    label_ids: options,
    labels: { kind: "list" },
  },
  notes: {
    ...allPlain(
      "id content add_time update_time active_flag lead_id pinned_to_lead_flag pinned_to_deal_flag pinned_to_organization_flag pinned_to_person_flag pinned_to_project_flag pinned_to_task_flag",
    ),
    user_id: reference,
    deal_id: reference,
    person_id: reference,
    org_id: reference,
    project_id: reference,
    task_id: reference,
    last_update_user_id: reference,
    organization: object,
    person: object,
    deal: object,
    lead: object,
    user: object,
  },
  deal_products: allPlain(
    "id deal_id product_id product_variation_id name order_nr item_price quantity discount discount_type sum tax tax_method currency is_enabled comments billing_frequency billing_frequency_cycles billing_start_date add_time update_time",
  ),
};

/**
 * Keys that records spell otherwise than the account's field lists (`personFields` lists `email`, records hold
 * `emails`).
 */
export const recordKeyOf: Readonly<Partial<Record<StreamName, Readonly<Record<string, string>>>>> = {
  persons: { email: "emails", phone: "phones" },
};

/** Built-in fields of one value, by type. A key has the same type in every stream (a test compares with schemas/). */
const valueTypes: Readonly<Record<ScalarType, string>> = {
  string:
    "name first_name last_name title currency status lost_reason origin origin_id channel_id source_lead_id lead_id content website linkedin notes birthday job_title marketing_status smart_bcc_email add_time update_time stage_change_time close_time won_time lost_time first_won_time archive_time local_won_date local_lost_date local_close_date expected_close_date last_incoming_mail_time last_outgoing_mail_time discount_type tax_method comments billing_frequency billing_start_date",
  number: "value probability arr mrr acv annual_revenue item_price quantity discount sum tax",
  integer:
    "id creator_user_id owner_id user_id last_update_user_id person_id org_id deal_id project_id task_id pipeline_id stage_id visible_to picture_id employee_count next_activity_id last_activity_id email_messages_count activities_count done_activities_count undone_activities_count files_count notes_count followers_count products_count participants_count people_count open_deals_count related_open_deals_count closed_deals_count related_closed_deals_count won_deals_count related_won_deals_count lost_deals_count related_lost_deals_count participant_open_deals_count participant_closed_deals_count product_id product_variation_id order_nr billing_frequency_cycles",
  boolean:
    "is_archived is_deleted is_enabled active_flag pinned_to_lead_flag pinned_to_deal_flag pinned_to_organization_flag pinned_to_person_flag pinned_to_project_flag pinned_to_task_flag",
};

/** The type of a built-in field that holds one value, by its key; undefined for any other field. */
export const valueTypeOf: ReadonlyMap<string, ScalarType> = new Map(
  (Object.keys(valueTypes) as ScalarType[]).flatMap((type) =>
    valueTypes[type].split(" ").map((key): [string, ScalarType] => [key, type]),
  ),
);
