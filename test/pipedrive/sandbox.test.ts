import { expect } from "chai";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { readAccount, readCatalog } from "../../connector/pipedrive/account/account.ts";
import { createBudget } from "../../connector/pipedrive/client/budget.ts";
import { type Client, createClient } from "../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../connector/pipedrive/client/company-url.ts";
import { readOfOrganization, readRecord } from "../../connector/pipedrive/lists/read-of-organization.ts";
import { readPages, type StreamState } from "../../connector/pipedrive/lists/read-pages.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../connector/sandbox/server.ts";
import { type ListedStream, listedStreams } from "../../connector/stream-name.ts";
import { failureOf } from "./failure-of.ts";

describe("reading a whole account", () => {
  let sandbox: Sandbox;
  afterEach(async () => sandbox.close());

  async function open(options: SandboxOptions = {}) {
    sandbox = await startSandbox({ burstLimit: 1000, ...options });
    const budget = createBudget();
    const client = createClient({
      companyUrl: parseCompanyUrl(`${sandbox.url}/v1`),
      apiToken: sandbox.token,
      budget,
      patience: { firstPause: 1, longestPause: 4, silence: 500 },
    });
    return { client, budget };
  }

  async function read(client: Client, stream: ListedStream, state?: StreamState) {
    const records = new Map<number, JsonObject>();
    let last = state;
    for await (const page of readPages(client, stream, { state })) {
      for (const { id, record } of page.records) records.set(id, record);
      expect(page.rejected).to.deep.equal([]);
      last = page.state;
    }
    return { records, state: last };
  }

  /** Returns the ids of the account's records that lists show. */
  function listed(stream: ListedStream): number[] {
    const records = [...sandbox.account.records[stream]];
    const isListed = (record: JsonObject) =>
      stream === "deals" || (record["is_deleted"] !== true && record["active_flag"] !== false);
    return records.filter(isListed).map(({ id }) => id as number);
  }
  const sorted = (ids: Iterable<number>) => [...ids].sort((one, other) => one - other);

  it("finds every record that Pipedrive shows, whole", async () => {
    const { client } = await open();
    for (const stream of ["organizations", "persons", "notes"] as const) {
      const { records } = await read(client, stream);
      expect(sorted(records.keys())).to.deep.equal(sorted(listed(stream)));
    }
    const { records: deals } = await read(client, "deals");
    const shown = [...sandbox.account.records.deals].filter(
      (deal) => deals.has(deal["id"] as number) || deal["is_archived"] !== true || deal["is_deleted"] !== true,
    );
    const missing = shown.filter(({ id }) => !deals.has(id as number));
    expect(missing.every(({ is_deleted: deleted }) => deleted === true)).to.equal(true);
    expect([...deals.values()].filter((deal) => deal["is_archived"] === true)).not.to.have.length(0);
    expect([...deals.values()].filter((deal) => deal["is_deleted"] === true)).not.to.have.length(0);
    for (const deal of sandbox.account.records.deals) {
      const read = deals.get(deal["id"] as number);
      if (read !== undefined) expect(read).to.deep.equal(deal);
    }
  });

  it("costs twelve requests when there is nothing new, and as many tokens as Pipedrive counts", async () => {
    const { client, budget } = await open();
    const states: Partial<Record<ListedStream, StreamState | undefined>> = {};
    for (const stream of listedStreams) states[stream] = (await read(client, stream)).state;
    const before = budget.usage().count;
    await readAccount(client);
    await readCatalog(client);
    for (const stream of listedStreams) {
      const again = await read(client, stream, states[stream]);
      expect(again.state).to.deep.equal(states[stream]);
    }
    expect(budget.usage().count - before).to.equal(12);
    expect(budget.usage().tokens).to.equal(sandbox.requests.tokens);
    expect(budget.usage().count).to.equal(sandbox.requests.count);
  });

  it("finds what changed since, and only that beside the last minute", async () => {
    const { client } = await open();
    const { state } = await read(client, "organizations");
    sandbox.store.update("organizations", 2, { name: "Renamed" }, "app");
    const { records } = await read(client, "organizations", state);
    expect(records.get(2)?.["name"]).to.equal("Renamed");
    expect(records.size).to.be.below(5);
  });

  it("is the same after every kind of trouble on the way", async () => {
    const troubles = ["reset", "truncate", "hang", 500, 503, 429] as const;
    let count = 0;
    const { client, budget } = await open({
      intercept: ({ attempt }) => {
        if (attempt > 1) return undefined;
        const trouble = troubles[count++ % troubles.length]!;
        if (typeof trouble === "string") return trouble;
        const headers = { "x-ratelimit-reset": "0" };
        return new Response(JSON.stringify({ success: false, error: "trouble" }), { status: trouble, headers });
      },
    });
    for (const stream of ["persons", "notes"] as const) {
      expect(sorted((await read(client, stream)).records.keys())).to.deep.equal(sorted(listed(stream)));
    }
    expect(budget.usage().retried).to.equal(count);
  });

  it("stays within the smallest plan's limits", async () => {
    const { client, budget } = await open({ burstLimit: 20 });
    await Promise.all(Array.from({ length: 25 }, () => client.get("/api/v2/pipelines", {}, { tokens: 5 })));
    expect(budget.usage().retried).to.equal(0);
  });

  it("ends with a sentence when the day's tokens run out", async () => {
    const { client } = await open({ dailyTokens: 45 });
    const failure = await failureOf(async () => {
      for (;;) await read(client, "organizations");
    });
    expect(failure.kind).to.equal("surroundings");
    expect(failure.message).to.match(/API tokens (left today|for today are used up)/);
  });

  it("is refused with a wrong token", async () => {
    await open();
    const client = createClient({
      companyUrl: parseCompanyUrl(sandbox.url),
      apiToken: "wrong",
      budget: createBudget(),
    });
    const failure = await failureOf(() => readAccount(client));
    expect(failure.kind).to.equal("surroundings");
    expect(failure.message).to.equal("Pipedrive refused the API token (401: unauthorized access).");
  });

  it("reads one company with what belongs to it", async () => {
    const { client } = await open();
    const { records } = sandbox.account;
    const live = <Name extends ListedStream>(stream: Name) =>
      [...records[stream]].filter((record) => record["is_deleted"] !== true && record["active_flag"] !== false);
    const deal = live("deals").find(({ org_id: organization, person_id: person, is_archived: archived }) => {
      const elsewhere = live("persons").find(({ id }) => id === person);
      return (
        organization !== null && archived !== true && elsewhere !== undefined && elsewhere["org_id"] !== organization
      );
    })!;
    const organizationId = deal["org_id"] as number;
    const groups = await readOfOrganization(client, organizationId, ["organizations", "persons", "deals", "notes"]);
    expect(groups.map(({ stream }) => stream)).to.deep.equal(["organizations", "persons", "deals", "notes"]);
    const [organizations, persons, deals, notes] = groups.map((group) => sorted(group.records.map(({ id }) => id)));
    expect(organizations).to.deep.equal([organizationId]);
    expect(persons).to.include(deal["person_id"]);
    const ofOrganization = (record: JsonObject) => record["org_id"] === organizationId;
    const ids = (found: JsonObject[]) => sorted(found.map(({ id }) => id as number));
    expect(persons).to.include.members(ids(live("persons").filter(ofOrganization)));
    expect(deals).to.include.members(ids(live("deals").filter(ofOrganization)));
    const expectedNotes = live("notes").filter(
      (note) =>
        ofOrganization(note) ||
        deals!.includes(note["deal_id"] as number) ||
        persons!.includes(note["person_id"] as number),
    );
    expect(notes).to.deep.equal(ids(expectedNotes));
  });

  it("reads only what is asked for of a company, and says when there is none", async () => {
    const { client, budget } = await open();
    const groups = await readOfOrganization(client, 1, ["organizations"]);
    expect(budget.usage().tokens).to.equal(1);
    expect(groups.map(({ stream, records }) => [stream, records.length])).to.deep.equal([["organizations", 1]]);
    const failure = await failureOf(() => readOfOrganization(client, 999_999, ["organizations"]));
    expect(failure.kind).to.equal("run");
    expect(failure.message).to.equal("Pipedrive has no organization 999999, or the token's user may not see it.");
  });

  it("reads one record, also a deleted one, and finds that there is none", async () => {
    const { client } = await open();
    const deleted = [...sandbox.account.records.organizations].find((record) => record["is_deleted"] === true)!;
    const group = await readRecord(client, "organizations", deleted["id"] as number);
    expect(group!.records[0]!.deleted).to.equal(true);
    expect((await readRecord(client, "notes", 1))!.records[0]!.updateTime).to.match(/T.*Z$/);
    expect(await readRecord(client, "persons", 999_999)).to.equal(undefined);
  });
});
