import {
  type BuiltInFieldInShort,
  type CustomFieldInShort,
  defineFields,
  type FieldDefinition,
  type FieldedStream,
} from "./field-definition.ts";

const visibility = ["Item owner", "Item owner's visibility group", "All users"] as const;
const whenAndWho: readonly BuiltInFieldInShort[] = [
  ["id", "ID", "int"],
  ["owner_id", "Owner", "user"],
  ["add_time", "Created", "date"],
  ["update_time", "Last updated", "date"],
  ["visible_to", "Visible to", "visible_to", visibility],
];

const builtIn: Record<FieldedStream, readonly BuiltInFieldInShort[]> = {
  organizations: [
    ...whenAndWho,
    ["name", "Name", "varchar"],
    ["label_ids", "Labels", "set", ["Customer", "Prospect", "Partner, certified"]],
    ["address", "Address", "address"],
    ["website", "Website", "varchar"],
    ["linkedin", "LinkedIn profile", "varchar"],
    ["industry", "Industry", "enum", ["Agriculture", "Manufacturing", "Retail", "Services", "Technology"]],
    ["annual_revenue", "Annual revenue", "double"],
    ["employee_count", "Number of employees", "double"],
  ],
  persons: [
    ...whenAndWho,
    ["name", "Name", "varchar"],
    ["first_name", "First name", "varchar"],
    ["last_name", "Last name", "varchar"],
    ["org_id", "Organization", "org"],
    // The list has these in the singular, while the records say `emails` and `phones` (personFields, API v2).
    ["email", "Email", "varchar"],
    ["phone", "Phone", "phone"],
    ["label_ids", "Labels", "set", ["Champion", "Billing contact"]],
  ],
  deals: [
    ...whenAndWho,
    ["title", "Title", "varchar"],
    ["value", "Value", "monetary"],
    ["currency", "Currency", "varchar"],
    ["org_id", "Organization", "org"],
    ["person_id", "Contact person", "people"],
    ["pipeline_id", "Pipeline", "int"],
    ["stage_id", "Stage", "stage"],
    [
      "status",
      "Status",
      "status",
      [
        ["open", "Open"],
        ["won", "Won"],
        ["lost", "Lost"],
        ["deleted", "Deleted"],
      ],
    ],
    ["probability", "Probability", "int"],
    ["lost_reason", "Lost reason", "varchar"],
    ["won_time", "Won time", "date"],
    ["lost_time", "Lost time", "date"],
    ["close_time", "Deal closed on", "date"],
    ["expected_close_date", "Expected close date", "date"],
    ["label_ids", "Labels", "set", ["Hot", "Upsell", "Needs legal"]],
  ],
};

const custom: Record<FieldedStream, readonly CustomFieldInShort[]> = {
  organizations: [
    ["Industry", "enum", ["Software", "Manufacturing", "Retail", "Healthcare", "Finance", "Media, print & film"]],
    ["Tier", "enum", ["Gold", "Silver", "Bronze"]],
    ["Customer since", "date"],
    ["Regions", "set", ["EMEA", "Americas, north", "Americas, south", "APAC"]],
    ["Annual spend", "monetary"],
    ["Seats", "double"],
    ["Support hours", "timerange"],
    ["Preferred call time", "time"],
    ["Framework agreement", "daterange"],
    ["Billing address", "address"],
    ["Success manager", "user"],
    ["Parent company", "org"],
    ["Main contact", "people"],
    ["Switchboard", "phone"],
    ["VAT number", "varchar"],
    ["About", "text"],
    ["Customer number", "varchar_auto"],
  ],
  persons: [
    ["Role", "enum", ["Decision maker", "Champion", "User"]],
    ["Interests", "set", ["Product", "Events, online", "Pricing"]],
    ["Date of birth", "date"],
    ["Budget", "monetary"],
    ["Score", "double"],
    ["Availability", "timerange"],
    ["Best time to call", "time"],
    ["Holiday", "daterange"],
    ["Home address", "address"],
    ["Sponsor", "user"],
    ["Former employer", "org"],
    ["Reports to", "people"],
    ["Direct line", "phone"],
    // Two fields with one label, as in accounts that grew over years.
    ["Profile", "varchar"],
    ["Profile", "varchar"],
    ["Biography", "text"],
    ["Contact number", "varchar_auto"],
  ],
  deals: [
    ["Contract start", "date"],
    ["Contract end", "date"],
    ["Deal type", "enum", ["Subscription", "One-off", "Services"]],
    ["Products", "set", ["Platform", "Analytics", "Support, premium", "Training"]],
    ["Setup fee", "monetary"],
    ["Discount", "double"],
    ["Trial", "daterange"],
    ["Kick-off time", "time"],
    ["Service window", "timerange"],
    ["Installation address", "address"],
    ["Solution engineer", "user"],
    ["Reseller", "org"],
    ["Signatory", "people"],
    ["Hotline", "phone"],
    ["Order number", "varchar"],
    ["Terms", "text"],
    ["Contract number", "varchar_auto"],
  ],
};

const firstOptionId: Record<FieldedStream, number> = { organizations: 101, persons: 201, deals: 301 };

const optional: Record<FieldedStream, readonly BuiltInFieldInShort[]> = {
  organizations: [
    ["open_deals_count", "Open deals", "int"],
    ["people_count", "People", "int"],
    ["notes_count", "Notes", "int"],
    ["smart_bcc_email", "Smart Bcc address", "varchar"],
  ],
  persons: [["open_deals_count", "Open deals", "int"]],
  deals: [
    ["notes_count", "Notes", "int"],
    ["first_won_time", "First won", "date"],
  ],
};

/**
 * Returns the field list of a stream. `extraFields` adds custom text fields at its end (Extra 1, Extra 2, …), and
 * `listsOptional` some of the fields that records hold only on request.
 */
export function inventFields(stream: FieldedStream, extraFields: number, listsOptional = false): FieldDefinition[] {
  const extra = Array.from({ length: extraFields }, (_, index) => [`Extra ${index + 1}`, "varchar"] as const);
  const fields = defineFields(stream, builtIn[stream], [...custom[stream], ...extra], firstOptionId[stream]);
  const asked = defineFields(stream, listsOptional ? optional[stream] : [], [], 0);
  return [...fields, ...asked.map((field) => ({ ...field, is_optional_response_field: true }))];
}
