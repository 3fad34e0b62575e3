import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import { loadMapping } from "../../../connector/commands/opening/load-mapping.ts";
import { syncOnce } from "../../../connector/commands/sync/sync-once.ts";
import type { Database } from "../../../connector/database/database.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { readCatalogEntry } from "../../../connector/database/tables/catalog.ts";
import { startSandbox } from "../../../connector/sandbox/server.ts";
import type { Store } from "../../../connector/sandbox/store/store.ts";
import { type StreamName, streamNames } from "../../../connector/stream-name.ts";
import type { Decision } from "../../../connector/sync/decision.ts";
import { readExplainMaterial } from "../../../connector/sync/inspect/explain-material.ts";
import { type Explanation, explainRecord } from "../../../connector/sync/inspect/explain-record.ts";
import type { OnDecisions } from "../../../connector/sync/run-context.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { type DatabaseKind, migratedLocation, removeLocation } from "../../databases.ts";
import { makeWorkplace } from "../../run-bin.ts";

/** A typical mapping, in short. */
interface Choices {
  statuses: string[];
  pipelines: number[];
  startDate: string;
  sale: boolean;
  organizations: string;
  persons: string;
  notes: string;
  required: boolean;
}

const choices: fc.Arbitrary<Choices> = fc.record({
  statuses: fc.constantFrom(["won"], ["won", "lost"], ["open", "won", "lost"]),
  pipelines: fc.constantFrom([], [1], [1, 2], [2, 3]),
  startDate: fc.constantFrom("won_time", "[expected_close_date, won_time]", "[lost_time, won_time, add_time]"),
  sale: fc.boolean(),
  organizations: fc.constantFrom("receive", "both", "none"),
  persons: fc.constantFrom("receive", "receive", "none"),
  notes: fc.constantFrom("receive", "receive", "none"),
  required: fc.boolean(),
});

function filesOf({ statuses, pipelines, startDate, sale, organizations, persons, notes, required }: Choices) {
  const fields = "{planhat: _currency, pipedrive: currency}, {planhat: value, pipedrive: value}";
  const models = sale
    ? `models:
  - {model: sale, when: {field: value, greater: 20000}, fields: [${fields}, {planhat: salesDate, pipedrive: $start_date}]}
  - {model: license, fields: [${fields}, {planhat: fromDate, pipedrive: $start_date}]}`
    : `model: license\nfields: [${fields}, {planhat: fromDate, pipedrive: $start_date}]`;
  return {
    "deals.yaml": `stream: deals\nstatuses: [${statuses.join(", ")}]\npipelines: [${pipelines.join(", ")}]\nstart_date: ${startDate}\n${models}\n`,
    "organizations.yaml": `stream: organizations\nmodel: company\ndirection: ${organizations}\nfields: [{planhat: name, pipedrive: name}, {planhat: city, pipedrive: address.locality, direction: ${organizations === "none" ? "none" : "receive"}}]\n`,
    "persons.yaml": `stream: persons\nmodel: enduser\ndirection: ${persons}\nfields: [{planhat: email, pipedrive: emails.primary, required: ${required}}, {planhat: firstName, pipedrive: first_name}]\n`,
    "notes.yaml": `stream: notes\nmodel: note\ndirection: ${notes}\nfields: [{planhat: description, pipedrive: content}]\n`,
  };
}

/** Changes some records: statuses, organizations and persons of deals, and which records exist. */
function changeSome(store: Store, picks: readonly number[]): void {
  const deals = store.find("deals", (deal) => !deal.deleted).map(({ id }) => id as number);
  const organizations = store.find("organizations", (one) => !one.deleted).map(({ id }) => id as number);
  const persons = store.find("persons", (one) => !one.deleted).map(({ id }) => id as number);
  const of = (ids: readonly number[], pick: number) => ids[pick % ids.length]!;
  for (const [index, pick] of picks.entries()) {
    const deal = of(deals, pick);
    if (store.get("deals", deal)?.["is_deleted"] === true) continue;
    if (index % 6 === 0) store.update("deals", deal, { status: "lost" });
    else if (index % 6 === 1) store.update("deals", deal, { status: "won", won_time: "2026-03-01T10:00:00Z" });
    else if (index % 6 === 2) store.update("deals", deal, { org_id: of(organizations, pick) });
    else if (index % 6 === 3) store.update("deals", deal, { person_id: of(persons, pick) });
    else if (index % 6 === 4) store.delete("deals", deal);
    else if (pick % 3 === 0) store.delete("persons", of(persons, pick));
  }
}

/** The stream whose records become a model. */
const streamOf: Record<string, StreamName> = {
  company: "organizations",
  enduser: "persons",
  note: "notes",
  license: "deals",
  sale: "deals",
};

/** Returns every row as `deals 7` → its table and own id, by this test's own SQL. */
async function rowsByRecord(database: Database): Promise<Map<string, string>> {
  const rows = await database.query<{ record: string; row: string }>(
    `select 'organizations ' || source_id as record, 'planhat.companies ' || id as row from planhat.companies
     union all select 'persons ' || source_id, 'planhat.endusers ' || id from planhat.endusers
     union all select 'notes ' || source_id, 'planhat.notes ' || id from planhat.notes
     union all select 'deals ' || source_id, 'planhat.licenses ' || id from planhat.licenses
     union all select 'deals ' || source_id, 'planhat.sales ' || id from planhat.sales`,
  );
  return new Map(rows.map(({ record, row }) => [record, row]));
}

/** Explains every id of every stream, including missing ones. */
async function explainAll(database: Database, folder: string): Promise<Explanation[]> {
  const catalog = (await readCatalogEntry(database, "account")) as unknown as AccountCatalog;
  const mapping = loadMapping({ mappings: folder }, catalog, () => {});
  const places = { database, mapping, ask: async () => ({ said: "unknown" as const }) };
  const explanations: Explanation[] = [];
  for (const stream of streamNames) {
    for (let id = 1; id <= 45; id++) {
      const material = await readExplainMaterial(places, stream, id);
      explanations.push(explainRecord({ mapping, catalog, startDate: undefined }, material));
    }
  }
  return explanations;
}

function agrees(explanations: readonly Explanation[], decisions: readonly Decision[], summary: Summary): void {
  const applied = new Set(decisions.map(({ action, candidate }) => `${streamOf[action.model]} ${candidate.recordId}`));
  const skipped: Record<string, number> = {};
  for (const { stream, id, eligible, reasons, landed, row, action, rejections, kept, changes } of explanations) {
    const name = `${stream} ${id}`;
    expect(eligible === true, `${name} is eligible as explain says, and was applied`).to.equal(applied.has(name));
    expect(kept, `${name} is kept`).to.equal(row !== null && eligible !== true);
    if (eligible === true) {
      expect(reasons, name).to.deep.equal([]);
      const refused = rejections.some(({ field }) => field === null) || action === "refuse";
      if (refused) expect(rejections, `${name} has a rejection that explains it`).to.not.be.empty;
      else expect(row, `${name} has a row`).to.not.equal(null);
      if (!refused) expect(Object.keys(changes), `${name} is up to date: ${JSON.stringify(changes)}`).to.deep.equal([]);
    } else if (landed !== null) {
      expect(reasons, name).to.have.length(1);
      if (stream === "deals") skipped[reasons[0]!] = (skipped[reasons[0]!] ?? 0) + 1;
    }
  }
  expect(skipped).to.deep.equal(summary.streams.deals.skipped);
  const eligible = explanations.filter((one) => one.stream === "deals" && one.eligible === true);
  expect(eligible).to.have.length(summary.streams.deals.eligible!);
}

/** The seed of an account, the mapping before and after, and the records that change in between. */
interface Story {
  seed: number;
  before: Choices;
  after: Choices;
  picks: number[];
}

async function tryOne(kind: DatabaseKind, { seed, before, after, picks }: Story) {
  const sandbox = await startSandbox({ organizations: 9, persons: 22, deals: 40, notes: 30, seed, burstLimit: 1000 });
  const place = makeWorkplace();
  const location = await migratedLocation(kind);
  try {
    mkdirSync(join(place.folder, "mappings"));
    const config = `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location}\nmappings: ./mappings\n`;
    place.write("config.yaml", config);
    const sync = async (mapping: Choices, full: boolean, onDecisions?: OnDecisions) => {
      for (const [name, text] of Object.entries(filesOf(mapping))) place.write(`mappings/${name}`, text);
      const options = {
        config: join(place.folder, "config.yaml"),
        wait: 0,
        logLevel: "error",
        logFormat: "text",
      } as const;
      const { summary, failure } = await syncOnce(
        full ? { ...options, full } : options,
        new AbortController().signal,
        onDecisions,
      );
      if (failure !== undefined) throw failure;
      return summary;
    };
    await sync(before, false);
    changeSome(sandbox.store, picks);
    const decisions: Decision[] = [];
    const summary = await sync(after, true, (_transaction, some) => void decisions.push(...some));
    const database = await openDatabase(location);
    try {
      const explanations = await explainAll(database, join(place.folder, "mappings"));
      agrees(explanations, decisions, summary);
      const rows = await rowsByRecord(database);
      const told = explanations.flatMap(({ stream, id, row }) =>
        row === null ? [] : [[`${stream} ${id}`, `${row.table} ${row.id}`] as const],
      );
      expect(new Map(told)).to.deep.equal(rows);
    } finally {
      await database.close();
    }
  } finally {
    await sandbox.close();
    await removeLocation(location);
    place.remove();
  }
}

for (const [kind, rounds] of [
  ["embedded", 2],
  ["server", 5],
] as const) {
  describe(`whatever the account and the mapping, ${kind === "embedded" ? "in the embedded database" : "on a server"}`, function () {
    this.timeout(1_200_000);

    it("explain's verdict on every id, landed or not, is what sync did with it", async () => {
      const picks = fc.array(fc.nat(200), { minLength: 12, maxLength: 24 });
      await fc.assert(
        fc.asyncProperty(fc.record({ seed: fc.nat(9999), before: choices, after: choices, picks }), (story) =>
          tryOne(kind, story),
        ),
        { numRuns: rounds, endOnFailure: true },
      );
    });
  });
}
