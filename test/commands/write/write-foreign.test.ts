import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type ListedStream, listedStreams } from "../../../connector/stream-name.ts";
import type { DatabaseKind } from "../../databases.ts";
import { onServerFirst } from "../../databases.ts";
import { everything } from "../../everything.ts";
import { airbyteVersion2, type ForeignShape, tapPipedrive, tapVersion1 } from "../../foreign-sources.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { recordOf, type WritePlace, writePlace } from "../../write-place.ts";

const singer = ["write", "--format", "singer"];
const singerSchema = (stream: string) =>
  JSON.stringify({ type: "SCHEMA", stream, schema: { properties: {} }, key_properties: ["id"] });
const singerRecord = (stream: string, record: JsonObject) =>
  JSON.stringify({ type: "RECORD", stream, record, time_extracted: "2026-01-01T00:00:00Z" });

interface Source {
  name: string;
  shape: ForeignShape;
  args?: string[];
}

const sources: Source[] = [
  { name: "Airbyte's source-pipedrive 2 (API v1, bare ids)", shape: airbyteVersion2 },
  { name: "tap-pipedrive of API v1 (references as objects)", shape: tapVersion1, args: singer },
  { name: "tap-pipedrive of API v2 (visible_to as text)", shape: tapPipedrive, args: singer },
];

onServerFirst((kind) => {
  describe(`write (${kind}) makes of what other sources send the rows of a sync`, function () {
    this.timeout(240_000);
    let synced: WritePlace;
    let records: { stream: ListedStream; data: JsonObject }[];
    before(async () => {
      synced = await writePlace(kind, { organizations: 30, persons: 60, deals: 80, notes: 60 });
      await mapEveryField(synced);
      await synced.sync();
      records = (await synced.readLines()).flatMap((line) => {
        const { record } = JSON.parse(line) as { record?: { stream: ListedStream; data: JsonObject } };
        // These sources give the products of deals in no stream of their own.
        if ((record?.stream as string) === "deal_products") return [];
        return record === undefined ? [] : [{ stream: record.stream, data: record.data }];
      });
    });
    after(() => synced.close());

    for (const { name, shape, args } of sources) {
      it(`from ${name}`, async () => {
        const written = await placeLike(kind, synced);
        try {
          const made = records.map(({ stream, data }) => ({ stream, data: shape(synced.sandbox, stream, data) }));
          const lines =
            args === undefined
              ? made.map(({ stream, data }) => recordOf(stream, data))
              : [...listedStreams.map(singerSchema), ...made.map(({ stream, data }) => singerRecord(stream, data))];
          const { status, stderr } = await written.write(lines, args === undefined ? {} : { args });
          expect(status, stderr).to.equal(0);
          const [rows, expected] = [await everything(written), await everything(synced)];
          expect((expected["planhat.licenses"] as unknown[]).length).to.be.greaterThan(10);
          for (const table of Object.keys(expected)) {
            // The landing keeps the source's extra keys, and lacks those that v1 never had.
            if (table.startsWith("pipedrive.")) continue;
            const [got, wanted] = [rows[table] as unknown[], expected[table] as unknown[]];
            expect(got.length, table).to.equal(wanted.length);
            for (const [index, row] of wanted.entries()) expect(got[index], table).to.deep.equal(row);
          }
          if (kind === "embedded") return;
          const audited = await written.run(["audit", "--json", "--log-level", "warn"]);
          const { differences } = JSON.parse(audited.stdout) as { differences: { kind: string }[] };
          // Every account has records that do not sync; a record in another shape is not a difference.
          const others = differences.filter(({ kind: told }) => told !== "does_not_sync" && told !== "rejected");
          expect([audited.status, others], audited.stderr).to.deep.equal([0, []]);
        } finally {
          await written.close();
        }
      });
    }
  });
});

describe("a record of another source", function () {
  this.timeout(120_000);
  const folder = join(import.meta.dirname, "../../fixtures/foreign-sources");

  for (const file of readdirSync(folder).sort()) {
    it(`as ${file} has it becomes the same rows`, async () => {
      const place = await writePlace("server", emptyAccount);
      try {
        const keys = customKeys(place);
        place.map(smallMapping);
        const text = readFileSync(join(folder, file), "utf8").replace(/<(\w+)>/g, (_all, name: string) => keys[name]!);
        const args = file.startsWith("tap") ? { args: singer } : {};
        const { status, stderr } = await place.write(text.trimEnd().split("\n"), args);
        expect(status, stderr).to.equal(0);
        expect(await place.look("select reason from connector.rejections")).to.deep.equal([]);
        expect(await place.look("select source_id, name, city, custom from planhat.companies")).to.deep.equal([
          {
            source_id: "7",
            name: "Nordlicht GmbH",
            city: "Kiel",
            custom: { Tier: "Gold", Regions: ["EMEA", "APAC"], Spend: 1200.5, Currency: "EUR", Visible: 3, Owner: 1 },
          },
        ]);
        expect(await place.look("select source_id, email, custom from planhat.endusers")).to.deep.equal([
          { source_id: "70", email: "ida@nordlicht.example", custom: { Labels: ["Champion"], Until: "2026-08-14" } },
        ]);
        expect(
          await place.look("select source_id, value, from_date::text as from_date from planhat.licenses"),
        ).to.deep.equal([{ source_id: "700", value: "900", from_date: "2026-02-03" }]);
        expect(await place.look("select source_id from planhat.notes")).to.deep.equal([{ source_id: "7000" }]);
        expect(await place.look("select id::int from pipedrive.persons where deleted")).to.deep.equal([{ id: 71 }]);
      } finally {
        await place.close();
      }
    });
  }
});

const smallMapping = {
  "organizations.yaml": `stream: organizations
model: company
direction: receive
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: custom.Tier, pipedrive: Tier}
  - {planhat: custom.Regions, pipedrive: Regions}
  - {planhat: custom.Spend, pipedrive: Annual spend.value}
  - {planhat: custom.Currency, pipedrive: Annual spend.currency}
  - {planhat: custom.Visible, pipedrive: visible_to}
  - {planhat: custom.Owner, pipedrive: owner_id}
`,
  "persons.yaml": `stream: persons
model: enduser
direction: receive
fields:
  - {planhat: email, pipedrive: emails.primary}
  - {planhat: custom.Labels, pipedrive: $labels}
  - {planhat: custom.Until, pipedrive: Holiday.until}
`,
  "notes.yaml":
    "stream: notes\nmodel: note\ndirection: receive\nfields:\n  - {planhat: description, pipedrive: content}\n",
  "deals.yaml": `stream: deals
direction: receive
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: value, pipedrive: value}
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
`,
};

/** The keys and option ids that fixtures name symbolically. */
function customKeys({ sandbox }: WritePlace): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const stream of ["organizations", "persons"] as const) {
    for (const { field_name, field_code, options, is_custom_field } of sandbox.store.fields[stream]) {
      if (is_custom_field) keys[field_name.replaceAll(" ", "_")] = field_code;
      // A label that two fields share names the option of the first one, the built-in field.
      for (const { id, label } of options ?? []) keys[label.replaceAll(" ", "_")] ??= String(id);
    }
  }
  return keys;
}

/** Writes a mapping that reads every custom field of the account, and the built-in ones whose shapes differ. */
async function mapEveryField(place: WritePlace): Promise<void> {
  const { status, stderr } = await place.run(["mapping", "init"]);
  expect(status, stderr).to.equal(0);
  const read = (name: string) => readFileSync(join(place.place.folder, "mappings", name), "utf8");
  const files: Record<string, string> = {};
  for (const name of ["organizations.yaml", "persons.yaml", "deals.yaml", "notes.yaml"]) {
    const [head, ...more] = read(name).split("# The account's custom fields;");
    const all = more.join("").replace(/# (- planhat:| {2}pipedrive:)/g, "$1");
    const indent = name === "deals.yaml" ? "      " : "  ";
    const extra = (extras[name] ?? []).map(
      ([planhat, pipedrive]) => `\n${indent}- {planhat: custom.${planhat}, pipedrive: ${pipedrive}}`,
    );
    files[name] =
      more.length === 0 ? head! : `${head}# The account's custom fields;${all.trimEnd()}${extra.join("")}\n`;
  }
  files["deals.yaml"] = files["deals.yaml"]!.replace(/^start_date:.*$/m, "start_date: [won_time]");
  rmSync(join(place.place.folder, "mappings"), { recursive: true });
  place.map(files);
}

const owner: [string, string][] = [
  ["Owner id", "owner_id"],
  ["Owner name", "$owner.name"],
  ["Visible", "visible_to"],
  ["Label names", "$labels"],
  ["Changed", "update_time"],
];
const extras: Record<string, [string, string][]> = {
  "organizations.yaml": [
    ...owner,
    ["Street", "address.street"],
    ["Zip", "address.postal_code"],
    ["Gone", "is_deleted"],
  ],
  "persons.yaml": [...owner, ["All mails", "emails"], ["All phones", "phones"]],
  "deals.yaml": [...owner, ["Creator", "creator_user_id"], ["Person", "person_id"], ["Stage", "$stage.name"]],
};

/** Creates a place of its own with the account and the mapping of another. */
async function placeLike(kind: DatabaseKind, { sandbox, place }: WritePlace): Promise<WritePlace> {
  const made = await writePlace(kind, {}, sandbox);
  const folder = join(place.folder, "mappings");
  made.map(Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")])));
  return made;
}
