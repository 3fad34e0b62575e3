import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { InterceptedRequest } from "../../../connector/sandbox/pipedrive/app.ts";
import { streamNames } from "../../../connector/stream-name.ts";
import { inTestLong, itLong } from "../../long.ts";
import {
  courseOf,
  errorsOf,
  expectGoodCourse,
  messagesOf,
  outlineOf,
  recordsOf,
  statesOf,
} from "../../protocol/airbyte-messages.ts";
import { type AirbytePlace, airbytePlace } from "../../protocol/airbyte-place.ts";
import { runBin } from "../../run-bin.ts";

describe("read prints the configured streams as Airbyte messages", () => {
  let airbyte: AirbytePlace;
  let answer: ((request: InterceptedRequest) => Response | "reset" | undefined) | undefined;
  beforeEach(async () => {
    answer = undefined;
    airbyte = await airbytePlace({ intercept: (request) => answer?.(request) });
  });
  afterEach(() => airbyte.close());

  for (const mode of ["full_refresh", "incremental"]) {
    it(`${mode}: every stream from STARTED to COMPLETE, every record once, counts that add up`, async () => {
      airbyte.configure(mode);
      const { status, messages, stderr } = await airbyte.read();
      expect(status, stderr).to.equal(0);
      expectGoodCourse(messages);
      for (const stream of streamNames) {
        const ids = recordsOf(messages, stream).map(({ id }) => id);
        expect(new Set(ids).size, stream).to.equal(ids.length);
        expect(ids.length, stream).to.be.greaterThan(5);
      }
    });
  }

  it("what is absent stays absent and what is null stays null", async () => {
    const { store } = airbyte.sandbox;
    const { id } = store.create("organizations", { name: "Acme" });
    const whole = store.get("organizations", id as number)!;
    store.putText(
      "organizations",
      JSON.stringify({ id: 9001, name: "Short", website: null, update_time: "2026-01-01 10:00:00" }),
    );
    airbyte.configure("full_refresh", ["organizations"]);
    const records = recordsOf((await airbyte.read()).messages, "organizations");
    const short = records.find((record) => record["id"] === 9001)!;
    expect(short).to.include({ id: 9001, name: "Short", website: null, update_time: "2026-01-01T10:00:00Z" });
    expect(short).to.not.have.any.keys("owner_id", "address", "custom_fields", "label_ids");
    const nulls = (record: JsonObject) => Object.keys(record).filter((key) => record[key] === null);
    expect(nulls(records.find((record) => record["id"] === id)!)).to.include.members(
      nulls(whole).filter((key) => key in records[0]!),
    );
  });

  it("a record that holds the API token's characters comes as it is", async () => {
    const { store, token } = airbyte.sandbox;
    store.create("notes", { content: `see ${token}`, org_id: 1 });
    airbyte.configure("full_refresh", ["notes"]);
    const read = ["read", "--catalog", "catalog.json", "--config", "config.json"];
    const { stdout } = await runBin(airbyte.place.folder, read, { mayTell: true });
    expect(recordsOf(messagesOf(stdout), "notes").map(({ content }) => content)).to.include(`see ${token}`);
  });

  it("only the streams and the top-level fields that the catalog names", async () => {
    airbyte.configure("full_refresh", ["deals"], {
      stream: { name: "deals", json_schema: { properties: { title: { type: "string" } } } },
    });
    const { messages } = await airbyte.read();
    expect(new Set(outlineOf(messages).map((word) => word.split(" ")[1]))).to.deep.equal(new Set(["deals"]));
    for (const record of recordsOf(messages, "deals")) expect(record).to.have.keys("id", "update_time", "title");
  });

  it("incremental from the last state brings what changed, and little else", async () => {
    airbyte.configure("incremental");
    const first = await airbyte.read();
    const { store } = airbyte.sandbox;
    store.update("deals", 1, { title: "Changed" });
    const second = await airbyte.read(statesOf(first.messages));
    expect(second.status).to.equal(0);
    expectGoodCourse(second.messages);
    expect(recordsOf(second.messages, "deals").map(({ title }) => title)).to.include("Changed");
    expect(outlineOf(second.messages).filter((word) => word.startsWith("RECORD")).length).to.be.lessThan(15);
  });

  it("a state far in the future brings no records, and comes back as it was", async () => {
    airbyte.configure("incremental", ["deals", "notes"]);
    const state = [
      stateOf("deals", {
        deals: { update_time: "2999-01-01T00:00:00Z" },
        archived: { update_time: "2999-01-01T00:00:00Z" },
      }),
      stateOf("notes", { notes: { update_time: "2999-01-01T00:00:00Z" } }),
    ];
    const { status, messages } = await airbyte.read(state);
    expect(status).to.equal(0);
    expect(statesOf(messages).map(({ stream }) => stream)).to.deep.equal(state.map(({ stream }) => stream));
    expect(courseOf(messages)).to.deep.equal([
      "STARTED deals",
      "LOG WARN",
      "LOG WARN",
      "STATE deals 0",
      "COMPLETE deals",
      "STARTED notes",
      "LOG WARN",
      "STATE notes 0",
      "COMPLETE notes",
    ]);
  });

  const noStates = [
    [],
    {},
    null,
    [{ type: "STREAM", stream: { stream_descriptor: { name: "deals" }, stream_state: null } }],
  ];
  for (const nothing of inTestLong ? noStates : noStates.slice(-1)) {
    it(`the state ${JSON.stringify(nothing)} reads from the beginning`, async () => {
      airbyte.configure("incremental", ["deals"]);
      const { status, messages } = await airbyte.read(nothing);
      expect(status).to.equal(0);
      expect(recordsOf(messages, "deals")).to.have.length.greaterThan(20);
    });
  }

  itLong("states of older shapes go on where they stand", async () => {
    airbyte.configure("incremental", ["deals"]);
    const cursor = { update_time: "2999-01-01 00:00:00" };
    for (const state of [
      [stateOf("deals", cursor)],
      { deals: cursor },
      [{ type: "GLOBAL", global: { stream_states: [stateOf("deals", cursor).stream] } }],
    ]) {
      const { status, messages, stderr } = await airbyte.read(state);
      expect(status, stderr).to.equal(0);
      expect(recordsOf(messages, "deals"), JSON.stringify(state)).to.have.length(0);
    }
  });

  it("the lines that write printed are a state: of each stream the last counts", async () => {
    airbyte.configure("incremental", ["deals"]);
    const line = (time: string) => JSON.stringify({ type: "STATE", state: stateOf("deals", { update_time: time }) });
    const log = JSON.stringify({ type: "LOG", log: { level: "INFO", message: "stored" } });
    const { status, messages, stderr } = await airbyte.read(
      `${[line("2020-01-01T00:00:00Z"), log, line("2999-01-01T00:00:00Z")].join("\n")}\n`,
    );
    expect(status, stderr).to.equal(0);
    expect(recordsOf(messages, "deals")).to.have.length(0);
  });

  it("a state that cannot be read is a config error, before anything is read", async () => {
    airbyte.configure("incremental", ["deals"]);
    const wrong: [state: unknown, message: RegExp][] = [
      ["not json", /The state file state\.json is not JSON/],
      ['{"type": "STATE"}\n{"type": "STA', /The state file state\.json is not JSON: .* one on each line/],
      ["7", /The state is not a list of Airbyte states/],
      [[{ type: "STREAM", stream: {} }], /without stream\.stream_descriptor\.name/],
      [[stateOf("deals", { deals: { update_time: "tomorrow" } })], /The state of deals has no valid time in deals/],
    ];
    for (const [state, message] of inTestLong ? wrong : wrong.slice(-2)) {
      const { status, messages } = await airbyte.read(state);
      expect(status).to.equal(1);
      expect(outlineOf(messages)).to.deep.equal(["ERROR config_error"]);
      expect(errorsOf(messages)[0]!.message).to.match(message);
    }
  });

  itLong("passes over keys of a state that are not its own, and goes on from those that are", async () => {
    airbyte.configure("incremental", ["deals"]);
    const future = { update_time: "2999-01-01T00:00:00Z" };
    const read = async (state: JsonObject) => {
      const { status, messages } = await airbyte.read([stateOf("deals", state)]);
      expect(status).to.equal(0);
      return recordsOf(messages, "deals").length;
    };
    const extra = { page: 3, use_global_cursor: false, parent_state: {} };
    expect(await read({ deals: future, archived: future, ...extra })).to.equal(0);
    expect(await read({ ...future, ...extra })).to.equal(0);
    expect(await read(extra)).to.be.greaterThan(0);
  });

  it("a catalog without any stream of ours is a config error that names a stream prefix", async () => {
    airbyte.configure("incremental", ["crm_deals", "crm_notes"]);
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(1);
    expect(outlineOf(messages)).to.deep.equal(["ERROR config_error"]);
    expect(errorsOf(messages)[0]!.message).to.equal(
      "The catalog has no stream that this connector knows: it names crm_deals and crm_notes. The streams are deals, organizations, persons, notes, deal_products. A stream prefix (here crm_) changes their names: take it out of the connection's settings.",
    );
  });

  itLong("full refresh starts anew whatever an older state says", async () => {
    airbyte.configure("full_refresh", ["deals"]);
    const first = await airbyte.read();
    const again = await airbyte.read(statesOf(first.messages));
    expect(recordsOf(again.messages, "deals")).to.deep.equal(recordsOf(first.messages, "deals"));
    const incremental = [stateOf("deals", { deals: { update_time: "2999-01-01T00:00:00Z" } })];
    expect(recordsOf((await airbyte.read(incremental)).messages, "deals")).to.have.length(
      recordsOf(first.messages, "deals").length,
    );
  });

  it("another attempt at the same full refresh sends nothing of a stream that was complete", async () => {
    airbyte.configure("full_refresh", ["deals"], { sync_id: 7 });
    const first = await airbyte.read();
    const retry = await airbyte.read(statesOf(first.messages));
    expect(courseOf(retry.messages)).to.deep.equal(["STARTED deals", "STATE deals 0", "COMPLETE deals"]);
    expect(recordsOf(retry.messages, "deals")).to.have.length(0);
    airbyte.configure("full_refresh", ["deals"], { sync_id: 8 });
    const next = await airbyte.read(statesOf(first.messages));
    expect(recordsOf(next.messages, "deals")).to.have.length(recordsOf(first.messages, "deals").length);
  });

  it("a stream that does not exist is INCOMPLETE, and the others go on", async () => {
    airbyte.configure("incremental", ["leads", "notes"]);
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(1);
    expect(courseOf(messages).map((word) => word.replace(/ \d+$/, ""))).to.deep.equal([
      "STARTED leads",
      "INCOMPLETE leads",
      "ERROR config_error leads",
      "STARTED notes",
      "RUNNING notes",
      "STATE notes",
      "COMPLETE notes",
      "ERROR config_error",
    ]);
    expect(errorsOf(messages)[0]!.message).to.equal(
      "The catalog names the stream leads, which does not exist. The streams are deals, organizations, persons, notes, deal_products.",
    );
  });

  it("a record that cannot be placed is a LOG WARN, and the rest goes on", async () => {
    airbyte.sandbox.store.putText("notes", '{"id": 9002, "deal_id": "x", "update_time": "2026-01-01 10:00:00"}');
    airbyte.configure("incremental", ["notes"]);
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(0);
    expect(outlineOf(messages)).to.include("LOG WARN");
    expect(JSON.stringify(messages)).to.contain(
      'notes: the record 9002 was left out: deal_id: expected a whole number or null, found \\"x\\".',
    );
    expectGoodCourse(messages.filter(({ type }) => type !== "LOG"));
  });

  it("one stream that breaks does not stop the others, and the exit status says so", async () => {
    answer = ({ path }) =>
      path === "/api/v2/organizations" ? new Response('{"success":false,"error":"no"}', { status: 400 }) : undefined;
    airbyte.configure("incremental", ["organizations", "notes"]);
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(1);
    const course = courseOf(messages);
    expect(course.slice(0, 3)).to.deep.equal([
      "STARTED organizations",
      "INCOMPLETE organizations",
      "ERROR system_error organizations",
    ]);
    expect(course.slice(-2)).to.deep.equal(["COMPLETE notes", "ERROR system_error"]);
  });

  it("a rate limit is told while it holds the stream back", async () => {
    answer = ({ path, attempt }) =>
      path === "/v1/notes" && attempt === 1
        ? new Response('{"success":false}', { status: 429, headers: { "retry-after": "1" } })
        : undefined;
    airbyte.configure("incremental", ["notes"]);
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(0);
    expect(courseOf(messages).slice(0, 3)).to.deep.equal([
      "STARTED notes",
      "RUNNING notes RATE_LIMITED",
      "RUNNING notes",
    ]);
  });

  it("deals that are read from their beginning are estimated first; what Pipedrive gives no total of is not", async () => {
    const estimates = async (state?: unknown) => {
      const { status, messages } = await airbyte.read(state);
      expect(status).to.equal(0);
      expectGoodCourse(messages);
      return { messages, told: outlineOf(messages).filter((word) => word.startsWith("ESTIMATE")) };
    };
    airbyte.configure("incremental");
    const first = await estimates();
    const current = recordsOf(first.messages, "deals").filter(
      ({ is_archived: archived, is_deleted: deleted }) => archived !== true && deleted !== true,
    );
    expect(first.told).to.deep.equal([`ESTIMATE deals ${current.length}`]);
    expect((await estimates(statesOf(first.messages))).told, "what has changed is not known").to.deep.equal([]);
    answer = ({ path }) =>
      path === "/v1/deals/summary" ? new Response('{"success":false,"error":"gone"}', { status: 403 }) : undefined;
    expect((await estimates()).told, "nothing depends on it").to.deep.equal([]);
  });

  itLong("an empty account gives each stream a STATE", async () => {
    await airbyte.close();
    airbyte = await airbytePlace({ organizations: 0, persons: 0, deals: 0, notes: 0 });
    airbyte.configure("incremental");
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(0);
    expectGoodCourse(messages);
    const again = await airbyte.read(statesOf(messages));
    expect(statesOf(again.messages)).to.deep.equal(statesOf(messages));
  });
});

function stateOf(name: string, state: JsonObject) {
  return { type: "STREAM", stream: { stream_descriptor: { name }, stream_state: state } };
}
