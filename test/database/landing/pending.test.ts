import { expect } from "chai";
import type { Database } from "../../../connector/database/database.ts";
import { landRecords } from "../../../connector/database/landing/landing.ts";
import {
  addLandedDeals,
  addPending,
  countPending,
  nextPending,
  type PendingEntry,
  removePending,
} from "../../../connector/database/landing/pending.ts";
import { eachDatabase } from "../../databases.ts";

describe("pending work", () => {
  eachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.query("truncate connector.pending, pipedrive.deals");
    });
    const add = (...entries: PendingEntry[]) => database.transaction((transaction) => addPending(transaction, entries));
    const entry = (organizationId: number, stream: PendingEntry["stream"], recordId: number): PendingEntry => ({
      organizationId,
      stream,
      recordId,
    });
    const inOrder = [entry(0, "deals", 9), entry(2, "deals", 5), entry(2, "notes", 1), entry(10, "deals", 3)];

    it("comes in the order of organizations, each entry once", async () => {
      await add(inOrder[3]!, inOrder[1]!, inOrder[1]!);
      await add(inOrder[2]!, inOrder[0]!, inOrder[1]!);
      await add();
      expect(await nextPending(database, { limit: 10 })).to.deep.equal(inOrder);
      expect(await countPending(database)).to.equal(4);
    });

    it("comes page by page", async () => {
      await add(...inOrder);
      expect(await nextPending(database, { limit: 3 })).to.deep.equal(inOrder.slice(0, 3));
      expect(await nextPending(database, { limit: 3, after: inOrder[2] })).to.deep.equal(inOrder.slice(3));
      expect(await nextPending(database, { limit: 3, after: inOrder[3] })).to.deep.equal([]);
    });

    it("comes for some organizations only", async () => {
      await add(...inOrder);
      expect(await nextPending(database, { limit: 9, organizations: [10, 0] })).to.deep.equal([inOrder[0], inOrder[3]]);
      expect(await nextPending(database, { limit: 9, organizations: [] })).to.deep.equal([]);
    });

    it("goes when it is done, and only that", async () => {
      await add(...inOrder);
      await database.transaction((transaction) => removePending(transaction, [inOrder[0]!, inOrder[2]!]));
      expect(await nextPending(database, { limit: 9 })).to.deep.equal([inOrder[1], inOrder[3]]);
    });

    it("can be every landed deal", async () => {
      const deal = (id: number, org: number | null) => ({
        id,
        record: { org_id: org },
        updateTime: null,
        deleted: id === 2,
      });
      await database.transaction((transaction) =>
        landRecords(transaction, "deals", [deal(1, 7), deal(2, 3), deal(3, null)], {
          extractedAt: "2026-01-01T00:00:00Z",
        }),
      );
      await add(entry(7, "deals", 1));
      expect(await database.transaction(addLandedDeals)).to.equal(3);
      expect(await nextPending(database, { limit: 9 })).to.deep.equal([
        entry(0, "deals", 3),
        entry(3, "deals", 2),
        entry(7, "deals", 1),
      ]);
    });
  });
});
