import fc from "fast-check";
import type { Database } from "../connector/database/database.ts";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { Sandbox } from "../connector/sandbox/server.ts";
import type { Store } from "../connector/sandbox/store/store.ts";
import type { ListedStream } from "../connector/stream-name.ts";

/** The text of mapping files for the sandbox's account, by stream; a missing one means direction none. */
export type MappingTexts = Partial<Record<ListedStream, string>>;

const organizationFields = [
  "{planhat: city, pipedrive: address.locality, direction: receive}",
  "{planhat: web, pipedrive: website}",
  "{planhat: phase, pipedrive: linkedin, on_empty: clear}",
  "{planhat: tags, pipedrive: Regions, direction: receive}",
  "{planhat: custom.Tier, pipedrive: Tier}",
  "{planhat: custom.Since, pipedrive: Customer since, required: true, direction: receive}",
  "{planhat: custom.Spend, pipedrive: Annual spend.value, direction: receive, on_null: ignore}",
  "{planhat: custom.Staff, pipedrive: employee_count, direction: receive, transform: [{multiply: 1.5}, {round: 1}]}",
  "{planhat: custom.__proto__, value: always, direction: receive}",
];
const personFields = [
  "{planhat: email, pipedrive: emails.primary, transform: [trim, lowercase]}",
  "{planhat: firstName, pipedrive: first_name}",
  "{planhat: lastName, pipedrive: last_name, required: true}",
  '{planhat: position, pipedrive: Role, transform: [{lookup: {Champion: C, User: U}, otherwise: "null"}]}',
  "{planhat: custom.Score, pipedrive: Score}",
  "{planhat: custom.Company, pipedrive: $organization.name}",
];
const noteFields = [
  "{planhat: description, pipedrive: content}",
  "{planhat: date, pipedrive: add_time}",
  "{planhat: pinned, pipedrive: pinned_to_deal_flag}",
];
const dealFields = [
  "{planhat: product, pipedrive: title}",
  "{planhat: custom.Discount, pipedrive: Discount}",
  "{planhat: custom.Kind, pipedrive: Deal type}",
  "{planhat: custom.Owner, pipedrive: $owner.email}",
];

const list = (fields: readonly string[]) => fields.map((field) => `  - ${field}\n`).join("");

const organizations = fc
  .record({
    direction: fc.constantFrom("receive", "both"),
    prefer: fc.constantFrom("pipedrive", "planhat", "newest"),
    fields: fc.subarray(organizationFields),
  })
  .map(
    ({ direction, prefer, fields }) =>
      `stream: organizations\nmodel: company\ndirection: ${direction}\nprefer: ${prefer}\nfields:\n  - {planhat: name, pipedrive: name}\n${list(fields)}`,
  );
const persons = fc
  .subarray(personFields, { minLength: 1 })
  .map((fields) => `stream: persons\nmodel: enduser\nfields:\n${list(fields)}`);
const notes = fc
  .subarray(noteFields, { minLength: 1 })
  .map((fields) => `stream: notes\nmodel: note\nfields:\n${list(fields)}`);
const deals = fc
  .record({
    pipelines: fc.constantFrom("[]", "[Sales]", "[Sales, Renewals]"),
    statuses: fc.constantFrom("[won]", "[open, won]"),
    start: fc.constantFrom("[won_time]", "[Contract start, won_time]", "[Contract start, add_time]"),
    sales: fc.constantFrom("", "{field: value, greater: 30000}", "{field: Deal type, in: [One-off, Services]}"),
    fields: fc.subarray(dealFields),
  })
  .map(({ pipelines, statuses, start, sales, fields }) => {
    const sale =
      sales === ""
        ? ""
        : `  - model: sale\n    when: ${sales}\n    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: salesDate, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n      - {planhat: product, pipedrive: title}\n`;
    const license = `  - model: license\n    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: fromDate, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n${list(fields).replace(/^/gm, "    ").trimEnd()}\n`;
    return `stream: deals\npipelines: ${pipelines}\nstatuses: ${statuses}\nstart_date: ${start}\nmodels:\n${sale}${license}`;
  });

/** Mappings of every kind: directions, conditions, transforms that reject, required fields, missing streams. */
export const mappings: fc.Arbitrary<MappingTexts> = fc
  .record({ organizations, persons: fc.option(persons), notes: fc.option(notes), deals })
  .map((texts) => Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== null)));

/** A change by a user, in Pipedrive or in the tables. Numbers pick records. */
export interface Deed {
  kind: "change" | "create" | "delete" | "by hand";
  stream: ListedStream;
  pick: number;
  other: number;
  how: number;
}

/** Deeds, as many as happen between two syncs. */
export const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Deed["kind"]>("change", "change", "change", "create", "delete", "by hand"),
    stream: fc.constantFrom<ListedStream>("organizations", "persons", "deals", "deals", "deals", "notes"),
    pick: fc.nat(1000),
    other: fc.nat(1000),
    how: fc.nat(1000),
  }),
  { maxLength: 8 },
);

/** Executes a deed. */
export async function carryOutDeed(store: Store, database: Database, deed: Deed): Promise<void> {
  const pickFrom = (stream: ListedStream, number: number) => {
    const records = store.find(stream, () => true);
    return records[number % records.length]?.["id"] as number;
  };
  if (deed.kind === "by hand") return editByHand(database, deed);
  const values = valuesFor(deed, (stream) => pickFrom(stream, deed.other));
  if (deed.kind === "create") store.create(deed.stream, values);
  else if (deed.kind === "delete") store.delete(deed.stream, pickFrom(deed.stream, deed.pick));
  else store.update(deed.stream, pickFrom(deed.stream, deed.pick), values);
}

function valuesFor({ stream, how }: Deed, other: (stream: ListedStream) => number): JsonObject {
  const choices: Record<ListedStream, JsonObject[]> = {
    organizations: [{ name: `Renamed ${how}` }, { name: `Plain ${how}`, website: null }, { name: "A", linkedin: "x" }],
    persons: [
      { name: `Kim ${how}`, org_id: other("organizations") },
      { name: "Kim", org_id: null },
      { name: "Kim Lee", emails: [] },
    ],
    deals: [
      { title: `Deal ${how}`, status: "won", won_time: "2026-01-31T10:00:00Z", org_id: other("organizations") },
      { title: "Deal", value: how * 100, currency: "EUR" },
      { title: "Deal", value: null },
      { title: "Deal", status: "lost" },
      { title: "Deal", person_id: other("persons"), org_id: other("organizations"), status: "won" },
      { title: "Deal", org_id: null },
      { title: "Deal", pipeline_id: 2, stage_id: 6 },
    ],
    notes: [
      { content: `<p>Note ${how}</p>`, org_id: other("organizations") },
      { content: "", deal_id: other("deals") },
      { content: "x", person_id: other("persons") },
    ],
  };
  return choices[stream][how % choices[stream].length]!;
}

async function editByHand(database: Database, { pick, how }: Deed): Promise<void> {
  const statements = [
    "update planhat.companies set name = 'By hand ' || $1, city = 'Hand' where id % 3 = $1::bigint % 3",
    "insert into planhat.companies (name) values ('Made by hand ' || $1)",
    "delete from planhat.endusers where id % 5 = $1::bigint % 5",
    "update planhat.licenses set value = 1, custom = custom || '{\"Discount\": 99}' where id % 2 = $1::bigint % 2",
    "delete from planhat.sales where id % 2 = $1::bigint % 2",
  ];
  await database.query(statements[how % statements.length]!, [String(pick)]);
}

/** The custom fields that the mappings name, in Planhat's form. */
export const customFieldsOfMappings = [
  ...["Tier", "Since", "Spend", "Staff"].map((name) => ({ parent: "Company", name, type: "text" })),
  ...["Score", "Company"].map((name) => ({ parent: "End User", name, type: "text" })),
  ...["Discount", "Kind", "Owner"].map((name) => ({ parent: "License", name, type: "text" })),
];

/** A change by a user in Planhat itself. */
export interface DeedInPlanhat {
  kind: "edit" | "twin" | "had" | "had license";
  pick: number;
  how: number;
}

/** Deeds in Planhat, as many as happen between two syncs. */
export const deedsInPlanhat: fc.Arbitrary<DeedInPlanhat[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<DeedInPlanhat["kind"]>("edit", "edit", "twin", "had", "had license"),
    pick: fc.nat(1000),
    how: fc.nat(1000),
  }),
  { maxLength: 3 },
);

/**
 * Executes a deed in Planhat: edits a company, creates one with an organization's name, or creates objects with the
 * connector's keys from before.
 */
export function carryOutInPlanhat({ store, planhat }: Sandbox, { kind, pick, how }: DeedInPlanhat): void {
  const there = planhat.store;
  if (kind === "edit") {
    const companies = there.all("companies");
    const company = companies[pick % Math.max(1, companies.length)];
    const edits = [{ name: `There ${how}` }, { web: `https://there${how}.test` }, { custom: { Tier: `T${how}` } }];
    if (company !== undefined) there.update("companies", String(company["_id"]), edits[how % edits.length]!);
    return;
  }
  const records = store.find(kind === "had license" ? "deals" : "organizations", () => true);
  const record = records[pick % records.length]!;
  const key = String(record["id"]);
  if (kind === "twin") there.create("companies", { name: `  ${String(record["name"]).toUpperCase()}` });
  else if (kind === "had" && there.find("companies", `srcid-${key}`) === undefined)
    there.create("companies", { name: `Had ${how}`, sourceId: key, web: "https://had.test" });
  else if (kind === "had license" && there.find("licenses", `srcid-${key}`) === undefined) {
    const company = there.find("companies", `srcid-${record["org_id"]}`);
    if (company !== undefined)
      there.create("licenses", { sourceId: key, companyId: company["_id"]!, _currency: "EUR", fromDate: "2026-01-01" });
  }
}
