import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { openJobQueue } from "../../../connector/service/jobs/job-queue.ts";
import type { EventHint } from "../../../connector/service/jobs/jobs.ts";
import { onServerFirst } from "../../databases.ts";
import { inTestLong, itLong } from "../../long.ts";
import { freePort, startServe, syncToken } from "../../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

describe("many events at once", function () {
  this.timeout(400_000);

  onServerFirst((kind) => {
    let setting: SandboxSync;
    beforeEach(async () => {
      setting = await sandboxSync(kind, { ...emptyAccount, burstLimit: 100_000, dailyTokens: 1_000_000 });
      // Only the events cause a sync.
      setting.configure(`sync_token: ${syncToken}\nfollow_changes: true\n`);
    });
    afterEach(() => setting.close());

    /** Lets serve process these events, which arrived before its start; returns its requests to the API for records. */
    const workOff = async (hints: readonly EventHint[]): Promise<Record<string, number>> => {
      const database = await openDatabase(setting.location);
      const queue = await openJobQueue(database, () => {});
      await queue.storeEvents(hints.map((hint) => ({ ...hint, at: new Date().toISOString() })));
      await queue.close();
      await database.close();
      setting.sandbox.requests.reset();
      const service = await startServe(setting, await freePort());
      await service.settled();
      expect((await service.end()).status).to.equal(143);
      const { byPath } = setting.sandbox.requests;
      const records = /^GET \/(api\/v2\/(deals|organizations|persons)(\/|$)|v1\/notes(\/|$))/;
      return Object.fromEntries(Object.entries(byPath).filter(([path]) => records.test(path)));
    };
    const deleted = async (table: string) => {
      const [row] = await setting.look<{ count: number }>(
        `select count(*) filter (where deleted)::int as count from pipedrive.${table}`,
      );
      return row?.count;
    };

    it("6,000 of deals that do not exist: asked a hundred at a time", async () => {
      wonDeal(setting.sandbox);
      await setting.sync();
      const hints = Array.from({ length: 6_000 }, (_, index): EventHint => {
        return { stream: "deals", id: 1_000_000 + index, deleted: false };
      });
      expect(await workOff(hints)).to.deep.equal({
        "GET /api/v2/deals": 60,
        "GET /api/v2/deals/archived": 60,
        "GET /api/v2/deals/{id}": 10,
      });
    });

    for (const shown of inTestLong ? [true, false] : [false]) {
      it(`a bulk delete of deals, ids ${shown ? "show" : "do not show"} deleted ones: a hundred at a time`, async () => {
        const { store } = setting.sandbox;
        store.idsShowDeleted = shown;
        const ids = Array.from({ length: 250 }, () => wonDeal(setting.sandbox).dealId);
        await setting.sync();
        for (const id of ids) store.delete("deals", id);
        const asked = await workOff(ids.map((id) => ({ stream: "deals", id, deleted: true })));
        expect(asked).to.deep.equal({ "GET /api/v2/deals": 3, ...(shown ? {} : { "GET /api/v2/deals/archived": 3 }) });
        expect(await deleted("deals")).to.equal(250);
        expect(await setting.look("select from planhat.licenses"), "their rows stay").to.have.length(250);
      });
    }

    itLong("a bulk delete of organizations and notes: a hundred at a time, notes not at all", async () => {
      const { store } = setting.sandbox;
      const won = Array.from({ length: 120 }, () => wonDeal(setting.sandbox));
      const notes = won.map(
        ({ dealId }) => store.create("notes", { content: "Hello", deal_id: dealId })["id"] as number,
      );
      await setting.sync();
      for (const { organizationId } of won) store.delete("organizations", organizationId);
      for (const id of notes) store.delete("notes", id);
      const hints: EventHint[] = [
        ...won.map(({ organizationId: id }): EventHint => ({ stream: "organizations", id, deleted: true })),
        ...notes.map((id): EventHint => ({ stream: "notes", id, deleted: true })),
      ];
      expect(await workOff(hints)).to.deep.equal({ "GET /api/v2/organizations": 2 });
      expect(await deleted("organizations")).to.equal(120);
      expect(await deleted("notes")).to.equal(120);
    });

    it("an import that the lists do not show yet: every deal is a row", async () => {
      await setting.sync();
      setting.sandbox.store.listLag = 3_600;
      const ids = Array.from({ length: 120 }, () => wonDeal(setting.sandbox).dealId);
      const asked = await workOff(ids.map((id) => ({ stream: "deals", id, deleted: false })));
      expect(asked["GET /api/v2/deals/{id}"]).to.equal(120);
      expect(await setting.look("select from planhat.licenses")).to.have.length(120);
    });
  });
});
