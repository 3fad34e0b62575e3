import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import type { InterceptedRequest } from "../../../connector/sandbox/pipedrive/app.ts";
import {
  courseOf,
  errorsOf,
  expectGoodCourse,
  outlineOf,
  recordsOf,
  statesOf,
} from "../../protocol/airbyte-messages.ts";
import { type AirbytePlace, airbytePlace } from "../../protocol/airbyte-place.ts";

describe("read over several pages", () => {
  let airbyte: AirbytePlace;
  let answer: ((request: InterceptedRequest) => Response | "reset" | undefined) | undefined;
  before(async () => {
    airbyte = await airbytePlace({
      organizations: 20,
      persons: 20,
      deals: 1300,
      notes: 20,
      intercept: (request) => answer?.(request),
    });
  });
  afterEach(() => {
    answer = undefined;
  });
  after(() => airbyte.close());

  it("prints a STATE after every page, and from each of them all the rest is read", async () => {
    airbyte.configure("full_refresh", ["deals"]);
    const { messages } = await airbyte.read();
    expectGoodCourse(messages);
    const states = statesOf(messages);
    expect(states.length).to.be.greaterThan(2);
    const words = outlineOf(messages);
    for (const [index, state] of states.slice(0, -1).entries()) {
      const place = messages.findIndex((message) => (message as { state?: unknown })["state"] === state);
      const rest = recordsOf(messages.slice(place), "deals").map(({ id }) => id);
      const resumed = await airbyte.read([state]);
      expect(resumed.status, words[place]).to.equal(0);
      expectGoodCourse(resumed.messages);
      const ids = new Set(recordsOf(resumed.messages, "deals").map(({ id }) => id));
      expect(
        rest.filter((id) => !ids.has(id)),
        `after STATE ${index + 1}`,
      ).to.deep.equal([]);
      expect(ids.size).to.be.lessThan(rest.length + 50);
    }
  });

  it("a list that breaks in the middle is INCOMPLETE after the STATE of what was printed", async () => {
    answer = ({ path, query }) =>
      path === "/api/v2/deals" && query.has("cursor")
        ? new Response("<html>denied</html>", { status: 403, headers: { "content-type": "text/html" } })
        : undefined;
    airbyte.configure("incremental", ["deals", "notes"]);
    const { status, messages } = await airbyte.read();
    expect(status).to.equal(1);
    expect(courseOf(messages)).to.deep.equal([
      "STARTED deals",
      "RUNNING deals",
      "STATE deals 500",
      "INCOMPLETE deals",
      "ERROR transient_error deals",
      "STARTED notes",
      "RUNNING notes",
      ...courseOf(messages).filter((word) => word.startsWith("STATE notes")),
      "COMPLETE notes",
      "ERROR transient_error",
    ]);
  });

  it("SIGTERM ends it after whole lines, with a STATE, INCOMPLETE and exit 143", async () => {
    answer = ({ path, query }) => {
      if (path === "/api/v2/deals" && query.has("cursor")) {
        child?.kill("SIGTERM");
        return new Response("{}", { status: 500 });
      }
      return undefined;
    };
    let child: ChildProcess | undefined;
    airbyte.configure("incremental", ["deals", "notes"]);
    const { status, messages, stderr } = await airbyte.read(undefined, (started) => {
      child = started;
    });
    expect(status, stderr).to.equal(143);
    expect(courseOf(messages)).to.deep.equal([
      "STARTED deals",
      "RUNNING deals",
      "STATE deals 500",
      "INCOMPLETE deals",
      "ERROR transient_error",
    ]);
    expect(errorsOf(messages)[0]!.message).to.equal("Stopped by SIGTERM. The next read continues from the last STATE.");
  });

  it("a reader that goes away ends it quietly", async () => {
    airbyte.configure("full_refresh", ["deals"]);
    const { status, stderr } = await airbyte.verb(["read", "--catalog", "catalog.json"], (child) => {
      child.stdout!.removeAllListeners("data");
      child.stdout!.once("data", () => child.stdout!.destroy());
    });
    expect(stderr).to.equal("");
    expect(status).to.equal(141);
  });
});
