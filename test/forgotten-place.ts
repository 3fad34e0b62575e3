import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../connector/database/open/open-database.ts";
import type { JsonObject } from "../connector/mapping/value.ts";
import { usualCustomFields } from "../connector/sandbox/planhat/planhat-store.ts";
import type { DatabaseKind } from "./databases.ts";
import { expectNoSecret } from "./kept-secrets.ts";
import { type PlanhatSync, planhatSync } from "./planhat-sync.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "./sandbox-sync.ts";

/** The marks of the person who is forgotten: nothing else in the account holds one of them. */
export const marks = {
  first: "Quillonia",
  last: "Zwetschgenbaum",
  email: "quillonia.z@marked.example",
  former: "q.former@marked.example",
  phone: "+372 5550 98765",
  title: "Vizegurkenprüferin",
  formerTitle: "Oberapfelwärterin",
};

/** The mapping of the tests: rows of deals and notes show the person's name. */
export const naming = {
  "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
  "persons.yaml": `stream: persons
fields:
  - {planhat: email, pipedrive: emails.primary}
  - {planhat: firstName, pipedrive: first_name}
  - {planhat: lastName, pipedrive: last_name}
  - {planhat: phone, pipedrive: phones.primary}
  - {planhat: position, pipedrive: job_title}
`,
  "notes.yaml": `stream: notes
fields:
  - {planhat: subject, pipedrive: person.name}
  - {planhat: description, pipedrive: content}
  - {planhat: date, pipedrive: add_time}
`,
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, value: Fee}
      - {planhat: custom.Contact, pipedrive: $person.name}
      - {planhat: custom.Contact mail, pipedrive: $person.emails.primary}
      - {planhat: custom.Role, pipedrive: $person.job_title}
`,
};

/** An account with one person to forget, another one beside it, a won deal of each, and notes. */
export interface ForgottenPlace {
  person: number;
  other: number;
  deal: number;
  organization: number;
  notes: { onDeal: number; onPerson: number; inText?: number };
}

/** Fills the account. With `inText` a note of another record names the person in its text. */
export function fillAccount(sync: SandboxSync, { inText = false } = {}): ForgottenPlace {
  const { store } = sync.sandbox;
  const { dealId: deal, organizationId: organization } = wonDeal(sync.sandbox);
  const person = store.create("persons", {
    name: `${marks.first} ${marks.last}`,
    org_id: organization,
    job_title: marks.formerTitle,
    emails: [{ value: marks.former, primary: true }],
    phones: [{ value: marks.phone, primary: true }],
  })["id"] as number;
  const other = store.create("persons", {
    name: "Bo Stays",
    org_id: organization,
    job_title: null,
    emails: [{ value: "bo@stays.example", primary: true }],
  })["id"] as number;
  store.update("deals", deal, { person_id: person });
  const note = (values: JsonObject) => store.create("notes", values)["id"] as number;
  const notes = {
    onDeal: note({ content: "A call", deal_id: deal, person_id: person, org_id: organization }),
    onPerson: note({ content: "Alone", person_id: person }),
    ...(inText
      ? { inText: note({ content: `<p>${marks.first}\n${marks.last} called</p>`, org_id: organization }) }
      : {}),
  };
  return { person, other, deal, organization, notes };
}

/** Changes the person's address and title, so that history and dead rows hold the former ones. */
export function changeAddress({ sandbox: { store } }: SandboxSync, { person, deal }: ForgottenPlace): void {
  store.update("persons", person, { emails: [{ value: marks.email, primary: true }], job_title: marks.title });
  store.update("deals", deal, { value: 101 });
}

/** Sets the account up with Planhat, or without. */
export async function forgottenSync(kind: DatabaseKind): Promise<PlanhatSync> {
  const fields = ["Contact", "Contact mail", "Role"].map((name) => ({ name, parent: "License", type: "text" }));
  const sync = await planhatSync(kind, { customFields: [...usualCustomFields, ...fields] }, { ...emptyAccount });
  sync.map(naming);
  return sync;
}

export async function forgottenSyncAlone(kind: DatabaseKind): Promise<SandboxSync> {
  const sync = await sandboxSync(kind, { ...emptyAccount });
  sync.map(naming);
  return sync;
}

/** Texts by which the person would be recognized. */
export const traces = [
  marks.first,
  marks.last,
  marks.email,
  marks.former,
  "5550 98765",
  marks.title,
  marks.formerTitle,
];

/**
 * Throws if a trace is left. It looks at every byte of an embedded folder, and at every column of every table, the
 * statistics too. It reads every file beside the config but those named.
 */
export async function expectNoTrace(
  { location, place }: SandboxSync,
  { but = [], words = traces }: { but?: readonly string[]; words?: readonly string[] } = {},
): Promise<void> {
  expectNoneInFolder(place.folder, words, but);
  if (!location.startsWith("postgres")) expectNoneInFolder(location, words, []);
  const database = await openDatabase(location);
  try {
    const tables = await database.query<{ name: string }>(
      `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
       from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and (n.nspname not like 'pg\\_%' or c.relname = 'pg_statistic')
         and n.nspname <> 'information_schema'`,
    );
    for (const { name } of tables) {
      const rows = await database.query<{ text: string }>(`select t::text as text from ${name} as t`);
      for (const { text } of rows) expectNoSecret(text, words, name);
    }
  } finally {
    await database.close();
  }
}

function expectNoneInFolder(folder: string, words: readonly string[], but: readonly string[]): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = join(folder, name);
    if (!statSync(file).isFile() || but.includes(name)) continue;
    expectNoSecret(readFileSync(file, "latin1"), words, name);
    expectNoSecret(readFileSync(file, "utf8"), words, name);
  }
}
