import { expect } from "chai";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { readAccount, readCatalog } from "../../../connector/pipedrive/account/account.ts";
import { createBudget } from "../../../connector/pipedrive/client/budget.ts";
import { createClient } from "../../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../../connector/pipedrive/client/company-url.ts";
import { failureOf } from "../failure-of.ts";
import { json, type LocalServer, startServer } from "../local-server.ts";

const key = (character: string) => character.repeat(40);

describe("the account", () => {
  let server: LocalServer;
  let lists: Record<string, Json[]>;
  let me: JsonObject;

  beforeEach(async () => {
    me = {
      id: 11,
      name: "Me",
      email: "me@x.test",
      company_id: 54235233,
      company_name: "X",
      company_domain: "x-12g53f",
      access: [{ app: "sales", admin: true }],
    };
    lists = {
      "/api/v2/dealFields": [
        {
          field_name: "Title",
          field_code: "title",
          field_type: "varchar",
          is_custom_field: false,
          options: null,
          subfields: null,
        },
        {
          field_name: "Status",
          field_code: "status",
          field_type: "status",
          is_custom_field: false,
          options: [{ id: "open", label: "Open" }],
        },
        {
          field_name: "Tier",
          field_code: key("a"),
          field_type: "enum",
          is_custom_field: true,
          options: [
            { id: 17, label: "Gold", color: null },
            { id: 18, label: "Silver" },
          ],
        },
      ],
      "/api/v2/organizationFields": [],
      "/api/v2/personFields": [
        { field_name: "E-mail", field_code: "email", field_type: "varchar", is_custom_field: false },
        { field_name: "Phone", field_code: "phone", field_type: "phone", is_custom_field: false },
      ],
      "/api/v2/pipelines": [
        { id: 1, name: "Sales", is_deleted: false },
        { id: 2, name: "Old", is_deleted: true },
      ],
      "/api/v2/stages": [{ id: 5, name: "Lead in", pipeline_id: 1, is_deleted: false }],
      "/v1/users": [
        { id: 11, name: "Me", email: "me@x.test", active_flag: true },
        { id: 12, name: "Gone", email: null, active_flag: false },
      ],
    };
    server = await startServer(({ path, query }, response) => {
      if (path === "/v1/users/me") return json(response, { success: true, data: me });
      const entries = lists[path]!;
      const start = Number(query["cursor"] ?? 0);
      const next = start + Number(query["limit"] ?? 500);
      const cursor = next < entries.length ? String(next) : null;
      json(response, { success: true, data: entries.slice(start, next), additional_data: { next_cursor: cursor } });
    });
  });
  afterEach(async () => server.close());

  const connect = () => {
    const budget = createBudget();
    return { budget, client: createClient({ companyUrl: parseCompanyUrl(server.url), apiToken: "token", budget }) };
  };

  it("tells whose token it is, and its company's domain whatever host is asked", async () => {
    const { client, budget } = connect();
    expect(await readAccount(client)).to.deep.equal({
      user: { name: "Me", email: "me@x.test", isAdmin: true },
      companyId: 54235233,
      companyName: "X",
      companyDomain: "x-12g53f",
    });
    expect((await readCatalog(client)).companyDomain).to.equal("x-12g53f");
    expect(budget.usage()).to.deep.equal({ count: 7, retried: 0, tokens: 62 });
  });

  it("knows no administrator where the entries of access are missing", async () => {
    for (const access of [[], null, [{ app: "sales", permission_set_id: "x" }], [{ app: "sales", admin: false }]]) {
      me["access"] = access;
      expect((await readAccount(connect().client)).user.isAdmin).to.equal(false);
    }
  });

  it("is not what a stranger's JSON says", async () => {
    me = { hello: "world" };
    const failure = await failureOf(() => readAccount(connect().client));
    expect(failure.message).to.equal("Pipedrive answered /v1/users/me in an unknown shape.");
    expect(failure.hint).to.contain("Check company_url");
  });

  it("lists fields by the key that records have, with their options", async () => {
    const { fields } = await readCatalog(connect().client);
    expect(fields.deals).to.deep.equal([
      { label: "Title", key: "title", type: "varchar", custom: false },
      { label: "Status", key: "status", type: "status", custom: false, options: [{ id: "open", label: "Open" }] },
      {
        label: "Tier",
        key: key("a"),
        type: "enum",
        custom: true,
        options: [
          { id: 17, label: "Gold" },
          { id: 18, label: "Silver" },
        ],
      },
    ]);
    expect(fields.persons.map((field) => field.key)).to.deep.equal(["emails", "phones"]);
    expect(fields.organizations).to.deep.equal([]);
  });

  it("lists pipelines and stages that exist, and users who left too", async () => {
    const { pipelines, stages, users } = await readCatalog(connect().client);
    expect(pipelines).to.deep.equal([{ id: 1, name: "Sales" }]);
    expect(stages).to.deep.equal([{ id: 5, name: "Lead in", pipelineId: 1 }]);
    expect(users).to.deep.equal([
      { id: 11, name: "Me", email: "me@x.test" },
      { id: 12, name: "Gone", email: null },
    ]);
  });

  it("shows the fields past the first page", async () => {
    lists["/api/v2/dealFields"] = Array.from({ length: 1200 }, (_, index) => ({
      field_name: `Field ${index}`,
      field_code: String(index).padStart(40, "0"),
      field_type: "varchar",
      is_custom_field: true,
    }));
    const { fields } = await readCatalog(connect().client);
    expect(fields.deals).to.have.length(1200);
    expect(fields.deals[1199]!.label).to.equal("Field 1199");
  });

  it("remembers options that are gone, under their last label", async () => {
    const first = await readCatalog(connect().client);
    lists["/api/v2/dealFields"] = [
      {
        field_name: "Tier",
        field_code: key("a"),
        field_type: "enum",
        is_custom_field: true,
        options: [{ id: 18, label: "Silver plus" }],
      },
    ];
    const second = await readCatalog(connect().client, first);
    const options = [
      { id: 18, label: "Silver plus", former: ["Silver"] },
      { id: 17, label: "Gold", gone: true },
    ];
    const seen = second.fields.deals[0]!.options![1]!.goneSince!;
    expect(Date.now() - Date.parse(seen)).to.be.within(0, 60_000);
    expect(second.fields.deals[0]!.options).to.deep.equal(
      options.map((option) => (option.gone === true ? { ...option, goneSince: seen } : option)),
    );
    lists["/api/v2/dealFields"] = [
      { field_name: "Tier", field_code: key("a"), field_type: "enum", is_custom_field: true, options: null },
    ];
    const third: AccountCatalog = await readCatalog(connect().client, second);
    const [silver, gold] = third.fields.deals[0]!.options!;
    expect(silver).to.deep.include({ id: 18, label: "Silver plus", former: ["Silver"], gone: true });
    expect(gold).to.deep.equal({ id: 17, label: "Gold", gone: true, goneSince: seen });
    lists["/api/v2/dealFields"] = [
      {
        field_name: "Tier",
        field_code: key("a"),
        field_type: "enum",
        is_custom_field: true,
        options: [{ id: 17, label: "Gold" }],
      },
    ];
    expect((await readCatalog(connect().client, third)).fields.deals[0]!.options![0]).to.deep.equal({
      id: 17,
      label: "Gold",
    });
  });
});
