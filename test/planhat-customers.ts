import { expect } from "chai";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { Difference } from "../connector/sync/audit/differences.ts";
import type { PlanhatSync } from "./planhat-sync.ts";
import { wonDeal } from "./sandbox-sync.ts";

/** Mapping files that fill every model. */
export const mappings = {
  "organizations.yaml":
    "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: city, pipedrive: address.locality}\n",
  "persons.yaml":
    "stream: persons\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n  - {planhat: lastName, pipedrive: name}\n",
  "notes.yaml": "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n",
  "deals.yaml": `stream: deals
start_date: won_time
models:
  - model: sale
    when: {field: title, is: Sale}
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: salesDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`,
};
const paths = ["companies", "endusers", "licenses", "sales", "conversations"];
const tables = ["companies", "endusers", "licenses", "sales", "notes"];

/** A company with one object of every other model, in Pipedrive. */
export interface Customer {
  organizationId: number;
  dealId: number;
  saleId: number;
  personId: number;
  noteId: number;
}

/** Creates a customer in Pipedrive. */
export function customer({ sandbox }: PlanhatSync, name: string): Customer {
  const { dealId, organizationId } = wonDeal(sandbox, { title: "License" }, { name });
  const { store } = sandbox;
  const sale = { ...store.find("deals", ({ id }) => id === dealId)[0], title: "Sale" };
  const { id: _id, ...content } = sale as JsonObject;
  const saleId = store.create("deals", content).id as number;
  const emails = [{ value: `${name.toLowerCase()}@x.example`, primary: true, label: "work" }];
  const personId = store.create("persons", { name: `${name} Person`, org_id: organizationId, emails }).id as number;
  const noteId = store.create("notes", { content: `<p>${name}</p>`, org_id: organizationId }).id as number;
  return { organizationId, dealId, saleId, personId, noteId };
}

/** Returns the path and key of each of its objects in Planhat, the company first. */
export function keysOf({ organizationId, dealId, saleId, personId, noteId }: Customer): [path: string, key: string][] {
  return [
    ["companies", String(organizationId)],
    ["endusers", String(personId)],
    ["licenses", String(dealId)],
    ["sales", String(saleId)],
    ["conversations", `pipedrive-note-${noteId}`],
  ];
}

/** Expects each object once in Planhat, below its own company, its `_id` in the tables, and no rejections. */
export async function expectWhole(setting: PlanhatSync, ...customers: Customer[]): Promise<void> {
  const there: unknown[] = [];
  const wanted: unknown[] = [];
  for (const one of customers) {
    const company = setting.objects("companies").get(String(one.organizationId));
    for (const [path, key] of keysOf(one)) {
      const object = setting.objects(path).get(key);
      expect(object, `${path} ${key}`).not.to.equal(undefined);
      if (path !== "companies") expect(object!["companyId"], `${path} ${key}`).to.equal(company!["_id"]);
      wanted.push({ table: tables[paths.indexOf(path)], key, id: object!["_id"] });
    }
  }
  const ofTable = (table: string) =>
    `select '${table}' as table, ${table === "notes" ? "external_id" : "source_id"} as key, planhat_id as id from planhat.${table}`;
  const rejected = "select reason, stream, record_id::text from connector.rejections where stage = 'publish'";
  there.push(...(await setting.look([...tables.map(ofTable), rejected].join(" union all "))));
  expect(there).to.have.deep.members(wanted);
  for (const path of paths) {
    expect(setting.planhat.store.all(path).length, `objects of ${path}`).to.equal(customers.length);
  }
}

/** Runs a sync that has nothing to do. */
export async function expectIdle(setting: PlanhatSync): Promise<void> {
  setting.writes();
  expect((await setting.sync()).status).to.equal("succeeded");
  expect(setting.writes(), "a run with nothing new writes nothing").to.deep.equal([]);
}

/** Returns the differences that `audit` reports, with its exit status. */
export async function audit(setting: PlanhatSync): Promise<{ status: number | null; differences: Difference[] }> {
  const { status, stdout } = await setting.run(["audit", "--json", "--log-level", "warn"]);
  return { status, differences: (JSON.parse(stdout) as { differences: Difference[] }).differences };
}
