import { expect } from "chai";
import { optionalFields } from "../../../connector/mapping/check/asked-fields.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { officialClient, refusal, request, send } from "../client.ts";

interface Page {
  data?: { id?: number; update_time?: string | null }[];
  additional_data?: { next_cursor?: string | null };
}

/** Follows all cursors; returns the records of all pages and the number of pages. */
async function walk<Item>(page: (cursor?: string) => Promise<Page>): Promise<{ records: Item[]; pages: number }> {
  const records: Item[] = [];
  let cursor: string | null | undefined;
  let pages = 0;
  do {
    const answer = await (cursor ? page(cursor) : page());
    records.push(...((answer.data ?? []) as Item[]));
    cursor = answer.additional_data?.next_cursor;
    pages += 1;
  } while (cursor);
  return { records, pages };
}

describe("the sandbox's lists, read by the official client", () => {
  let sandbox: Sandbox;
  let client: ReturnType<typeof officialClient>;
  before(async () => {
    sandbox = await startSandbox({ burstLimit: 10_000, dailyTokens: 1_000_000 });
    client = officialClient(sandbox);
  });
  after(() => sandbox.close());

  type Deal = { id: number; update_time: string | null; status: string; is_deleted: boolean; is_archived: boolean };
  const cursorOf = (cursor?: string) => (cursor === undefined ? {} : { cursor });

  it("gives every deal that is neither deleted nor archived once, in pages of 500", async () => {
    const { records, pages } = await walk<Deal>(
      (cursor) => client.deals.getDeals({ limit: 500, ...cursorOf(cursor) }) as never,
    );
    const kept = [...sandbox.account.records.deals].filter((deal) => !deal["is_deleted"] && !deal["is_archived"]);
    expect(records).to.deep.equal(kept);
    expect(pages).to.equal(Math.ceil(kept.length / 500));
  });

  it("gives 100 records where no limit is sent", async () => {
    expect((await client.organizations.getOrganizations()).data).to.have.length(100);
  });

  it("orders by update_time and then id, null first, and never loses one of those that share a time", async () => {
    const { records } = await walk<Deal>(
      (cursor) => client.deals.getDeals({ limit: 7, sort_by: "update_time", ...cursorOf(cursor) }) as never,
    );
    const sorted = [...records].sort(
      (one, other) => (one.update_time ?? "").localeCompare(other.update_time ?? "") || one.id - other.id,
    );
    expect(records.map(({ id }) => id)).to.deep.equal(sorted.map(({ id }) => id));
    expect(new Set(records.map(({ id }) => id)).size).to.equal(records.length);
    expect(records[0]?.update_time).to.equal(null);
  });

  it("gives the same records backwards in descending order", async () => {
    const read = async (sort_direction: "asc" | "desc") =>
      (
        await walk<Deal>(
          (cursor) =>
            client.deals.getDeals({ limit: 33, sort_by: "add_time", sort_direction, ...cursorOf(cursor) }) as never,
        )
      ).records;
    expect(await read("desc")).to.deep.equal((await read("asc")).reverse());
  });

  it("takes updated_since as inclusive and updated_until as exclusive", async () => {
    const at = "2024-03-01T06:00:00Z";
    const since = await client.deals.getDeals({ updated_since: at, limit: 500, sort_by: "update_time" });
    const until = await client.deals.getDeals({ updated_until: at, limit: 500, sort_by: "update_time" });
    expect(since.data?.[0]?.update_time).to.equal(at);
    expect(until.data?.every((deal) => (deal.update_time as string) < at)).to.equal(true);
    expect(until.data?.length).to.be.greaterThan(0);
  });

  it("leaves records without update_time out of updated_since", async () => {
    const { records } = await walk<Deal>(
      (cursor) =>
        client.deals.getDeals({ limit: 500, updated_since: "2000-01-01T00:00:00Z", ...cursorOf(cursor) }) as never,
    );
    expect(records.filter((deal) => deal.update_time === null)).to.deep.equal([]);
  });

  it("gives the ids that exist and passes over the others", async () => {
    const { data } = await client.deals.getDeals({ ids: "3,1,999999" });
    expect(data?.map(({ id }) => id)).to.deep.equal(
      [1, 3].filter((id) => !sandbox.store.get("deals", id)?.["is_deleted"]),
    );
  });

  it("refuses more than 100 ids and more than 500 records a page", async () => {
    const ids = Array.from({ length: 101 }, (_, index) => index + 1).join(",");
    expect((await refusal(client.deals.getDeals({ ids })))["error"]).to.equal(
      "Validation failed: ids: Parameter 'ids' must contain at most 100 items",
    );
    expect((await refusal(client.deals.getDeals({ limit: 501 })))["error"]).to.equal(
      "Validation failed: limit: Parameter 'limit' must be less than or equal to 500",
    );
  });

  it("filters deals by status, several at once", async () => {
    const { records } = await walk<Deal>(
      (cursor) => client.deals.getDeals({ limit: 500, status: "won,lost" as "won", ...cursorOf(cursor) }) as never,
    );
    expect([...new Set(records.map(({ status }) => status))].sort()).to.deep.equal(["lost", "won"]);
    expect(records.filter((deal) => deal.is_deleted)).to.deep.equal([]);
  });

  it("lists deals deleted within the last 30 days with status=deleted, and only then", async () => {
    const { data = [] } = await client.deals.getDeals({ limit: 500, status: "deleted" });
    const oldest = new Date(sandbox.account.now.getTime() - 30 * 86_400_000).toISOString();
    expect(data.length).to.be.greaterThan(10);
    expect(data.every((deal) => deal.is_deleted === true && (deal.update_time as string) >= oldest)).to.equal(true);
    const older = sandbox.store
      .find("deals", (deal) => deal.deleted)
      .filter((deal) => (deal["update_time"] as string) < oldest);
    expect(older.length).to.be.greaterThan(0);
    const gone = await refusal(client.deals.getDeal({ id: older[0]?.["id"] as number }));
    expect(gone).to.deep.equal({ success: false, error: "Deal not found", code: "ERR_NOT_FOUND" });
  });

  it("keeps archived deals in a list of their own", async () => {
    const { data = [] } = await client.deals.getArchivedDeals({ limit: 500 });
    expect(data.length).to.equal([...sandbox.account.records.deals].filter((deal) => deal["is_archived"]).length);
    expect(data.every((deal) => deal.is_archived === true)).to.equal(true);
    expect((await client.deals.getDeal({ id: data[0]?.id as number })).data?.is_archived).to.equal(true);
  });

  it("never lists deleted organizations and persons, and still gives them by id", async () => {
    const { data = [] } = await client.organizations.getOrganizations({ ids: "20,21,22" });
    expect(data.map(({ id }) => id)).to.deep.equal([20, 22]);
    expect((await client.organizations.getOrganization({ id: 21 })).data?.is_deleted).to.equal(true);
    expect((await client.persons.getPersons({ ids: "33" })).data).to.deep.equal([]);
    expect((await client.persons.getPerson({ id: 33 })).data?.is_deleted).to.equal(true);
  });

  it("filters by organization, person, owner, pipeline and stage", async () => {
    const { data: deals = [] } = await client.deals.getDeals({ org_id: 1, limit: 500 });
    expect(deals.length).to.be.greaterThan(3);
    expect(deals.every((deal) => deal.org_id === 1)).to.equal(true);
    const { data: people = [] } = await client.persons.getPersons({ org_id: 1 });
    expect(people.map(({ org_id }) => org_id)).to.deep.equal(people.map(() => 1));
    expect(people.length).to.be.greaterThan(0);
    const { data: renewals = [] } = await client.deals.getDeals({
      pipeline_id: 2,
      owner_id: 12,
      stage_id: 8,
      limit: 500,
    });
    expect(renewals.length).to.be.greaterThan(0);
    expect(renewals.every((deal) => deal.pipeline_id === 2 && deal.owner_id === 12 && deal.stage_id === 8)).to.equal(
      true,
    );
  });

  it("finds the person of a deal", async () => {
    const [deal] = sandbox.store.find("deals", (entry) => entry.person !== null && !entry.deleted);
    const { data } = await client.persons.getPersons({ deal_id: deal?.["id"] as number });
    expect(data?.map(({ id }) => id)).to.deep.equal([deal?.["person_id"]]);
  });

  it("gives labels in place of option ids when asked, and only the custom fields asked for", async () => {
    const products = sandbox.store.fields.deals.find((field) => field.field_name === "Products");
    const code = products?.field_code as string;
    const { data = [] } = await client.deals.getDeals({
      limit: 500,
      custom_fields: code,
      include_option_labels: true,
      include_labels: true,
    });
    const block = data
      .map((deal) => deal.custom_fields as Record<string, unknown> | null)
      .find((fields) => fields?.[code]);
    expect(Object.keys(block ?? {})).to.deep.equal([code]);
    expect((block as Record<string, { id: number; label: string }[]>)[code]?.[0]).to.have.keys("id", "label");
    const labelled = data.find((deal) => (deal.label_ids?.length ?? 0) > 0) as unknown as {
      labels: { label: string }[];
    };
    expect(labelled.labels[0]?.label).to.be.oneOf(["Hot", "Upsell", "Needs legal"]);
  });

  it("refuses a parameter it does not know, by name", async () => {
    const { status, body } = await send(sandbox, "GET", "/api/v2/deals?page=2");
    expect(status).to.equal(400);
    expect(body).to.deep.equal({
      success: false,
      error: "Validation failed: page: Parameter 'page' is not allowed for this request",
      code: "ERR_SCHEMA_VALIDATION_FAILED",
    });
  });

  for (const path of ["pipelines", "stages"]) {
    it(`refuses updated_since for ${path}, which cannot be filtered by time`, async () => {
      const { status } = await send(sandbox, "GET", `/api/v2/${path}?updated_since=2026-01-01T00:00:00Z`);
      expect(status).to.equal(400);
    });
  }

  for (const time of ["2026-01-01T00:00:00.000Z", "2026-01-01 00:00:00", "2026-02-30T00:00:00Z", "yesterday"]) {
    it(`refuses ${time} as updated_since`, async () => {
      const { body } = await send(sandbox, "GET", `/api/v2/deals?updated_since=${encodeURIComponent(time)}`);
      expect(body.error).to.equal(
        "Validation failed: updated_since: Parameter 'updated_since' is not a valid datetime",
      );
    });
  }

  it("refuses a cursor that is broken or comes from another order", async () => {
    const { additional_data } = await client.deals.getDeals({ limit: 5 });
    const cursor = additional_data?.next_cursor as string;
    for (const query of [{ cursor, sort_by: "update_time" as const }, { cursor: "bm9wZQ" }]) {
      expect((await refusal(client.deals.getDeals(query)))["error"]).to.equal(
        "Validation failed: cursor: Parameter 'cursor' is not valid for this request",
      );
    }
  });

  it("pages field lists, pipelines and stages to the end", async () => {
    const small = await startSandbox({
      organizations: 1,
      persons: 1,
      deals: 1,
      notes: 1,
      extraFields: 150,
      burstLimit: 1000,
    });
    try {
      const { dealFields } = officialClient(small);
      const { records, pages } = await walk<{ field_code: string }>(
        (cursor) => dealFields.getDealFields({ limit: 100, ...cursorOf(cursor) }) as never,
      );
      expect(pages).to.equal(2);
      expect(records).to.deep.equal(small.store.fields.deals);
    } finally {
      await small.close();
    }
    const stages = await walk<{ name: string }>(
      (cursor) => client.stages.getStages({ limit: 4, ...cursorOf(cursor) }) as never,
    );
    expect(stages.records).to.deep.equal(sandbox.store.stages);
    expect((await client.pipelines.getPipelines()).data?.map(({ name }) => name)).to.deep.equal([
      "Sales",
      "Renewals",
      "Partners",
    ]);
  });

  it("answers 404 for what never was, and 410 for the lists that v1 lost", async () => {
    expect((await send(sandbox, "GET", "/api/v2/deals/999999")).status).to.equal(404);
    expect((await send(sandbox, "GET", "/api/v2/nothing")).status).to.equal(404);
    for (const path of ["/v1/deals", "/api/v1/persons", "/v1/organizations/1"]) {
      expect((await send(sandbox, "GET", path)).status).to.equal(410);
    }
  });

  it("keeps what a record's text says that no number can hold", async () => {
    sandbox.store.putText(
      "organizations",
      '{"id":399,"name":"Big","update_time":"2026-10-01T00:00:00Z","annual_revenue":12345678901234567890}',
    );
    const text = await (await request(sandbox, "/api/v2/organizations/399")).text();
    expect(text).to.include('"annual_revenue":12345678901234567890');
    const list = await (await request(sandbox, "/api/v2/organizations?ids=399")).text();
    expect(list).to.include('"annual_revenue":12345678901234567890');
  });

  describe("fields that are sent only where they are asked for", () => {
    it("takes every one that there is, in each place, and gives it there only", async () => {
      for (const [stream, paths] of [
        ["organizations", ["organizations", "organizations/1"]],
        ["persons", ["persons", "persons/1"]],
        ["deals", ["deals", "deals/archived", "deals/1"]],
      ] as const) {
        for (const path of paths) {
          const asked = optionalFields[stream];
          const plain = await send(sandbox, "GET", `/api/v2/${path}`);
          const full = await send(sandbox, "GET", `/api/v2/${path}?include_fields=${asked.join(",")}`);
          const [without, complete] = [plain, full].map(({ body }) => {
            const data = (body as unknown as { data: object | object[] }).data;
            return Object.keys(Array.isArray(data) ? data[0]! : data);
          });
          expect(
            without!.filter((key) => asked.includes(key)),
            path,
          ).to.deep.equal([]);
          expect(
            asked.filter((key) => !complete!.includes(key)),
            path,
          ).to.deep.equal([]);
        }
      }
    });

    it("refuses a name that it does not know", async () => {
      const { status, body } = await send(sandbox, "GET", "/api/v2/deals?include_fields=people_count");
      expect([status, body.code]).to.deep.equal([400, "ERR_SCHEMA_VALIDATION_FAILED"]);
    });
  });
});
