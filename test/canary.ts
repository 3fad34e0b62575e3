import { expect } from "chai";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { InterceptedRequest } from "../connector/sandbox/pipedrive/app.ts";
import type { DatabaseKind } from "./databases.ts";
import { type PlanhatSync, planhatSync } from "./planhat-sync.ts";
import type { BinResult } from "./run-bin.ts";
import { emptyAccount, wonDeal } from "./sandbox-sync.ts";

/** The text that every mark begins with: no text of the program, of a path or of the config holds it. */
const mark = "zqxmark";

/** Returns a value that stands for a personal one, unlike every other. */
export function marked(record: string, field: string): string {
  return `${mark}-${record}-${field}`;
}

/** A test account in which every text of a person is marked, and the switches of its faults. */
export interface CanaryPlace {
  sync: PlanhatSync;
  person: number;
  deal: number;
  organization: number;
  note: number;
  faults: { pipedrive?: (request: InterceptedRequest) => Response | undefined };
}

const mapping = {
  "organizations.yaml": `stream: organizations
model: company
direction: both
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
  - {planhat: city, pipedrive: address.locality}
`,
  "persons.yaml": `stream: persons
fields:
  - {planhat: email, pipedrive: emails.primary}
  - {planhat: firstName, pipedrive: first_name}
  - {planhat: lastName, pipedrive: last_name}
  - {planhat: phone, pipedrive: phones.primary}
  - {planhat: featured, pipedrive: job_title, transform: [boolean]}
  - {planhat: position, pipedrive: job_title, transform: [{lookup: {Boss: Boss}}]}
`,
  "notes.yaml": `stream: notes
fields:
  - {planhat: description, pipedrive: content}
  - {planhat: date, pipedrive: content, transform: [datetime]}
`,
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: title, transform: [number]}
      - {planhat: product, pipedrive: $person.name}
      - {planhat: custom.Pipedrive, pipedrive: title}
`,
};

/** Sets an account up in which every record has marks, and every field is refused by some transform. */
export async function canaryPlace(kind: DatabaseKind): Promise<CanaryPlace> {
  const faults: CanaryPlace["faults"] = {};
  const intercept = (request: InterceptedRequest) => faults.pipedrive?.(request);
  const sync = await planhatSync(kind, {}, { ...emptyAccount, intercept });
  sync.map(mapping);
  const { store } = sync.sandbox;
  const names = { name: marked("organization", "name"), website: `https://${marked("organization", "web")}.example` };
  const { organizationId: organization, dealId: deal } = wonDeal(
    sync.sandbox,
    { title: marked("deal", "title") },
    { ...names, address: { value: marked("organization", "street"), locality: marked("organization", "city") } },
  );
  const person = store.create("persons", personOf(1, organization))["id"] as number;
  store.update("deals", deal, { person_id: person });
  const note = store.create("notes", {
    content: `<p>${marked("note", "text")}</p>`,
    deal_id: deal,
    person_id: person,
    org_id: organization,
  })["id"] as number;
  return { sync, person, deal, organization, note, faults };
}

/** Returns a person with a mark in each text. */
export function personOf(number: number, organization: number): JsonObject {
  const one = (field: string) => marked(`person${number}`, field);
  return {
    name: `${one("first")} ${one("last")}`,
    org_id: organization,
    job_title: one("title"),
    emails: [{ value: `${one("mail")}@marked.example`, primary: true }],
    phones: [{ value: one("phone"), primary: true }],
  };
}

/** Throws if a text holds a mark, as it stands, in a URL, or in base64; the message shows what is around it. */
export function expectNoMark(text: string, where: string): void {
  const forms = [
    mark,
    ...["", "x", "xy"].map((before) =>
      Buffer.from(before + mark)
        .toString("base64")
        .slice(4, -4),
    ),
  ];
  for (const form of forms) {
    const at = text.toLowerCase().indexOf(form === mark ? mark : form.toLowerCase());
    if (at >= 0) throw new Error(`A value of a record is in ${where}: ${text.slice(Math.max(0, at - 300), at + 100)}`);
  }
}

/** Runs a command with the finest log, and throws if its stderr holds a mark; its stdout too, unless that is data. */
export async function runSilently(
  { sync }: CanaryPlace,
  args: readonly string[],
  { data = false, status }: { data?: boolean; status?: number } = {},
): Promise<BinResult> {
  const result = await sync.run([...args, "--log-level", "debug"]);
  expectNoMark(result.stderr, `stderr of ${args.join(" ")}`);
  if (!data) expectNoMark(result.stdout, `stdout of ${args.join(" ")}`);
  if (status !== undefined) expect(result.status, `${args.join(" ")}: ${result.stderr}`).to.equal(status);
  return result;
}
