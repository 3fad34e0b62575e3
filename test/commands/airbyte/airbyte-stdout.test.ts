import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { packageRoot } from "../../../connector/package-root.ts";
import type { InterceptedRequest } from "../../../connector/sandbox/pipedrive/app.ts";
import { errorsOf, expectGoodCourse, outlineOf, recordsOf } from "../../protocol/airbyte-messages.ts";
import { type AirbytePlace, airbytePlace } from "../../protocol/airbyte-place.ts";

describe("stdout of the Airbyte verbs holds messages and nothing else", function () {
  this.timeout(240_000);
  let airbyte: AirbytePlace;
  let answer: ((request: InterceptedRequest) => Response | "reset" | undefined) | undefined;
  before(async () => {
    airbyte = await airbytePlace({ deals: 4000, intercept: (request) => answer?.(request) });
  });
  afterEach(() => {
    answer = undefined;
  });
  after(() => airbyte.close());

  it("a reader that is slow holds the reading back: no page is fetched that memory would have to keep", async () => {
    let pages = 0;
    answer = ({ path }) => {
      if (path === "/api/v2/deals") pages += 1;
      return undefined;
    };
    airbyte.configure("full_refresh", ["deals"]);
    let fetched = 0;
    const { status, messages } = await airbyte.read(undefined, ({ stdout }) => {
      stdout!.once("data", () => {
        stdout!.pause();
        void (async () => {
          // Wait until no request came for a second: then the connector waits for its reader.
          for (let before = -1; before !== pages; await sleep(1000)) before = pages;
          fetched = pages;
          stdout!.resume();
        })();
      });
    });
    expect(status).to.equal(0);
    expectGoodCourse(messages);
    expect(pages, "the account has eight pages").to.be.at.least(8);
    expect(fetched, "the one that is printed, the next one, and one that is under way").to.be.at.most(3);
    expect(recordsOf(messages, "deals")).to.have.length.greaterThan(3900);
  });

  it("logs of every level and format, and what is tried again, are on stderr", async () => {
    answer = ({ path, attempt }) =>
      path === "/v1/users/me" && attempt === 1 ? new Response("<html>", { status: 502 }) : undefined;
    for (const verb of ["check", "discover"]) {
      const { status, messages, stderr } = await airbyte.verb([verb, "--log-level", "debug", "--log-format", "json"]);
      expect(status, stderr).to.equal(0);
      expect(outlineOf(messages)).to.deep.equal([verb === "check" ? "CONNECTION_STATUS" : "CATALOG"]);
    }
  });

  it("a command line that is wrong prints nothing on it", async () => {
    for (const args of [
      ["read", "--catalog"],
      ["read", "--catalog", "catalog.json", "--log-level", "loud"],
      ["discover", "--format", "csv"],
      ["check", "--stat", "x"],
    ]) {
      const { status, stdout, stderr } = await airbyte.verb(args);
      expect([status, stdout], args.join(" ")).to.deep.equal([2, ""]);
      expect(stderr).to.match(/^error: /);
    }
  });

  it("SIGINT in check and discover is a TRACE ERROR of its own, with exit 130", async () => {
    for (const verb of ["check", "discover"]) {
      let stop: (() => void) | undefined;
      answer = ({ path }) => {
        if (path === "/v1/users/me") stop?.();
        return path === "/v1/users/me" ? new Response("{}", { status: 500 }) : undefined;
      };
      const { status, messages, stderr } = await airbyte.verb([verb], (child) => {
        stop = () => child.kill("SIGINT");
      });
      expect(status, stderr).to.equal(130);
      expect(errorsOf(messages).map(({ failure_type: type }) => type)).to.deep.equal(["transient_error"]);
    }
  });

  it("a disk that is full is told on stderr and ends it with exit 1", function () {
    if (process.platform !== "linux") this.skip();
    airbyte.configure("full_refresh", ["deals"]);
    const command = `exec "${process.execPath}" "${packageRoot}dist/main.js" spec > /dev/full`;
    const { status, stderr } = spawnSync("sh", ["-c", command], { cwd: airbyte.place.folder, encoding: "utf8" });
    expect([status, stderr]).to.deep.equal([1, "Error: stdout cannot be written to (ENOSPC).\n"]);
  });
});
