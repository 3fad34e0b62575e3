import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { protocolErrors } from "../../protocol/protocol-schema.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { recordOf, stateOf, statusOf, type WritePlace, writePlace } from "../../write-place.ts";

/** Returns the configured catalog of streams of objects, as Airbyte's platform writes it. */
function catalogOf(streams: readonly [name: string, object: unknown, mode: string, more?: JsonObject][]): string {
  const catalog = {
    streams: streams.map(([name, object, mode, more = {}]) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh", "incremental"] },
      sync_mode: "incremental",
      destination_sync_mode: mode,
      destination_object_name: object,
      primary_key: [["externalId"]],
      generation_id: 1,
      minimum_generation_id: 0,
      sync_id: 3,
      ...more,
    })),
  };
  if (streams.every(([, object]) => typeof object === "string"))
    expect(protocolErrors("ConfiguredAirbyteCatalog", catalog)).to.equal(undefined);
  return JSON.stringify(catalog);
}

describe("write takes objects of Planhat from any source", function () {
  this.timeout(300_000);
  let place: WritePlace;
  before(async () => {
    place = await writePlace("server", { ...emptyAccount, organizations: 1 });
  });
  after(() => place.close());

  const feed = async (
    streams: Parameters<typeof catalogOf>[0],
    lines: readonly string[],
    args = ["destination", "write", "--catalog", "catalog.json"],
  ) => {
    place.place.write("catalog.json", catalogOf(streams));
    return place.write(lines, { args });
  };
  const companies = () =>
    place.look("select source_id, external_id, name, phase, web, custom from planhat.companies order by source_id");
  const rejected = async () => {
    const { stdout } = await place.run(["rejections", "list", "--json"]);
    return (JSON.parse(stdout) as JsonObject[]).map(({ model, value, reason }) => [model, value, reason]);
  };
  const counts = ({ states }: { states: JsonObject[] }) =>
    states.map(({ state }) => (state as JsonObject)["destinationStats"]);

  it("upserts by externalId: companies first, empty values ignored, nulls stored, unknown fields left out", async () => {
    const streams: Parameters<typeof catalogOf>[0] = [
      ["people", "enduser", "append_dedup"],
      ["customers", "company", "append_dedup"],
    ];
    const first = await feed(streams, [
      recordOf("people", { externalId: "p1", companyId: "extid-17", email: "jo@acme.test", featured: true }),
      recordOf("customers", {
        externalId: 17,
        name: "Acme",
        phase: "live",
        web: "acme.test",
        "custom.Tier": "gold",
        x: 1,
      }),
      stateOf("people", { page: 1 }),
      stateOf("customers", { page: 1 }),
      statusOf("people", "COMPLETE"),
      statusOf("customers", "COMPLETE"),
    ]);
    expect(first.status, first.stderr).to.equal(0);
    expect(counts(first)).to.deep.equal([
      { recordCount: 1, rejectedRecordCount: 0 },
      { recordCount: 1, rejectedRecordCount: 0 },
    ]);
    const acme = { source_id: "extid-17", external_id: "17", name: "Acme", phase: "live", web: "acme.test" };
    expect(await companies()).to.deep.equal([{ ...acme, custom: { Tier: "gold" } }]);
    expect(
      await place.look(
        `select e.source_id, e.email, c.source_id as company from planhat.endusers as e
         join planhat.companies as c on c.id = e.company_id`,
      ),
    ).to.deep.equal([{ source_id: "extid-p1", email: "jo@acme.test", company: "extid-17" }]);
    const again = await feed(streams, [
      recordOf("customers", { externalId: "17", name: "", phase: null }),
      recordOf("customers", { externalId: "17", web: "acme.example" }),
      recordOf("customers", { externalId: "17", web: "acme.test", "custom.Tier": null }),
      stateOf("customers", { page: 2 }),
    ]);
    expect(again.status, again.stderr).to.equal(0);
    expect(counts(again)).to.deep.equal([{ recordCount: 3, rejectedRecordCount: 0 }]);
    expect(await companies()).to.deep.equal([{ ...acme, phase: null, custom: { Tier: null } }]);
  });

  it("inserts only with append, and changes only with update", async () => {
    const insert = await feed(
      [["customers", "company", "append"]],
      [
        recordOf("customers", { externalId: "17", name: "Another" }),
        recordOf("customers", { externalId: "18", name: "Beta" }),
        stateOf("customers", { page: 3 }),
      ],
    );
    expect(insert.status, insert.stderr).to.equal(0);
    expect(counts(insert)).to.deep.equal([{ recordCount: 1, rejectedRecordCount: 1 }]);
    const update = await feed(
      [["customers", "company", "update"]],
      [
        recordOf("customers", { externalId: "18", name: "Beta Inc." }),
        recordOf("customers", { externalId: "19", name: "Gamma" }),
        stateOf("customers", { page: 4 }),
      ],
    );
    expect(counts(update)).to.deep.equal([{ recordCount: 1, rejectedRecordCount: 1 }]);
    expect((await companies()).map(({ source_id: id, name }) => [id, name])).to.deep.equal([
      ["extid-17", "Acme"],
      ["extid-18", "Beta Inc."],
    ]);
    expect(await rejected()).to.have.deep.members([
      ["company", "17", 'externalId: "17" has a row already, and append only inserts'],
      ["company", "19", 'externalId: "19" has no row, and update only changes rows'],
    ]);
  });

  it("rejects a bad record and nothing else, until it comes right", async () => {
    const streams: Parameters<typeof catalogOf>[0] = [
      ["customers", "company", "append_dedup"],
      ["contracts", "license", "append_dedup"],
    ];
    const bad = await feed(streams, [
      recordOf("customers", { externalId: "17", name: 5 }),
      recordOf("customers", { externalId: "19", phase: "live" }),
      recordOf("customers", { externalId: "20", name: "Delta" }),
      recordOf("customers", { name: "Nameless" }),
      recordOf("contracts", { externalId: "c1", companyId: "extid-20", _currency: "EUR", fromDate: "soon" }),
      recordOf("contracts", { externalId: "c2", companyId: "extid-99", _currency: "EUR", fromDate: "2026-01-01" }),
      recordOf("contracts", { externalId: "c3", companyId: "20", _currency: "EUR", fromDate: "2026-01-01" }),
      recordOf("contracts", {
        externalId: "c4",
        companyId: "extid-20",
        _currency: "EUR",
        fromDate: "2026-01-01",
        value: 9.5,
      }),
      recordOf("contracts", { externalId: "c5", _currency: "EUR", fromDate: "2026-01-01" }),
      stateOf("customers", { page: 5 }),
      stateOf("contracts", { page: 1 }),
    ]);
    expect(bad.status, bad.stderr).to.equal(0);
    expect(counts(bad)).to.deep.equal([
      { recordCount: 1, rejectedRecordCount: 3 },
      { recordCount: 1, rejectedRecordCount: 4 },
    ]);
    expect(await rejected()).to.have.deep.members([
      ["company", "17", "name: expected a text or null, found 5"],
      ["company", "19", "name: it is empty in the record and Planhat requires name"],
      ["company", null, "externalId: expected an id, found null"],
      ["license", "c1", 'fromDate: expected a date (YYYY-MM-DD), found "soon"'],
      ["license", "c2", 'companyId: there is no company "extid-99"'],
      ["license", "c3", 'companyId: expected extid-<externalId> or srcid-<id in Pipedrive>, found "20"'],
      ["license", "c5", "companyId: a new license needs one, and it is empty in the record"],
    ]);
    expect(await place.look("select source_id, value from planhat.licenses")).to.deep.equal([
      { source_id: "extid-c4", value: "9.5" },
    ]);
    const right = await feed(streams, [
      recordOf("customers", { externalId: "19", name: "Gamma" }),
      recordOf("contracts", { externalId: "c1", companyId: "extid-19", _currency: "EUR", fromDate: "2026-02-01" }),
    ]);
    expect(right.status, right.stderr).to.equal(0);
    expect((await rejected()).map(([model, value]) => `${model} ${value}`)).to.have.members([
      "company 17",
      "company null",
      "license c2",
      "license c3",
      "license c5",
    ]);
  });

  it("takes a company that comes long after what belongs to it, and rejections retry what came meanwhile", async () => {
    const people = Array.from({ length: 1200 }, (_, id) =>
      recordOf("people", { externalId: `late-${id}`, companyId: "extid-30", email: `${id}@late.test` }),
    );
    const { status, stderr, states } = await feed(
      [
        ["people", "enduser", "append_dedup"],
        ["customers", "company", "append_dedup"],
      ],
      [
        ...people,
        stateOf("people", { page: 9 }),
        recordOf("people", { externalId: "orphan", companyId: "extid-31", email: "o@late.test" }),
        recordOf("customers", { externalId: "30", name: "Late" }),
        stateOf("people", { page: 10 }),
      ],
    );
    expect(status, stderr).to.equal(0);
    expect(states).to.have.length(2);
    const [late] = await place.look(
      "select count(*)::int as count from planhat.endusers where source_id like 'extid-late-%'",
    );
    expect(late).to.deep.equal({ count: 1200 });
    const orphans = async () => (await rejected()).filter(([model]) => model === "enduser");
    expect(await orphans()).to.deep.equal([["enduser", "orphan", 'companyId: there is no company "extid-31"']]);
    await feed(
      [["customers", "company", "append_dedup"]],
      [recordOf("customers", { externalId: "31", name: "Later" })],
    );
    const retried = await place.run(["rejections", "retry"]);
    expect(retried.status, retried.stderr).to.equal(0);
    expect(await orphans()).to.deep.equal([]);
    expect(await place.look("select email from planhat.endusers where source_id = 'extid-orphan'")).to.deep.equal([
      { email: "o@late.test" },
    ]);
  });

  it("leaves rows alone that have another source, and audit says whose these are", async () => {
    await place.look(
      "insert into planhat.companies (source_id, external_id, name) values ('12', 'crm-12', 'Of Pipedrive'), (null, 'hand', 'By hand')",
    );
    const { status, stderr } = await feed(
      [["customers", "company", "append_dedup"]],
      ["crm-12", "hand"].map((externalId) => recordOf("customers", { externalId, name: "Mine" })),
    );
    expect(status, stderr).to.equal(0);
    const told = (await rejected()).filter(([, value]) => value === "crm-12" || value === "hand");
    expect(told).to.have.deep.members([
      ["company", "crm-12", 'externalId: the company with "crm-12" is that of 12 in Pipedrive, and stays its own'],
      ["company", "hand", 'externalId: the company with "hand" was made in Planhat, and stays its own'],
    ]);
    expect(await place.look("select name from planhat.companies where name = 'Mine'")).to.deep.equal([]);
    await place.look("delete from planhat.companies where name in ('Of Pipedrive', 'By hand')");
    const audit = await place.run(["audit", "--json"]);
    const { differences } = JSON.parse(audit.stdout) as { differences: JsonObject[] };
    const own = differences.filter(({ kind }) => kind === "of_another_source");
    expect(own.map(({ model, id }) => `${model} ${id}`)).to.include.members(["company extid-17", "license extid-c4"]);
    expect(differences.filter(({ kind }) => kind === "no_record")).to.deep.equal([]);
  });

  const refused: [what: string, stream: Parameters<typeof catalogOf>[0][number], message: string][] = [
    [
      "an object that Planhat lacks",
      ["customers", "contact", "append_dedup"],
      'The catalog\'s stream customers has the destination_object_name "contact", which is no object of this destination. It must be one of company, enduser, note, license, sale, deal, lineitem.',
    ],
    [
      "a mode that removes rows",
      ["customers", "company", "overwrite"],
      'The catalog\'s stream customers has the destination_sync_mode "overwrite". For an object it must be append_dedup (upsert), append (insert) or update: rows are never removed.',
    ],
    [
      "another matching key",
      ["customers", "company", "append_dedup", { primary_key: [["name"]] }],
      'The catalog\'s stream customers has the primary_key [["name"]]. Objects are matched by externalId alone: [["externalId"]].',
    ],
  ];
  for (const [what, stream, message] of refused) {
    it(`refuses ${what} before it reads anything`, async () => {
      const { status, errors, states } = await feed([stream], [recordOf("customers", { externalId: "1" })]);
      expect([status, states, errors.map((one) => [one.message, one.failure_type])]).to.deep.equal([
        1,
        [],
        [[message, "config_error"]],
      ]);
    });
  }
});
