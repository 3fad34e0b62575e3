import {
  readBoolean,
  readIds,
  readInstant,
  readInteger,
  readLimit,
  readTexts,
  readWord,
  readWords,
} from "./read-query.ts";

const counters = (
  "next_activity_id last_activity_id email_messages_count activities_count done_activities_count " +
  "undone_activities_count files_count notes_count followers_count smart_bcc_email"
).split(" ");
const dealCounters = (
  "open_deals_count related_open_deals_count closed_deals_count related_closed_deals_count " +
  "won_deals_count related_won_deals_count lost_deals_count related_lost_deals_count"
).split(" ");
const personExtras = (
  "participant_open_deals_count participant_closed_deals_count last_incoming_mail_time last_outgoing_mail_time " +
  "marketing_status doi_status"
).split(" ");
const dealExtras =
  "first_won_time products_count participants_count last_incoming_mail_time last_outgoing_mail_time source_lead_id".split(
    " ",
  );

const paging = { limit: readLimit, cursor: (text: string) => text };
const order = {
  sort_by: readWord("id", "update_time", "add_time"),
  sort_direction: readWord("asc", "desc"),
};
const labels = { include_option_labels: readBoolean, include_labels: readBoolean };
const listing = {
  filter_id: readInteger,
  ids: readIds,
  owner_id: readInteger,
  updated_since: readInstant,
  updated_until: readInstant,
  ...order,
  ...paging,
};
const dealFilters = {
  person_id: readInteger,
  org_id: readInteger,
  pipeline_id: readInteger,
  stage_id: readInteger,
  status: readWords("open", "won", "lost", "deleted"),
};

function shaping(extras: readonly string[]) {
  return { include_fields: readWords(...extras), custom_fields: readTexts(15) };
}

/** The query parameters of the lists of records and of one record (Pipedrive API v2, openapi-v2.yaml). */
export const recordParameters = {
  organizations: {
    list: { ...listing, ...shaping([...counters, ...dealCounters, "people_count"]), ...labels },
    one: { ...shaping([...counters, ...dealCounters, "people_count"]), ...labels },
  },
  persons: {
    list: {
      ...listing,
      org_id: readInteger,
      deal_id: readInteger,
      ...shaping([...counters, ...dealCounters, ...personExtras]),
      ...labels,
    },
    one: { ...shaping([...counters, ...dealCounters, ...personExtras]), ...labels },
  },
  deals: {
    list: { ...listing, ...dealFilters, ...shaping([...counters, ...dealExtras]), ...labels },
    one: { ...shaping([...counters, ...dealExtras]), ...labels },
  },
};

/** The parameters of archived deals: those of deals without the labels. */
export const archivedDealParameters = { ...listing, ...dealFilters, ...shaping([...counters, ...dealExtras]) };

/**
 * The parameters of pipelines, stages and fields (API v2): without a filter by time, so `updated_since` is rejected.
 */
export const definitionParameters = {
  pipelines: { ...order, ...paging },
  stages: {
    pipeline_id: readInteger,
    ...order,
    sort_by: readWord("id", "update_time", "add_time", "order_nr"),
    ...paging,
  },
  fields: { include_fields: readWords("ui_visibility", "important_fields", "required_fields"), ...paging },
};
