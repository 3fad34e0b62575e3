import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { recordOf, stateOf, type WritePlace, writePlace } from "../../write-place.ts";

const lines = [recordOf("organizations", { id: 7, name: "Acme" }), stateOf("organizations", {})];

describe("write refuses what it cannot work with, as TRACE ERROR, before it reads anything", function () {
  this.timeout(120_000);
  let place: WritePlace;
  before(async () => {
    place = await writePlace("server", emptyAccount);
  });
  after(() => place.close());

  const wrong: [what: string, more: JsonObject, message: RegExp][] = [
    [
      "a mode of the destination that is none",
      { destination_sync_mode: "update" },
      /stream deals has the destination_sync_mode "update"\. It must be one of append, append_dedup/,
    ],
    ["no mode of the destination", { destination_sync_mode: null }, /stream deals has the destination_sync_mode null/],
    ["no mode of the source", { sync_mode: "sometimes" }, /stream deals has the sync_mode "sometimes"/],
    [
      "some older generations to be kept",
      { generation_id: 7, minimum_generation_id: 5 },
      /stream deals has minimum_generation_id 5 and generation_id 7\. All generations can be kept/,
    ],
  ];
  for (const [what, more, message] of wrong) {
    it(what, async () => {
      place.catalog(["deals"], more);
      const { status, errors, stdout } = await place.write(lines);
      expect(status).to.equal(1);
      expect(errors).to.have.length(1);
      expect(errors[0]!.failure_type).to.equal("config_error");
      expect(errors[0]!.message).to.match(message);
      expect(stdout.trimEnd().split("\n")).to.have.length(1);
    });
  }

  it("a catalog without any stream of ours, naming the prefix that the streams have", async () => {
    place.catalog(["crm_deals", "crm_persons"]);
    const { status, errors } = await place.write(lines);
    expect([status, errors[0]!.failure_type]).to.deep.equal([1, "config_error"]);
    expect(errors[0]!.message).to.match(/it names crm_deals and crm_persons\. .* A stream prefix \(here crm_\)/);
    place.catalog();
  });

  it("no catalog is a wrong command line", async () => {
    const { status, stdout, stderr } = await place.write([], { args: ["write"] });
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr).to.contain("required option '--catalog <file>' not specified");
  });

  it("a mapping with a mistake", async () => {
    place.catalog();
    place.map({ "deals.yaml": "stream: deals\ndirection: sideways\n" });
    const { status, errors } = await place.write(lines);
    expect(status).to.equal(1);
    expect(errors[0]!.failure_type).to.equal("config_error");
    expect(errors[0]!.message).to.match(/deals\.yaml:2:12/);
  });
});
