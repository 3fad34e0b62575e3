import { expect } from "chai";
import type { InterceptedRequest } from "../../../connector/sandbox/pipedrive/app.ts";
import { failingSync, type PlanhatSync, planhatSync } from "../../planhat-sync.ts";
import { wonDeal } from "../../sandbox-sync.ts";

const rejections = (setting: PlanhatSync) =>
  setting.look<{ stream: string; record_id: string; model: string; reason: string }>(
    "select stream, record_id, model, reason from connector.rejections where stage = 'publish' order by id",
  );

describe("publishing to a Planhat", function () {
  this.timeout(1_200_000);
  let setting: PlanhatSync;
  let intercept: ((request: InterceptedRequest) => Response | "reset" | "truncate" | undefined) | undefined;
  before(async () => {
    setting = await planhatSync("server", { customFields: [{ name: "Tier", parent: "Company", type: "text" }] });
    setting.manners.intercept = (request) => intercept?.(request);
    setting.map({
      "organizations.yaml": [
        "stream: organizations",
        "model: company",
        "direction: both",
        "fields:",
        "  - {planhat: name, pipedrive: name}",
        "  - {planhat: web, pipedrive: website}",
        "  - {planhat: city, pipedrive: address.locality}",
        "",
      ].join("\n"),
      "persons.yaml":
        "stream: persons\nmodel: enduser\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n  - {planhat: firstName, pipedrive: first_name}\n",
      "notes.yaml":
        "stream: notes\nmodel: note\nfields:\n  - {planhat: description, pipedrive: content}\n  - {planhat: date, pipedrive: add_time}\n",
      "deals.yaml": [
        "stream: deals",
        "start_date: [won_time]",
        "models:",
        "  - model: sale",
        "    when: {field: title, is: One-off}",
        "    fields: &sale",
        "      - {planhat: _currency, pipedrive: currency}",
        "      - {planhat: salesDate, pipedrive: $start_date}",
        "      - {planhat: value, pipedrive: value}",
        "  - model: license",
        "    fields:",
        "      - {planhat: _currency, pipedrive: currency}",
        "      - {planhat: fromDate, pipedrive: $start_date}",
        "      - {planhat: value, pipedrive: value}",
        "      - {planhat: fixedPeriod, value: true, when: {field: title, is: Fixed}}",
        "",
      ].join("\n"),
    });
  });
  beforeEach(() => {
    intercept = undefined;
    setting.writes();
  });
  after(() => setting.close());

  it("which has companies that its own integration made: they are adopted by their sourceId, not made again", async () => {
    const { organizationId } = wonDeal(
      setting.sandbox,
      {},
      { name: "Adopted", website: null, address: { value: "Quay 1", locality: "" } },
    );
    const before = setting.planhat.store.create("companies", {
      sourceId: String(organizationId),
      name: "By the integration",
      web: "https://old.example",
      city: "Bergen",
    });
    const { planhat, models } = await setting.sync();
    expect(models.company.created).to.equal(1);
    expect(planhat?.published.company).to.include({ created: 0, updated: 1 });
    expect(planhat?.received.companies, "what the company had that was taken over").to.equal(1);
    expect(setting.planhat.store.all("companies")).to.have.length(1);
    const adopted = setting.objects("companies").get(String(organizationId))!;
    expect(adopted["_id"]).to.equal(before["_id"]);
    expect(adopted["name"]).to.equal("Adopted");
    expect(adopted["web"], "null in Pipedrive is null in Planhat").to.equal(null);
    expect(adopted["city"], "what is empty in Pipedrive stays as it is in Planhat").to.equal("Bergen");
  });

  it("whose users changed a company: the row takes it, and it is not sent back to Planhat", async () => {
    const { organizationId } = wonDeal(setting.sandbox, {}, { name: "Edited", website: "https://one.example" });
    await setting.sync();
    setting.planhat.store.update("companies", `srcid-${organizationId}`, { web: "https://two.example" });
    setting.writes();
    const { planhat } = await setting.sync();
    expect(planhat?.received.companies).to.equal(1);
    const web = () =>
      setting.look("select web, city from planhat.companies where source_id = $1", [String(organizationId)]);
    expect(await web()).to.deep.equal([{ web: "https://two.example", city: null }]);
    expect(
      await setting.look("select city from planhat.companies where name = 'Adopted'"),
      "a value that Planhat had before it was first published",
    ).to.deep.equal([{ city: "Bergen" }]);
    expect(setting.writes()).to.deep.equal([]);
    await setting.sync();
    expect(setting.writes()).to.deep.equal([]);
  });

  it("that names what it refuses: the rest goes in, the reason is kept, and it is tried again when it changes", async () => {
    const good = wonDeal(setting.sandbox);
    const { dealId } = wonDeal(setting.sandbox, { title: "Fixed" });
    const { status, planhat } = await setting.sync();
    expect(status).to.equal("partial");
    expect(planhat?.published.license, "without the field that it refuses").to.include({ created: 2, rejected: 0 });
    expect(setting.objects("licenses").has(String(good.dealId))).to.equal(true);
    expect(await rejections(setting)).to.deep.equal([
      {
        stream: "deals",
        record_id: String(dealId),
        model: "license",
        reason: "Planhat refused it: toDate is required",
      },
    ]);
    const listed = JSON.parse((await setting.run(["rejections", "list", "--json"])).stdout) as { model: string }[];
    expect(listed.map(({ model }) => model)).to.deep.equal(["license"]);
    setting.writes();
    expect((await setting.sync()).status).to.equal("succeeded");
    expect(setting.writes(), "nothing changed, so it is not sent again").to.deep.equal([]);
    setting.sandbox.store.update("deals", dealId, { title: "Not fixed" });
    await setting.look("update planhat.licenses set fixed_period = null where source_id = $1", [String(dealId)]);
    const later = (await setting.sync()).planhat?.published.license;
    expect(later, "what Planhat has is what is left of it").to.include({ created: 0, updated: 0, rejected: 0 });
    expect(await rejections(setting)).to.deep.equal([]);
  });

  it("that does not name what it refuses: it is found by halves", async () => {
    setting.planhat.manners.namedErrors = false;
    const fixed = Array.from({ length: 7 }, (_, index) =>
      wonDeal(setting.sandbox, index === 3 ? { title: "Fixed" } : {}),
    )[3]!;
    const { planhat } = await setting.sync();
    expect(planhat?.published.license, "without the field that it refuses").to.include({ created: 7, rejected: 0 });
    expect(await rejections(setting)).to.deep.equal([
      {
        stream: "deals",
        record_id: String(fixed.dealId),
        model: "license",
        reason: "Planhat refused it: toDate is required",
      },
    ]);
    await setting.look("update planhat.licenses set to_date = '2027-01-01' where source_id = $1", [
      String(fixed.dealId),
    ]);
    const { status, stderr } = await setting.run(["rejections", "retry"]);
    expect(status, stderr).to.equal(0);
    expect(await rejections(setting)).to.deep.equal([]);
  });

  it("that drops what it is sent without a word: the counts give it away", async () => {
    const { organizationId } = wonDeal(setting.sandbox);
    await setting.sync();
    setting.sandbox.store.create("persons", {
      name: "Lost Person",
      org_id: organizationId,
      emails: [{ value: "lost@acme.example", primary: true, label: "work" }],
    });
    setting.sandbox.store.create("deals", {
      title: "Next",
      org_id: organizationId,
      status: "won",
      value: 1,
      currency: "EUR",
      won_time: "2026-02-01T00:00:00Z",
      pipeline_id: 1,
      stage_id: 1,
    });
    intercept = ({ method, path }) =>
      method === "PUT" && path === "/endusers"
        ? Response.json({
            created: 0,
            updated: 0,
            nonupdates: 0,
            createdErrors: [],
            updatedErrors: [],
            insertsKeys: [],
          })
        : undefined;
    const { planhat } = await setting.sync();
    expect(planhat?.published.enduser).to.include({ created: 0, rejected: 1 });
    expect((await rejections(setting)).map(({ reason }) => reason)).to.deep.equal([
      "Planhat answered that all is well and did not keep it (dropped without a word)",
    ]);
    intercept = undefined;
    expect((await setting.sync("--full")).planhat?.published.enduser).to.include({ created: 1, rejected: 0 });
    expect(await rejections(setting)).to.deep.equal([]);
  });

  it("that carries a note out and breaks off before it says so: it is made once", async () => {
    const { dealId, organizationId } = wonDeal(setting.sandbox);
    const { id } = setting.sandbox.store.create("notes", {
      content: "<h1>Plan</h1><p>one<br>two &amp; three</p>",
      deal_id: dealId,
      org_id: organizationId,
    });
    let cut = 0;
    intercept = ({ method, path }) =>
      method === "PUT" && path === "/conversations" && cut++ === 0 ? "truncate" : undefined;
    await setting.sync();
    const notes = setting.planhat.store.all("conversations");
    expect(notes.map(({ externalId }) => externalId)).to.deep.equal([`pipedrive-note-${id}`]);
    expect(notes[0]!["description"]).to.equal("<p><strong>Plan</strong></p><p>one</p><p>two &amp; three</p>");
    expect(cut).to.equal(2);
    setting.sandbox.store.update("notes", id as number, { content: "<p>Changed</p>" });
    setting.sandbox.store.update("deals", dealId, { value: 7 });
    await setting.sync();
    expect(setting.planhat.store.all("conversations").map(({ description }) => description)).to.deep.equal([
      "<p>Changed</p>",
    ]);
  });

  it("of which a license has become a sale: the sale is made, the license removed", async () => {
    const { dealId } = wonDeal(setting.sandbox);
    await setting.sync();
    expect(setting.objects("licenses").has(String(dealId))).to.equal(true);
    setting.writes();
    setting.sandbox.store.update("deals", dealId, { title: "One-off" });
    const { planhat } = await setting.sync();
    expect(planhat?.published.sale.created).to.equal(1);
    expect(planhat?.published.license.deleted).to.equal(1);
    expect(setting.objects("licenses").has(String(dealId))).to.equal(false);
    expect(setting.objects("sales").has(String(dealId))).to.equal(true);
    expect(setting.writes()).to.deep.equal(["PUT /sales", "DELETE /licenses/{id}"]);
  });

  it("that answers 500 and 429 for a while: the run waits and goes on", async () => {
    const { organizationId } = wonDeal(setting.sandbox);
    let count = 0;
    intercept = ({ method }) => {
      if (method !== "PUT") return undefined;
      count++;
      if (count === 1) return Response.json({ error: "Oops" }, { status: 500 });
      return count === 2
        ? Response.json({ error: "Too many requests" }, { status: 429, headers: { "retry-after": "1" } })
        : undefined;
    };
    const { planhat } = await setting.sync();
    expect(planhat?.requests.retried).to.equal(2);
    expect(setting.objects("companies").has(String(organizationId))).to.equal(true);
  });

  it("that refuses the token: the tables are filled, the run fails with the reason, and the next one goes on", async () => {
    const { organizationId } = wonDeal(setting.sandbox);
    intercept = () => Response.json({ error: "Unauthorized" }, { status: 401 });
    const { status, summary, stderr } = await failingSync(setting);
    expect(status).to.equal(3);
    expect(summary.status).to.equal("failed");
    expect(summary.models.company.created).to.equal(1);
    expect(stderr).to.contain("The tables are up to date; publishing to Planhat failed.");
    expect(stderr).to.contain("does not accept `planhat.api_token` (401).");
    expect(stderr).not.to.contain(setting.planhat.token);
    intercept = undefined;
    expect((await setting.sync()).planhat?.published.company.created).to.equal(1);
    expect(setting.objects("companies").has(String(organizationId))).to.equal(true);
  });

  it("that lacks a custom field of the mapping: nothing is started, and the nearest name is told", async () => {
    const file = "mappings/organizations.yaml";
    const { readFileSync } = await import("node:fs");
    const text = readFileSync(`${setting.place.folder}/${file}`, "utf8");
    setting.map({ "organizations.yaml": `${text}  - {planhat: custom.Teir, value: A, direction: receive}\n` });
    const { status, stderr } = await setting.run(["sync"]);
    setting.map({ "organizations.yaml": text });
    expect(status).to.equal(2);
    expect(stderr).to.contain("organizations.yaml:8:15: error: Planhat's company has no custom field `Teir`");
    expect(stderr).to.contain("Did you mean `custom.Tier`?");
  });
});

describe("check, with Planhat's API configured", function () {
  this.timeout(1_200_000);

  it("says that the tenant has Deal and Line Item instead of License and Sale, and so does sync", async () => {
    const setting = await planhatSync("server", { revenue: "deals" });
    wonDeal(setting.sandbox);
    const { stdout } = await setting.run(["check", "--json"]);
    const { connectionStatus } = JSON.parse(stdout) as { connectionStatus: { status: string; message: string } };
    expect(connectionStatus.status).to.equal("FAILED");
    expect(connectionStatus.message).to.contain("has Deal and Line Item instead of License and Sale");
    const { held } = await setting.sync();
    expect(held.map(({ what, count }) => [what.replace(/ \(.*?\)/, ""), count])).to.deep.equal([
      ["licenses and sales that this Planhat tenant does not take: it has Deal and Line Item", 1],
    ]);
    expect(setting.objects("companies").size, "the rest is published").to.equal(1);
    await setting.close();
  });

  it("names every model that the token may not read or write, and writes nothing", async () => {
    const setting = await planhatSync("server", {
      mayNotRead: ["endusers", "conversations"],
      mayNotWrite: ["licenses"],
    });
    const { stdout } = await setting.run(["check", "--json"]);
    await setting.close();
    expect(JSON.parse(stdout).connectionStatus.message).to.match(
      /^Planhat \(127\.0\.0\.1:\d+\) does not let this token read end users, notes and write licenses \(403\)\.\nGive .* the right to read and write end users, notes, licenses\.$/,
    );
    for (const path of ["companies", "endusers", "licenses"]) expect(setting.planhat.store.all(path)).to.deep.equal([]);
  });
});
