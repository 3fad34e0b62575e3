import type { AccountCatalog } from "../../account-catalog.ts";
import { isFieldedStream, type StreamName, streamNames } from "../../stream-name.ts";
import type { FieldReference, KeysByStream } from "../compiled-mapping.ts";
import { recordFields } from "../evaluate/record-fields.ts";

const ofEvery =
  "next_activity_id last_activity_id email_messages_count activities_count done_activities_count undone_activities_count files_count notes_count followers_count smart_bcc_email";
const ofContacts =
  "open_deals_count related_open_deals_count closed_deals_count related_closed_deals_count won_deals_count related_won_deals_count lost_deals_count related_lost_deals_count";
const mail = "last_incoming_mail_time last_outgoing_mail_time";

/**
 * Fields that records hold only on request: `include_fields` of the lists, of one record and of archived deals
 * (openapi-v2.yaml). Notes and products of deals have none.
 */
export const optionalFields: KeysByStream = {
  organizations: `${ofEvery} ${ofContacts} people_count`.split(" "),
  persons:
    `${ofEvery} ${ofContacts} participant_open_deals_count participant_closed_deals_count ${mail} marketing_status doi_status`.split(
      " ",
    ),
  deals: `${ofEvery} ${mail} first_won_time products_count participants_count source_lead_id`.split(" "),
  notes: [],
  deal_products: [],
};

/** Returns the optional fields to request so that records hold the chosen fields; undefined chooses all. */
export function askedOf(stream: StreamName, chosen: ReadonlySet<string> | undefined): string[] {
  return optionalFields[stream].filter((field) => chosen === undefined || chosen.has(field));
}

/**
 * Returns the fields to request so that records hold everything the mapping reads. A field is optional by the documents
 * or by the account's own list (`is_optional_response_field`).
 */
export function askedFields(reads: readonly FieldReference[], catalog: AccountCatalog | undefined): KeysByStream {
  const asked = (stream: StreamName): string[] => {
    const listed = isFieldedStream(stream) ? (catalog?.fields[stream] ?? []) : [];
    const flagged = listed.filter(({ optional, custom }) => optional === true && !custom).map(({ key }) => key);
    const optional = new Set([...optionalFields[stream], ...flagged]);
    const read = reads.filter((one) => one.stream === stream && !one.custom).map(({ key }) => key);
    return [...new Set(read)].filter((key) => optional.has(key)).sort();
  };
  return Object.fromEntries(streamNames.map((stream) => [stream, asked(stream)])) as Record<StreamName, string[]>;
}

/** Keys that are read along with another: labels that came with a record, and the user of a note. */
const companions: Readonly<Record<string, string>> = { label_ids: "labels", labels: "label_ids", user_id: "user" };

/**
 * Returns the documented keys of each stream's records, `custom_fields` among them, that none of the references reads.
 * An undocumented key may be a custom field in the form of API v1 and is never among them.
 */
export function unreadFields(reads: readonly FieldReference[]): KeysByStream {
  const unread = (stream: StreamName): string[] => {
    const own = reads.filter((read) => read.stream === stream);
    const read = own.filter(({ custom }) => !custom).map(({ key }) => key);
    const kept = new Set(read.flatMap((key) => [key, companions[key] ?? key]));
    if (own.some(({ custom }) => custom)) kept.add("custom_fields");
    // In API v1 a part stands beside its field (`<key>_currency`).
    const isPart = (key: string) => read.some((whole) => key.startsWith(`${whole}_`));
    return [...Object.keys(recordFields[stream]), "custom_fields"].filter((key) => !kept.has(key) && !isPart(key));
  };
  return Object.fromEntries(streamNames.map((stream) => [stream, unread(stream)])) as Record<StreamName, string[]>;
}
