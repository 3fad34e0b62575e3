import { expect } from "chai";
import { inventAccount } from "../../../connector/sandbox/account/account.ts";
import { changeSomeDeals } from "../../../connector/sandbox/store/changes.ts";
import { type RecordChange, Store } from "../../../connector/sandbox/store/store.ts";

describe("what happens in Pipedrive between the demo's two syncs", () => {
  it("is told in sentences, and is what really changed", () => {
    const account = inventAccount();
    const store = new Store(account, () => new Date("2026-11-02T09:00:00Z"));
    const changes: RecordChange[] = [];
    store.onChange((change) => changes.push(change));
    const sentences = changeSomeDeals(store);
    const pattern = (sentence: string) =>
      sentence
        .replace(/“.*”/g, "X")
        .replace(/\d[\d.]*/g, "N")
        .replace(/ [A-Z]{3}\.$/, " CUR.");
    expect(sentences.map(pattern)).to.deep.equal([
      "Won the deal X (N).",
      "Won the deal X (N).",
      "Won the deal X (N).",
      "Changed the value of the deal X (N) from N to N CUR.",
      "Changed the value of the deal X (N) from N to N CUR.",
      "Renamed the organization X.",
      "Cleared the website of the organization X (N).",
      "Moved the deal X (N) to the pipeline Renewals.",
      "Marked the won deal X (N) lost.",
    ]);
    expect(
      changes.map(({ stream, record, previous }) => [
        stream,
        Object.keys(previous ?? {}).includes("status") ? record["status"] : null,
      ]),
    ).to.deep.equal([
      ["deals", "won"],
      ["deals", "won"],
      ["deals", "won"],
      ["deals", null],
      ["deals", null],
      ["organizations", null],
      ["organizations", null],
      ["deals", null],
      ["deals", "lost"],
    ]);
    expect(changes.every(({ record }) => record["update_time"] === "2026-11-02T09:00:00Z")).to.equal(true);
    expect(changes[6]?.record["website"]).to.equal(null);
    const organizations = changes.filter(({ stream }) => stream === "deals").map(({ record }) => record["org_id"]);
    expect(new Set(organizations).size).to.equal(7);
  });

  it("leaves out what an account is too small for", () => {
    const store = new Store(inventAccount({ organizations: 0, persons: 0, deals: 3, notes: 0 }), () => new Date());
    expect(changeSomeDeals(store)).to.deep.equal([]);
  });
});
