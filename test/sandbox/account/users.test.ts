import { expect } from "chai";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { officialClient, refusal, send } from "../client.ts";

describe("who may ask the sandbox", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({
      organizations: 2,
      persons: 2,
      deals: 2,
      notes: 2,
      token: "secret",
      burstLimit: 1000,
    });
  });
  after(() => sandbox.close());

  it("tells the token's user and company", async () => {
    const { data } = await officialClient(sandbox).users.getCurrentUser();
    expect(data).to.include({ name: "Ingrid Halvorsen", is_you: true, company_domain: "fjord-and-field" });
    expect((data as unknown as { access: { app: string; admin: boolean }[] }).access[0]).to.include({
      app: "sales",
      admin: true,
    });
  });

  it("lists the users", async () => {
    const { data } = await officialClient(sandbox).users.getUsers();
    expect(data?.map(({ name }) => name))
      .to.include("Zsófia Nagy")
      .and.to.have.length(6);
  });

  it("refuses another token as the gateway does, also for paths that do not exist", async () => {
    const client = officialClient({ url: sandbox.url, token: "wrong" });
    expect(await refusal(client.deals.getDeals())).to.deep.equal({
      success: false,
      error: "unauthorized access",
      errorCode: 401,
      error_info: "Please check developers.pipedrive.com",
    });
    const answer = await fetch(`${sandbox.url}/nowhere`);
    expect(answer.status).to.equal(401);
    expect(answer.headers.get("x-401-by-gw")).to.equal("true");
  });

  it("takes the token as a bearer and, as of old, in the query", async () => {
    const bearer = await fetch(`${sandbox.url}/v1/users/me`, { headers: { authorization: "Bearer secret" } });
    expect(bearer.status).to.equal(200);
    expect((await fetch(`${sandbox.url}/api/v2/deals?api_token=secret`)).status).to.equal(200);
  });

  it("serves v1 under both of its prefixes", async () => {
    for (const prefix of ["/v1", "/api/v1"])
      expect((await send(sandbox, "GET", `${prefix}/users/me`)).status).to.equal(200);
  });
});
