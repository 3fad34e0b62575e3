import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { recordOf, stateOf, statusOf, type WritePlace, writePlace } from "../../write-place.ts";

const organization = { id: 7, name: "Acme", update_time: "2026-01-02T00:00:00Z" };
const deal = {
  id: 70,
  title: "Deal",
  status: "won",
  won_time: "2026-01-31T10:00:00Z",
  org_id: 7,
  person_id: 700,
  value: 100,
  currency: "EUR",
  pipeline_id: 1,
  stage_id: 1,
  update_time: "2026-01-31T10:00:00Z",
};
const person = { id: 700, name: "Ann", org_id: 7, emails: [{ value: "ann@acme.example", primary: true }] };
const note = { id: 7000, content: "<p>Hello</p>", deal_id: 70, org_id: 7, update_time: "2026-02-01T00:00:00Z" };
const whole = [
  recordOf("deals", deal),
  recordOf("organizations", organization),
  recordOf("persons", person),
  recordOf("notes", note),
];

describe("write lands what another source sends, and stores its rows", function () {
  this.timeout(120_000);
  let place: WritePlace;
  beforeEach(async () => {
    place = await writePlace("server", emptyAccount);
  });
  afterEach(() => place.close());

  const sourceIds = async (table: string) =>
    (await place.look<{ source_id: string }>(`select source_id from planhat.${table} order by 1`)).map((row) =>
      Number(row.source_id),
    );
  const landed = (stream: string) => place.look(`select id, deleted from pipedrive.${stream} order by id`);

  it("gives each STATE back once what came before it is committed, in order, while the input goes on", async () => {
    const legacy = '{"type":"STATE","state":{"data":{"deals":{"cursor":12345678901234567890}}}}';
    const global =
      '{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":1.50},"stream_states":[]},"sourceStats":{"recordCount":4.0}}}';
    const seen: string[] = [];
    const { status, stdout, stderr } = await place.write(undefined, {
      onStart(child) {
        child.stdin!.write(
          `${[recordOf("deals", deal), recordOf("deals", { id: "x" }), stateOf("deals", { a: 1 })].join("\n")}\n`,
        );
        child.stdout!.on("data", (chunk: string) => {
          seen.push(...chunk.trimEnd().split("\n"));
          if (seen.length === 1) {
            child.stdin!.write(`${[...whole.slice(1), legacy, stateOf("deals", { a: 2 }), global].join("\n")}\n`);
          }
          if (seen.length === 4) {
            void landed("notes").then((notes) => {
              expect(notes).to.have.length(1);
              child.stdin!.end();
            });
          }
        });
      },
    });
    expect(status, stderr).to.equal(0);
    const given = (line: string, landedCount: string, rejectedCount: string) =>
      `${line.slice(0, -2)},"destinationStats":{"recordCount":${landedCount},"rejectedRecordCount":${rejectedCount}}}}`;
    expect(stdout.trimEnd().split("\n")).to.deep.equal([
      given(stateOf("deals", { a: 1 }), "1.0", "1.0"),
      given(legacy, "4.0", "1.0"),
      given(stateOf("deals", { a: 2 }), "0.0", "0.0"),
      given(global, "0.0", "0.0"),
    ]);
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("takes streams in any order: what comes before its deal is not lost, and the deal waits for what comes after", async () => {
    for (const lines of [whole, [...whole].reverse()]) {
      const { status, stderr } = await place.write(lines);
      expect(status, stderr).to.equal(0);
      expect(await sourceIds("companies")).to.deep.equal([7]);
      expect(await sourceIds("endusers")).to.deep.equal([700]);
      expect(await sourceIds("notes")).to.deep.equal([7000]);
      expect(await sourceIds("licenses")).to.deep.equal([70]);
      await place.look(
        `truncate planhat.companies, planhat.endusers, planhat.notes, planhat.licenses, planhat.sales, planhat.deals,
           planhat.lineitems`,
      );
      await place.look("truncate pipedrive.deals, pipedrive.organizations, pipedrive.persons, pipedrive.notes");
    }
  });

  it("goes on after lines that cannot be read, names them, and gives back no state that would cover them", async () => {
    const { status, states, errors, stdout } = await place.write([
      recordOf("organizations", organization),
      stateOf("organizations", { n: 1 }),
      '{"type":"RECORD","record":{"stream":"deals","da',
      "Traceback (most recent call last):",
      '{"type":"RECORD","record":{"stream":"deals","emitted_at":1}}',
      "[]",
      "",
      recordOf("deals", deal),
      stateOf("deals", { n: 2 }),
    ]);
    expect(status).to.equal(1);
    expect(states.map((one) => JSON.stringify(one).includes('"n":1'))).to.deep.equal([true]);
    expect(errors.map(({ message, failure_type }) => `${failure_type}: ${message}`)).to.deep.equal([
      `system_error: ${errors[0]!.message}`,
      `system_error: ${errors[1]!.message}`,
      "system_error: Line 5 of the input could not be read: it is a RECORD whose `record.data` is not an object.",
      "system_error: Line 6 of the input could not be read: it is not a JSON object.",
      "system_error: 4 lines of the input could not be read. What came before and after is landed. No STATE that came after was given back, so that the next read brings what is missing.",
    ]);
    expect(errors[0]!.message).to.match(/^Line 3 of the input could not be read: it is not JSON \(/);
    expect(errors[1]!.message).to.match(/^Line 4 of the input could not be read: it is not JSON \(/);
    for (const line of stdout.trimEnd().split("\n")) expect(JSON.parse(line)).to.have.property("type");
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("takes what Windows makes of a text: a mark at its beginning, and line ends of its own", async () => {
    const { status, states, stderr } = await place.write(undefined, {
      onStart: (child) => child.stdin!.end(`\uFEFF${[...whole, stateOf("notes", { n: 1 })].join("\r\n")}\r\n`),
    });
    expect(status, stderr).to.equal(0);
    expect(states).to.have.length(1);
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("keeps a record as it came last, however each of its lines is written", async () => {
    const line = (data: string, more = "") =>
      `{"type":"RECORD","record":{"stream":"organizations","emitted_at":1,"data":${data}${more}}}`;
    const { status, errors, stderr } = await place.write([
      line('{"id":1,"name":"\\u0041 first"}'),
      line('{"id":1,"name":"last"}'),
      line('{"id":2,"name":"first"}'),
      line('{"id":2,"name":"l\\u0061st","value_of_later":7.0}'),
      line('{"id":3,"name":"first"}'),
      line('{"id":3, "name": "last"}', ',"namespace":"crm"'),
      line('{"id":4,"name":"gone"}').replace('"gone"', '"gone","_ab_cdc_deleted_at":"2026-01-01T00:00:00Z"'),
      line('{"id":5,"name":"x"}}'),
      line('{"id":5,"name":"x"'),
      line('{"id":5,"name":"x"},{"id":6}'),
      line('{"id":7,"name":"last"}'),
    ]);
    expect(status, stderr).to.equal(1);
    expect(errors.slice(0, -1).map(({ message }) => /^Line \d+/.exec(message)?.[0])).to.deep.equal([
      "Line 8",
      "Line 9",
      "Line 10",
    ]);
    expect(
      await place.look("select id, record->>'name' as name from pipedrive.organizations order by id"),
    ).to.deep.equal([1, 2, 3, 7].map((id) => ({ id: String(id), name: "last" })));
  });

  it("says where messages of the other protocol belong", async () => {
    const singer = JSON.stringify({ type: "RECORD", stream: "deals", record: deal });
    const airbyte = await place.write([singer]);
    expect([airbyte.status, airbyte.errors[0]!.message]).to.deep.equal([
      1,
      "Line 1 of the input could not be read: it is a RECORD of Singer, not of Airbyte: use --format singer.",
    ]);
    const { status, stderr } = await place.write([recordOf("deals", deal)], { args: ["write", "--format", "singer"] });
    expect(status).to.equal(1);
    expect(stderr).to.contain(
      "Error: Line 1 of the input could not be read: it is a RECORD of Airbyte, not of Singer: leave --format singer out.",
    );
  });

  it("passes over a line that is too long, and bytes that are no UTF-8", async () => {
    const { status, errors } = await place.write(undefined, {
      onStart(child) {
        child.stdin!.write(`${whole[1]}\n`);
        child.stdin!.write(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
        child.stdin!.write(`"${"x".repeat(20_000_000)}"\n`);
        child.stdin!.end(`${whole[0]}\n`);
      },
    });
    expect(status).to.equal(1);
    expect(errors.map(({ message }) => message).slice(0, 2)).to.deep.equal([
      "Line 2 of the input could not be read: it is not UTF-8.",
      "Line 3 of the input could not be read: it is longer than 20,000,000 bytes.",
    ]);
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("takes records of another source where the shape is the same, and rejects with its reason what is not", async () => {
    place.catalog(["organizations", "deals", "deals_archived", "activities"]);
    const { status, states, stderr } = await place.write([
      // Another order of keys, spaces, whole numbers written with a fraction, times of v1.
      `{"type": "RECORD", "record": {"emitted_at": 1, "data": {"name": "Acme", "id": 7.0, "update_time": "2026-01-02 00:00:00"}, "namespace": "crm", "stream": "organizations"}}`,
      `{"type": "RECORD", "record": {"data": ${JSON.stringify(deal).replace('"org_id":7', '"org_id":7.0')}, "stream": "deals_archived", "emitted_at": 1}}`,
      recordOf("deals", { ...deal, id: 71, org_id: "Acme" }),
      recordOf("deals", { ...deal, id: "72", org_id: { value: 7, name: "Acme" }, visible_to: "3", channel: "none" }),
      recordOf("activities", { id: 1, subject: "Call" }),
      recordOf("leads", { id: "a" }),
      stateOf("activities", {}),
      stateOf("deals", { page: 3 }),
    ]);
    expect(status, stderr).to.equal(0);
    expect(await sourceIds("licenses")).to.deep.equal([70, 72]);
    expect(stderr).to.contain("Records of the stream activities are left out: the connector has no such stream.");
    expect(stderr).to.contain("Records of the stream leads are left out");
    expect(states.map(({ state }) => (state as JsonObject)["destinationStats"])).to.deep.equal([
      { recordCount: 0, rejectedRecordCount: 1 },
      { recordCount: 1, rejectedRecordCount: 1 },
    ]);
    expect(await place.look("select stream, record_id::int as id, reason from connector.rejections")).to.deep.equal([
      { stream: "deals", id: 71, reason: 'org_id: expected a whole number or null, found "Acme"' },
    ]);
    expect(await place.look("select update_time from pipedrive.organizations")).to.deep.equal([
      { update_time: "2026-01-02 00:00:00+00" },
    ]);
  });

  it("says of records that were refused that they did not land, and of refused fields how many there are", async () => {
    const mistyped = { ...deal, org_id: "Acme" };
    const { status, stderr } = await place.write([...whole.slice(1), recordOf("deals", mistyped)]);
    expect(status, stderr).to.equal(0);
    expect(stderr).to.match(
      /Landed 0 deals, 1 organization, 1 person, 1 note in [\d.]+ s\. Refused before landing: 1 deal\. Rows: 0 created, 0 updated, 0 unchanged, 0 rejected; 0 fields of stored rows rejected\./,
    );
    place.map({
      "organizations.yaml":
        "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: custom.Seen by, pipedrive: visible_to}\n",
      "deals.yaml":
        "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
    });
    const fields = await place.write([
      recordOf("organizations", { ...organization, visible_to: "everybody" }),
      recordOf("deals", { ...deal, visible_to: "everybody" }),
    ]);
    expect(fields.stderr).to.match(/Rows: 2 created, .* 0 rejected; 1 field of stored rows rejected\./);
    expect(await place.look("select model, field, reason from connector.rejections")).to.deep.equal([
      { model: "company", field: "custom.Seen by", reason: 'visible_to: expected a whole number, found "everybody"' },
    ]);
  });

  it("takes a record that is nested 200,000 levels deep for a rejection, in both protocols, and goes on", async () => {
    const levels = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const deep = (line: string, key: string) => line.replace(`"${key}":`, `"deep":${levels},"${key}":`);
    const { status, states, errors, stderr } = await place.write([
      deep(recordOf("deals", { ...deal, id: 71 }), "title"),
      `{"type":"TRACE","trace":${levels}}`,
      ...whole,
      `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"deals"},"stream_state":{"a":${levels}}}}}`,
    ]);
    expect([status, states.length], stderr).to.deep.equal([1, 0]);
    expect(errors[0]!.message).to.equal(
      "Line 2 of the input could not be read: it is nested more than 100 levels deep.",
    );
    const singer = await place.write(
      [
        '{"type":"SCHEMA","stream":"deals","schema":{},"key_properties":["id"]}',
        `{"type":${levels},"stream":"deals"}`,
        deep(JSON.stringify({ type: "RECORD", stream: "deals", record: { ...deal, id: 72 } }), "title"),
      ],
      { args: ["write", "--format", "singer"] },
    );
    expect(singer.stderr).to.contain("Line 2 of the input could not be read: it is nested more than 100 levels deep.");
    expect(await place.look("select record_id::int as id, reason from connector.rejections order by 1")).to.deep.equal(
      [71, 72].map((id) => ({ id, reason: "it is nested more than 100 levels deep, and no record of Pipedrive's is" })),
    );
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("marks what the source says is deleted, and keeps its rows and the landed record", async () => {
    await place.write(whole);
    const { status } = await place.write([
      recordOf("deals", { id: 70, _ab_cdc_deleted_at: "2026-03-01T00:00:00Z" }),
      recordOf("persons", { ...person, is_deleted: true, update_time: "2026-03-01T00:00:00Z" }),
      recordOf("notes", { id: 7000, _sdc_deleted_at: "2026-03-01T00:00:00Z" }),
      recordOf("notes", { ...note, _sdc_deleted_at: null }),
    ]);
    expect(status).to.equal(0);
    expect(await landed("deals")).to.deep.equal([{ id: "70", deleted: true }]);
    expect(await landed("persons")).to.deep.equal([{ id: "700", deleted: true }]);
    expect(await landed("notes")).to.deep.equal([{ id: "7000", deleted: false }]);
    expect(await place.look("select record->>'title' as title from pipedrive.deals")).to.deep.equal([
      { title: "Deal" },
    ]);
    expect(await sourceIds("licenses")).to.deep.equal([70]);
    expect(await sourceIds("endusers")).to.deep.equal([700]);
  });

  it("an input that ends before its streams are complete fails, and what is missing comes in with the next one", async () => {
    const { status, errors } = await place.write([
      statusOf("deals", "STARTED"),
      ...whole.slice(0, 2),
      statusOf("deals", "COMPLETE"),
      statusOf("persons", "STARTED"),
      statusOf("notes", "INCOMPLETE"),
    ]);
    expect(status).to.equal(1);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include({ failure_type: "transient_error" });
    expect(errors[0]!.message).to.equal(
      "The input ended and these streams were not complete: persons, notes. What came of them is landed. Run the source again from the last STATE.",
    );
    expect(await sourceIds("licenses")).to.deep.equal([70]);
    expect((await place.write(whole.slice(2))).status).to.equal(0);
    expect(await sourceIds("endusers")).to.deep.equal([700]);
    expect(await sourceIds("notes")).to.deep.equal([7000]);
    expect(await place.look("select * from connector.pending")).to.deep.equal([]);
  });

  it("stopped by SIGTERM while the source is silent, it exits 143, and what was committed stays", async () => {
    const { status, states, errors } = await place.write(undefined, {
      onStart(child) {
        child.stdin!.write(`${[...whole, stateOf("notes", { n: 1 })].join("\n")}\n`);
        child.stdout!.once("data", () => child.kill("SIGTERM"));
      },
    });
    expect(status).to.equal(143);
    expect(states).to.have.length(1);
    expect(errors.map(({ message }) => message)).to.deep.equal([
      "Stopped by SIGTERM. The next read continues from the last STATE.",
    ]);
    expect((await place.write([])).status).to.equal(0);
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("a reader of its states that goes away ends it quietly, and the next write goes on from what was committed", async () => {
    const { status, stderr } = await place.write(undefined, {
      onStart(child) {
        child.stdout!.removeAllListeners("data");
        child.stdout!.destroy();
        child.stdin!.write(`${[...whole, stateOf("notes", { n: 1 })].join("\n")}\n`);
      },
    });
    expect([status, stderr.includes("Error")], stderr).to.deep.equal([141, false]);
    expect(await landed("notes")).to.have.length(1);
    expect((await place.write([])).status).to.equal(0);
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });

  it("with a refused token it goes by the fields and pipelines that the last run kept; a first run says what it lacks", async () => {
    const refused = `company_url: ${place.sandbox.url}\napi_token: refused\ndatabase: ${place.location}\n`;
    place.place.write("refused.yaml", refused);
    const args = ["write", "--catalog", "catalog.json", "--config", "refused.yaml"];
    const first = await place.write(whole, { args });
    expect(first.status).to.equal(1);
    expect(first.errors).to.have.length(1);
    expect(first.errors[0]!.failure_type).to.equal("config_error");
    expect(first.errors[0]!.message).to.contain(
      "The first run asks Pipedrive for the account's fields and pipelines; later ones can do without.",
    );
    expect((await place.write([])).status).to.equal(0);
    const second = await place.write(whole, { args });
    expect(second.status, second.stderr).to.equal(0);
    expect(second.stderr).to.contain("Using the account catalog saved by the last run.");
    expect(await sourceIds("licenses")).to.deep.equal([70]);
  });
});
