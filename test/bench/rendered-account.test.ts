import { expect } from "chai";
import { type RenderedAccount, serveRendered } from "../../bench/rendered-account.ts";
import { inventAccount } from "../../connector/sandbox/account/account.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";

describe("the account that benchmarks sync", () => {
  const account = inventAccount({ products: "every", organizations: 120, persons: 240, deals: 700, notes: 650 });
  let [sandbox, rendered] = [{} as Sandbox, {} as RenderedAccount];

  before(async () => {
    sandbox = await startSandbox({ account, burstLimit: 1e6, dailyTokens: 1e9, clock: () => account.now });
    rendered = await serveRendered(account, { clock: () => account.now });
  });

  after(() => Promise.all([sandbox.close(), rendered.close()]));

  const ascending = "sort_by=update_time&sort_direction=asc";
  const walks = [
    `/api/v2/organizations?${ascending}&limit=50`,
    `/api/v2/persons?${ascending}&limit=500`,
    `/api/v2/deals?${ascending}&status=open,won,lost,deleted&limit=100`,
    `/api/v2/deals/archived?${ascending}&limit=10`,
    `/api/v2/deals?${ascending}&status=won&limit=100`,
    "/api/v2/deals?limit=100",
    "/api/v2/deals?sort_by=add_time&sort_direction=desc&limit=90",
    `/api/v2/persons?sort_by=update_time&sort_direction=desc&limit=70`,
    "/v1/notes?sort=update_time%20ASC%2C%20id%20ASC&limit=200",
    "/v1/notes?sort=add_time%20DESC&limit=200",
  ];
  const since = ["", "&updated_since=2024-03-01T06:00:00Z", "&updated_since=2026-10-20T00:00:00Z"];
  const others = [
    "/api/v2/deals/7",
    `/api/v2/deals/products?limit=500&deal_ids=${Array.from({ length: 100 }, (_, index) => index + 1).join(",")}`,
    "/api/v2/deals/products?limit=500&deal_ids=9,3,700,701,3",
    "/api/v2/deals/products?limit=2&deal_ids=1,2,3",
    "/v1/notes/9",
    `/api/v2/deals?${ascending}&ids=5,3,9,22,41,700,701,3`,
    `/api/v2/deals/archived?${ascending}&ids=5,3,9,22,41,700,701,3`,
    "/api/v2/organizations?ids=4,2,1&sort_by=id",
    `/api/v2/deals?${ascending}&ids=0`,
    "/api/v2/deals?org_id=1&limit=500",
    "/v1/notes?org_id=1",
    "/api/v2/deals?sort_by=update_time&wrong=1",
    "/api/v2/deals?sort_by=update_time&limit=501",
    "/api/v2/deals?sort_by=update_time&cursor=broken",
    "/api/v2/deals?sort_by=update_time&updated_since=yesterday",
    "/v1/dealFields",
    "/api/v2/pipelines",
    "/nowhere",
  ];

  it("answers as the sandbox does, page by page and byte for byte", expectSameAnswers);

  it("shows what changed, was created, deleted and renamed as the sandbox does", async () => {
    for (const { store } of [sandbox, rendered]) {
      store.update("deals", 3, { value: 12345 });
      store.update("deals", 3, { value: 123456 });
      store.update("organizations", 1, { name: "Renamed" });
      store.update("persons", 2, { name: "Somebody Else" });
      store.delete("deals", 4);
      store.delete("notes", 5);
      store.update("deals", 8, { is_archived: true });
      store.create("deals", { title: "New", org_id: 1 });
      store.create("notes", { content: "New", deal_id: 3 });
      store.purge("persons", 20);
    }
    await expectSameAnswers();
  });

  it("counts requests and tokens as the sandbox does", () => {
    sandbox.requests.reset();
    rendered.requests.reset();
    return expectSameAnswers().then(() => expect(rendered.requests.toJSON()).to.deep.equal(sandbox.requests.toJSON()));
  });

  it("changes as many deals as a benchmark wants changed", async () => {
    const before = await ask(rendered.url, "/api/v2/deals?sort_by=update_time&updated_since=2026-11-02T08:00:00Z");
    const answer = await fetch(`${rendered.url}/sandbox/change-deals?count=60`, { method: "POST" });
    const { changed } = (await answer.json()) as { changed: number };
    const after = await ask(rendered.url, "/api/v2/deals?sort_by=update_time&updated_since=2026-11-02T08:00:00Z");
    expect(changed).to.equal(60);
    expect(lengthOf(after.text)).to.be.within(lengthOf(before.text) + 58, lengthOf(before.text) + 60);
  });

  it("packs its answers for those who take them packed", async () => {
    const packed = await serveRendered(account, { gzip: true, clock: () => account.now });
    try {
      for (const path of [walks[2]!, walks[2]!, walks[8]!, "/api/v2/deals/7"]) {
        const headers = { "x-api-token": packed.token };
        const answer = await fetch(`${packed.url}${path}`, { headers: { ...headers, "accept-encoding": "gzip" } });
        const plain = await fetch(`${packed.url}${path}`, { headers: { ...headers, "accept-encoding": "identity" } });
        expect(answer.headers.get("content-encoding")).to.equal("gzip");
        expect(plain.headers.get("content-encoding")).to.equal(null);
        expect(await answer.text()).to.equal(await plain.text());
      }
    } finally {
      await packed.close();
    }
  });

  async function expectSameAnswers(): Promise<void> {
    for (const path of [...walks.flatMap((walk) => since.map((time) => walk + time)), ...others]) {
      let place: string | undefined = "";
      while (place !== undefined) {
        const [theirs, ours]: Answer[] = await Promise.all([
          ask(sandbox.url, path + place),
          ask(rendered.url, path + place),
        ]);
        expect(ours, path + place).to.deep.equal(theirs);
        const next = /"next_cursor":"([^"]+)"|"next_start":(\d+)/.exec(ours!.text);
        place = next === null ? undefined : next[1] === undefined ? `&start=${next[2]}` : `&cursor=${next[1]}`;
      }
    }
  }
});

interface Answer {
  status: number;
  type: string | null;
  text: string;
}

async function ask(url: string, path: string): Promise<Answer> {
  const answer = await fetch(url + path, { headers: { "x-api-token": "sandbox-token" } });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

function lengthOf(text: string): number {
  return (JSON.parse(text) as { data: unknown[] }).data.length;
}
