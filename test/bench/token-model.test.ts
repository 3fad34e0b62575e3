import { expect } from "chai";
import {
  type AccountShape,
  catalogTokens,
  type Day,
  largestAccount,
  pages,
  smallestBudget,
  syncAgainTokens,
  syncTokens,
  tokensByIds,
  tokensOfOneDeal,
  tokensPerDay,
} from "../../bench/token-model.ts";
import { inventAccount } from "../../connector/sandbox/account/account.ts";
import type { Sandbox } from "../../connector/sandbox/server.ts";
import type { Entry } from "../../connector/sandbox/store/entry.ts";
import type { ListedStream } from "../../connector/stream-name.ts";
import { itLong } from "../long.ts";
import { type SandboxSync, sandboxSync } from "../sandbox-sync.ts";

describe("the model of API tokens", () => {
  const account = inventAccount({ organizations: 520, persons: 1010, deals: 1300, notes: 1600 });
  let hours = 0;
  let setting: SandboxSync;

  before(async () => {
    const clock = () => new Date(account.now.getTime() + hours * 3_600_000);
    setting = await sandboxSync("server", { account, burstLimit: 1e6, dailyTokens: 1e9, clock });
  });

  after(() => setting.close());

  itLong(
    "says what the sandbox counts for a first sync, one with nothing new, one of changes and a full one",
    async () => {
      const shape = shapeOf(setting.sandbox);
      expect(await counted(), "first").to.equal(syncTokens(shape));
      expect(await counted(), "nothing new").to.equal(syncAgainTokens(nothing));
      await setting.hourPasses();
      expect(await counted(), "an hour later").to.equal(syncTokens(nothing));
      hours += 2;
      const { store } = setting.sandbox;
      const deals = store.find("deals", ({ archived, deleted }) => !archived && !deleted).slice(0, 620);
      for (const { id } of deals) store.update("deals", id as number, { value: 4711 });
      const notes = store.find("notes", ({ deleted }) => !deleted).slice(0, 510);
      for (const { id } of notes) store.update("notes", id as number, { content: "Changed" });
      expect(await counted(), "changes").to.equal(syncAgainTokens({ ...nothing, deals: 620, notes: 510 }));
      expect(await counted("--full"), "full").to.equal(syncTokens(shape));
    },
  );

  it("says what the sandbox counts for a deal whose organization, persons and notes are asked for by themselves", async () => {
    const { url, token, requests } = setting.sandbox;
    requests.reset();
    for (const path of ["/api/v2/organizations/1", "/api/v2/persons?org_id=1", "/v1/notes?deal_id=1"]) {
      expect((await fetch(url + path, { headers: { "x-api-token": token } })).status).to.equal(200);
    }
    expect(requests.tokens).to.equal(tokensOfOneDeal);
  });

  it("counts records by ids as the lists and single requests take them: a hundred, or one by one", () => {
    const asked = [0, 1, 2, 3, 100, 102, 103].map((records) => [
      tokensByIds("persons", records),
      tokensByIds("notes", records),
    ]);
    expect(asked).to.deep.equal([
      [0, 0],
      [1, 2],
      [2, 4],
      [10, 6],
      [10, 200],
      [12, 204],
      [20, 206],
    ]);
  });

  it("costs less on the schedule with lean copies than with a request per changed deal", () => {
    const { schedule, scheduleLean, requestPerDeal } = tokensPerDay(million, { ...quiet, changeRate: 0.01 });
    expect(scheduleLean)
      .to.be.above(schedule)
      .and.below(schedule + requestPerDeal / 3);
    expect(tokensPerDay(million, quiet).scheduleLean).to.equal(tokensPerDay(million, quiet).schedule);
  });

  it("counts pages as the lists have them", () => {
    const asked = [0, 1, 499, 500, 501, 999, 1000, 1001].map((records) => [
      pages("deals", records),
      pages("notes", records),
    ]);
    expect(asked).to.deep.equal([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 2],
      [2, 2],
      [2, 3],
      [3, 3],
    ]);
  });

  const quiet: Day = { changeRate: 0, runs: 96, eligible: 0.5, hours: 24 };

  it("asks for the lists once a run when nothing changes, however large the account is", () => {
    const { schedule, requestPerDeal } = tokensPerDay(million, quiet);
    expect(schedule)
      .to.equal(96 * (2 + 70) + 24 * catalogTokens)
      .and.at.most(9_000);
    expect(requestPerDeal).to.equal(96 * 10);
  });

  it("costs less than a request per deal as soon as deals change, and than full refreshes always", () => {
    for (const changeRate of [0.001, 0.01, 0.1]) {
      const { schedule, both, serve, requestPerDeal, fullRefreshes } = tokensPerDay(million, { ...quiet, changeRate });
      expect(schedule)
        .to.be.lessThan(requestPerDeal)
        .and.lessThan(fullRefreshes / 10);
      expect(both).to.be.closeTo(schedule + serve - 24 * catalogTokens, 0.001);
    }
  });

  it("takes a single event for 41 tokens where its deal may sync, and for 1 where not", () => {
    const one: AccountShape = { ...nothing, deals: 1 };
    const day = { ...quiet, changeRate: 1 };
    const cost = (eligible: number) =>
      tokensPerDay(one, { ...day, eligible }).serve - tokensPerDay(nothing, { ...day, eligible }).serve;
    expect(cost(1)).to.be.closeTo(41, 0.01);
    expect(cost(0)).to.be.closeTo(1, 0.01);
  });

  it("finds the largest account that a day's budget holds", () => {
    const shape = (deals: number): AccountShape => ({ ...nothing, deals });
    const deals = largestAccount(smallestBudget, shape, syncTokens);
    expect(syncTokens(shape(deals))).to.be.at.most(smallestBudget);
    expect(syncTokens(shape(deals + 1))).to.be.greaterThan(smallestBudget);
  });

  async function counted(...options: string[]): Promise<number> {
    setting.sandbox.requests.reset();
    const { requests } = await setting.sync(...options);
    expect(requests.tokens).to.equal(setting.sandbox.requests.tokens);
    return requests.tokens;
  }
});

const nothing: AccountShape = { deals: 0, archivedDeals: 0, organizations: 0, persons: 0, notes: 0 };
const million: AccountShape = {
  deals: 950_000,
  archivedDeals: 50_000,
  organizations: 200_000,
  persons: 400_000,
  notes: 600_000,
};

function shapeOf({ store }: Sandbox): AccountShape {
  const count = (stream: ListedStream, matches: (entry: Entry) => boolean) => store.find(stream, matches).length;
  const isThere = ({ deleted }: Entry) => !deleted;
  return {
    deals: count("deals", ({ archived, deleted }) => !archived || deleted),
    archivedDeals: count("deals", ({ archived, deleted }) => archived && !deleted),
    organizations: count("organizations", isThere),
    persons: count("persons", isThere),
    notes: count("notes", isThere),
  };
}
