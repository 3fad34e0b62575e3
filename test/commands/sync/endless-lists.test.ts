import { expect } from "chai";
import type { Sandbox } from "../../../connector/sandbox/server.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { planhatSync } from "../../planhat-sync.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const ends = (list: string) =>
  `Error: The list of ${list} does not end: 3 pages in a row brought no record that is new.`;

onServerFirst((kind) => {
  describe("a list that goes on without anything new", () => {
    let setting: SandboxSync;
    let broken = true;
    /** The number of requests for the list. */
    let asked = 0;
    afterEach(() => setting.close());

    /** Starts a sandbox whose list at `path` returns endless pages, built by `page` from the number of the request. */
    async function withEndless(path: string, page: (number: number) => object): Promise<void> {
      broken = true;
      asked = 0;
      setting = await sandboxSync(kind, {
        intercept: (request) =>
          broken && request.path === path
            ? new Response(JSON.stringify(page(asked++)), { headers: { "content-type": "application/json" } })
            : undefined,
      });
    }
    const persons = () => setting.sandbox.store.find("persons", ({ deleted }) => !deleted).slice(0, 5);

    it("ends with exit 1 when the same page comes under ever new cursors, and the next run goes on", async () => {
      await withEndless("/api/v2/persons", (number) => ({
        success: true,
        data: persons(),
        additional_data: { next_cursor: `cursor-${number}` },
      }));
      const { status, stderr, stdout } = await setting.run(["sync", "--json"]);
      expect([status, stderr.split("\n").find((line) => line.startsWith("Error"))]).to.deep.equal([
        1,
        ends("persons (/api/v2/persons)"),
      ]);
      expect(asked).to.equal(4);
      expect(JSON.parse(stdout).streams.deals.read).to.be.greaterThan(0);
      const [landed] = await setting.look<{ count: number }>("select count(*)::int as count from pipedrive.persons");
      expect(landed!.count, "what came is kept").to.equal(5);
      broken = false;
      expect((await setting.sync()).models.enduser.created).to.be.greaterThan(0);
    });

    itLong("ends with exit 1 when empty pages come under ever new cursors", async () => {
      await withEndless("/api/v2/deals", (number) => ({
        success: true,
        data: [],
        additional_data: { next_cursor: `cursor-${number}` },
      }));
      const { status, stderr } = await setting.run(["sync"]);
      expect([status, stderr.split("\n").find((line) => line.startsWith("Error"))]).to.deep.equal([
        1,
        ends("deals (/api/v2/deals)"),
      ]);
      expect(asked).to.equal(3);
    });

    itLong("ends with exit 1 when a list of notes does not heed its offset", async () => {
      await withEndless("/v1/notes", () => ({
        success: true,
        data: noteRecords(setting.sandbox),
        additional_data: { pagination: { more_items_in_collection: true } },
      }));
      const { status, stderr } = await setting.run(["sync"]);
      expect([status, stderr.split("\n").find((line) => line.startsWith("Error"))]).to.deep.equal([
        1,
        ends("notes (/v1/notes)"),
      ]);
      expect(asked).to.equal(4);
    });

    itLong("ends with exit 1 when a list of fields brings the same page for ever", async () => {
      await withEndless("/api/v2/dealFields", (number) => ({
        success: true,
        data: [{ field_code: "title", field_name: "Title", field_type: "varchar" }],
        additional_data: { next_cursor: `cursor-${number}` },
      }));
      const { status, stderr } = await setting.run(["sync"]);
      expect([status, stderr.split("\n").find((line) => line.startsWith("Error"))]).to.deep.equal([
        1,
        ends("definitions (/api/v2/dealFields)"),
      ]);
      expect(asked).to.equal(4);
    });
  });
});

describe("a list of Planhat that does not heed its offset", () => {
  it("ends with exit 1 after three pages that bring nothing new", async () => {
    let broken = false;
    let asked = 0;
    const setting = await planhatSync("embedded", {
      intercept: ({ method, path }) => {
        if (!broken || method !== "GET" || !path.endsWith("/companies")) return undefined;
        asked++;
        return new Response(JSON.stringify([{ _id: "a".repeat(24), name: "Acme" }]), {
          headers: { "content-type": "application/json" },
        });
      },
    });
    try {
      wonDeal(setting.sandbox);
      await setting.sync();
      broken = true;
      const { status, stderr } = await setting.run(["audit"]);
      expect([status, asked]).to.deep.equal([1, 4]);
      expect(stderr).to.match(
        /Error: Planhat's list of companies \(.*\/companies\) does not end: 3 pages in a row brought nothing new\./,
      );
    } finally {
      await setting.close();
    }
  });
});

function noteRecords({ store }: Sandbox): object[] {
  return store
    .find("notes", ({ deleted }) => !deleted)
    .sort((one, other) => (String(one["update_time"]) < String(other["update_time"]) ? -1 : 1))
    .slice(0, 5);
}
