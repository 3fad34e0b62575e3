import { expect } from "chai";
import { everything } from "../../everything.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { type WritePlace, writePlace } from "../../write-place.ts";

const args = ["write", "--format", "singer"];
const schema = (stream: string) =>
  JSON.stringify({ type: "SCHEMA", stream, schema: { properties: {} }, key_properties: ["id"] });
const record = (stream: string, one: object, version?: number) =>
  JSON.stringify({ type: "RECORD", stream, record: one, time_extracted: "2026-01-01T00:00:00Z", version });
const activate = (version: number) => JSON.stringify({ type: "ACTIVATE_VERSION", stream: "organizations", version });

describe("write --format singer", function () {
  this.timeout(180_000);

  it("takes what read --format singer prints, and leaves what sync leaves", async () => {
    const synced = await writePlace("server");
    const written = await writePlace("server", {}, synced.sandbox);
    try {
      await synced.sync();
      const { stdout } = await written.run(["read", "--format", "singer"]);
      const lines = stdout.trimEnd().split("\n");
      const result = await written.write(lines, { args });
      expect(result.status, result.stderr).to.equal(0);
      const states = lines.filter((line) => line.startsWith('{"type":"STATE"'));
      expect(
        result.stdout
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ).to.deep.equal(states.map((line) => JSON.parse(line).value));
      // A sync reads products only where a mapping file asks for them; `read` offers every stream.
      const without = { "pipedrive.deal_products": null };
      expect({ ...(await everything(written)), ...without }).to.deep.equal({
        ...(await everything(synced)),
        ...without,
      });
    } finally {
      await written.close();
      await synced.close();
    }
  });

  describe("by itself", () => {
    let place: WritePlace;
    before(async () => {
      place = await writePlace("server", emptyAccount);
    });
    after(() => place.close());
    beforeEach(() => place.look("truncate pipedrive.organizations, connector.generations"));
    const alive = async () =>
      (await place.look<{ id: string }>("select id from pipedrive.organizations where not deleted order by id")).map(
        (row) => Number(row.id),
      );

    it("prints the value of a STATE as it came, and nothing else", async () => {
      const value = '{"bookmarks":{"deals":{"cursor":12345678901234567890, "at":1.50}}}';
      const { status, stdout } = await place.write(
        [
          schema("organizations"),
          record("organizations", { id: 1, name: "Acme" }),
          `{"type":"STATE","value":${value}}`,
        ],
        { args },
      );
      expect(status).to.equal(0);
      expect(stdout).to.equal(`${value}\n`);
    });

    it("ACTIVATE_VERSION marks what came in another version; before any record of its own it marks nothing", async () => {
      const send = async (lines: string[]) =>
        expect((await place.write([schema("organizations"), ...lines], { args })).status).to.equal(0);
      const one = { id: 1, name: "One" };
      const two = { id: 2, name: "Two" };
      await send([activate(10), record("organizations", one, 10), record("organizations", two, 10), activate(10)]);
      expect(await alive()).to.deep.equal([1, 2]);
      await send([activate(10), record("organizations", two, 10)]);
      expect(await alive()).to.deep.equal([1, 2]);
      await send([activate(20), record("organizations", two, 20)]);
      expect(await alive()).to.deep.equal([1, 2]);
      await send([activate(20)]);
      expect(await alive()).to.deep.equal([2]);
    });

    it("names the lines that are none of Singer's, on stderr, and exits 1", async () => {
      const { status, stdout, stderr } = await place.write(
        [
          record("organizations", { id: 1 }),
          schema("organizations"),
          record("organizations", { id: 2, name: "Two" }),
          '{"type":"BATCH","stream":"organizations"}',
          '{"type":"SCHEMA","stream":"deals"}',
          '{"type":"STATE","value":{}}',
        ],
        { args },
      );
      expect(status).to.equal(1);
      expect(stdout).to.equal("");
      expect(stderr).to.contain(
        "Error: Line 1 of the input could not be read: it is a RECORD of organizations before any SCHEMA of it.",
      );
      expect(stderr).to.contain('Error: Line 4 of the input could not be read: its type "BATCH" is not supported.');
      expect(stderr).to.contain(
        "Error: Line 5 of the input could not be read: it is a SCHEMA without `schema` and `key_properties`.",
      );
      expect(stderr).to.contain("Error: 3 lines of the input could not be read.");
      expect(await alive()).to.deep.equal([2]);
    });
  });
});
