import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { officialClient, refusal, send } from "../client.ts";

describe("writing to the sandbox", () => {
  let sandbox: Sandbox;
  let client: ReturnType<typeof officialClient>;
  let now: Date;
  let codes: { deals: Record<string, string>; organizations: Record<string, string> };
  beforeEach(async () => {
    now = new Date("2026-11-10T12:00:00.400Z");
    sandbox = await startSandbox({
      organizations: 50,
      persons: 60,
      deals: 120,
      notes: 20,
      burstLimit: 1000,
      clock: () => now,
    });
    client = officialClient(sandbox);
    codes = {
      deals: Object.fromEntries(sandbox.store.fields.deals.map((field) => [field.field_name, field.field_code])),
      organizations: Object.fromEntries(
        sandbox.store.fields.organizations
          .filter((field) => field.is_custom_field)
          .map((field) => [field.field_name, field.field_code]),
      ),
    };
  });
  afterEach(() => sandbox.close());

  const open = () => sandbox.store.find("deals", (deal) => deal.status === "open" && !deal.deleted)[0] as JsonObject;
  const patch = (path: string, body: unknown) => send(sandbox, "PATCH", `/api/v2/${path}`, body);

  it("changes what a PATCH holds and leaves the rest, moving update_time in whole seconds", async () => {
    const before = sandbox.store.get("organizations", 2) as JsonObject;
    const { data } = await client.organizations.updateOrganization({
      id: 2,
      UpdateOrganizationRequest: { name: "New name" },
    });
    expect(data).to.deep.equal({ ...before, name: "New name", update_time: "2026-11-10T12:00:00Z" });
    expect((await client.organizations.getOrganization({ id: 2 })).data).to.deep.equal(data);
  });

  it("shows the change to a list that asks for what was updated since that very second", async () => {
    await client.organizations.updateOrganization({ id: 2, UpdateOrganizationRequest: { name: "New name" } });
    const ids = async (updated_since: string) =>
      (await client.organizations.getOrganizations({ updated_since, sort_by: "update_time" })).data?.map(
        ({ id }) => id,
      );
    expect(await ids("2026-11-10T12:00:00Z")).to.deep.equal([2]);
    expect(await ids("2026-11-10T12:00:01Z")).to.deep.equal([]);
  });

  it("does not move update_time when nothing really changes", async () => {
    const before = sandbox.store.get("organizations", 2) as JsonObject;
    const { body } = await patch("organizations/2", { name: before["name"] });
    expect((body as { data?: JsonObject }).data).to.deep.equal(before);
  });

  it("clears with null, in a field and in a custom field", async () => {
    const since = codes.organizations["Customer since"] as string;
    const tier = codes.organizations["Tier"] as string;
    await patch("organizations/2", { custom_fields: { [since]: "2020-02-29", [tier]: 107 } });
    await patch("organizations/2", { website: null, custom_fields: { [since]: null } });
    const organization = sandbox.store.get("organizations", 2) as JsonObject;
    expect(organization["website"]).to.equal(null);
    expect(organization["custom_fields"]).to.include({ [since]: null, [tier]: 107 });
  });

  it("refuses a custom field outside custom_fields, naming its key", async () => {
    const code = codes.deals["Order number"] as string;
    expect(
      await refusal(
        client.deals.updateDeal({ id: open()["id"] as number, UpdateDealRequest: { [code]: "x" } as object }),
      ),
    ).to.deep.equal({
      success: false,
      error: `Validation failed: ${code}: Parameter '${code}' is not allowed for this request`,
      code: "ERR_SCHEMA_VALIDATION_FAILED",
    });
  });

  for (const [label, value, problem] of [
    ["Deal type", "301", "must be an integer"],
    ["Deal type", 999, "has no option 999"],
    ["Products", [], "must not be empty. Use null to clear the field"],
    ["Products", "304,305", "must be an array of integers"],
    ["Contract start", "2026-02-30", "is not a valid date"],
    ["Discount", "12.5", "must be a number"],
    ["Setup fee", 12, "must be an object"],
    ["Setup fee", { value: 12 }, "must have 'currency'"],
    ["Trial", { value: "2026-01-01", until: "soon" }, "has 'until', which is not a valid date"],
    ["Kick-off time", { value: "25:00:00" }, "has 'value', which is not a valid time"],
    ["Solution engineer", 1, "does not name one of the users"],
    ["Reseller", 21, "does not name an existing record of organizations"],
    ["Hotline", 5, "must be a string"],
  ] as const) {
    it(`refuses ${JSON.stringify(value)} for the custom field ${label}`, async () => {
      const code = codes.deals[label] as string;
      const { status, body } = await patch(`deals/${open()["id"]}`, { custom_fields: { [code]: value } });
      expect(status).to.equal(400);
      expect(body.error).to.equal(`Validation failed: ${code}: Parameter '${code}' ${problem}`);
    });
  }

  it("refuses the whole request for one unknown custom field", async () => {
    const before = open();
    const unknown = "0".repeat(40);
    const { body } = await patch(`deals/${before["id"]}`, { title: "x", custom_fields: { [unknown]: 1 } });
    expect(body.error).to.include(unknown);
    expect(sandbox.store.get("deals", before["id"] as number)).to.deep.equal(before);
  });

  it("takes and gives back a value of every type of custom field", async () => {
    const block = {
      [codes.deals["Contract start"] as string]: "2026-01-31",
      [codes.deals["Deal type"] as string]: 302,
      [codes.deals["Products"] as string]: [306, 304],
      [codes.deals["Setup fee"] as string]: { value: 200, currency: "EUR" },
      [codes.deals["Discount"] as string]: 12.5,
      [codes.deals["Trial"] as string]: { value: "2026-01-01", until: "2026-01-31" },
      [codes.deals["Kick-off time"] as string]: {
        value: "10:00:00",
        timezone_id: 310,
        timezone_name: "Europe/Tallinn",
      },
      [codes.deals["Service window"] as string]: { value: "10:00:00", until: "11:00:00" },
      [codes.deals["Solution engineer"] as string]: 12,
      [codes.deals["Reseller"] as string]: 3,
      [codes.deals["Signatory"] as string]: 4,
      [codes.deals["Hotline"] as string]: "+372 555 1",
      [codes.deals["Terms"] as string]: "30 days",
    };
    const { status, body } = await patch(`deals/${open()["id"]}`, { custom_fields: block });
    expect([status, body.error]).to.deep.equal([200, undefined]);
    expect((body as { data?: JsonObject }).data?.["custom_fields"]).to.deep.include(block);
  });

  it("resets the parts of an address that were not sent", async () => {
    await patch("organizations/2", { address: { value: "Kalevi 5, Tartu", locality: "Tartu" } });
    expect(sandbox.store.get("organizations", 2)?.["address"]).to.deep.equal({
      value: "Kalevi 5, Tartu",
      country: null,
      admin_area_level_1: null,
      admin_area_level_2: null,
      locality: "Tartu",
      sublocality: null,
      route: null,
      street_number: null,
      subpremise: null,
      postal_code: null,
    });
  });

  for (const [path, body, error] of [
    ["organizations/2", { nam: "x" }, "Validation failed: nam: Parameter 'nam' is not allowed for this request"],
    ["organizations/2", { name: null }, "Validation failed: name: Parameter 'name' must not be null"],
    ["organizations/2", { name: " " }, "Validation failed: name: Parameter 'name' is not allowed to be empty"],
    [
      "organizations/2",
      { add_time: "2026-01-01T00:00:00Z" },
      "Validation failed: add_time: Parameter 'add_time' is not allowed for this request",
    ],
    [
      "organizations/2",
      { employee_count: "12" },
      "Validation failed: employee_count: Parameter 'employee_count' must be an integer",
    ],
    ["organizations/2", { address: "Main St" }, "Validation failed: address: Parameter 'address' must be an object"],
    [
      "persons/1",
      { org_id: 21 },
      "Validation failed: org_id: Parameter 'org_id' does not name an existing record of organizations",
    ],
    ["persons/1", { birthday: "1980-01-01" }, "Parameter 'birthday' needs contact sync, which is not enabled"],
    ["deals/3", [], "Request body must be a JSON object"],
  ] as const) {
    it(`refuses ${JSON.stringify(body)} for ${path}`, async () => {
      const answer = await patch(path, body);
      expect(answer.status).to.be.oneOf([400, 403]);
      expect(answer.body.error).to.equal(error);
    });
  }

  it("creates an organization with defaults, every custom field null", async () => {
    const { data } = await client.organizations.addOrganization({ AddOrganizationRequest: { name: "Fresh" } });
    expect(data).to.include({
      id: 51,
      name: "Fresh",
      add_time: "2026-11-10T12:00:00Z",
      update_time: "2026-11-10T12:00:00Z",
    });
    expect(Object.values(data?.custom_fields as JsonObject).every((value) => value === null)).to.equal(true);
    expect((await client.organizations.getOrganizations({ ids: "51" })).data).to.deep.equal([data]);
  });

  it("refuses to create without a name, or with an id", async () => {
    expect((await send(sandbox, "POST", "/api/v2/organizations", {})).body.error).to.equal(
      "Validation failed: name: Parameter 'name' is required",
    );
    expect((await send(sandbox, "POST", "/api/v2/organizations", { name: "x", id: 7 })).status).to.equal(400);
  });

  it("creates a person whose first address becomes primary and is for work", async () => {
    const { data } = await client.persons.addPerson({
      AddPersonRequest: { name: "Ann van Lee", emails: [{ value: "ann@x.example" }] },
    });
    expect(data).to.deep.include({
      first_name: "Ann",
      last_name: "van Lee",
      emails: [{ value: "ann@x.example", primary: true, label: "work" }],
    });
  });

  it("winning a deal sets its times and dates; reopening clears them", async () => {
    const { id } = open();
    await client.deals.updateDeal({ id: id as number, UpdateDealRequest: { status: "won" } });
    expect(sandbox.store.get("deals", id as number)).to.include({
      status: "won",
      won_time: "2026-11-10T12:00:00Z",
      close_time: "2026-11-10T12:00:00Z",
      local_won_date: "2026-11-10",
      lost_time: null,
    });
    await client.deals.updateDeal({ id: id as number, UpdateDealRequest: { status: "open" } });
    expect(sandbox.store.get("deals", id as number)).to.include({
      won_time: null,
      close_time: null,
      local_won_date: null,
    });
  });

  it("losing a deal keeps the reason, which an open deal may not have", async () => {
    const { id } = open();
    expect((await patch(`deals/${id}`, { lost_reason: "Price" })).body.error).to.equal(
      "Validation failed: lost_reason: Parameter 'lost_reason' can only be set if deal status is lost",
    );
    await patch(`deals/${id}`, { status: "lost", lost_reason: "Price" });
    expect(sandbox.store.get("deals", id as number)).to.include({
      status: "lost",
      lost_reason: "Price",
      local_lost_date: "2026-11-10",
    });
  });

  it("a stage decides the pipeline, and a pipeline starts at its first stage", async () => {
    const id = open()["id"] as number;
    await patch(`deals/${id}`, { stage_id: 7 });
    expect(sandbox.store.get("deals", id)).to.include({
      pipeline_id: 2,
      stage_id: 7,
      stage_change_time: "2026-11-10T12:00:00Z",
    });
    await patch(`deals/${id}`, { pipeline_id: 3 });
    expect(sandbox.store.get("deals", id)).to.include({ pipeline_id: 3, stage_id: 9 });
  });

  it("deletes softly, refuses to edit what is deleted, and restores a deal", async () => {
    const id = open()["id"] as number;
    expect(await client.deals.deleteDeal({ id })).to.deep.include({ success: true, data: { id } });
    expect((await client.deals.getDeal({ id })).data).to.include({
      is_deleted: true,
      update_time: "2026-11-10T12:00:00Z",
    });
    expect(await refusal(client.deals.updateDeal({ id, UpdateDealRequest: { title: "x" } }))).to.deep.equal({
      success: false,
      error: "Entity is deleted. You must first restore it before you can edit",
      code: "ERR_DEAL_DELETED",
    });
    expect((await send(sandbox, "DELETE", `/api/v2/deals/${id}`)).status).to.equal(410);
    await client.deals.updateDeal({ id, UpdateDealRequest: { is_deleted: false } });
    expect((await client.deals.getDeals({ ids: String(id) })).data?.[0]?.is_deleted).to.equal(false);
  });

  it("forgets a deleted record after 30 days", async () => {
    await client.organizations.deleteOrganization({ id: 2 });
    now = new Date("2026-12-10T12:00:00Z");
    expect((await client.organizations.getOrganization({ id: 2 })).data?.is_deleted).to.equal(true);
    now = new Date("2026-12-10T12:00:01Z");
    expect((await send(sandbox, "GET", "/api/v2/organizations/2")).status).to.equal(404);
  });

  it("archives a deal, which then cannot be edited", async () => {
    const id = open()["id"] as number;
    await client.deals.updateDeal({ id, UpdateDealRequest: { is_archived: true } });
    const { data } = await client.deals.getArchivedDeals({ ids: String(id) });
    // The client's types lack archive_time, which the API gives.
    expect(data?.map((deal) => ({ ...deal }) as JsonObject)[0]).to.include({
      id,
      archive_time: "2026-11-10T12:00:00Z",
    });
    expect((await client.deals.getDeals({ ids: String(id) })).data).to.deep.equal([]);
    expect((await patch(`deals/${id}`, { title: "x" })).status).to.equal(400);
    expect((await patch(`deals/${id}`, { is_archived: false })).status).to.equal(200);
  });

  it("merges two organizations: the first disappears, what it had moves to the second", async () => {
    const moved = sandbox.store.find("deals", (deal) => deal.organization === 1 && !deal.deleted).map(({ id }) => id);
    expect(moved.length).to.be.greaterThan(0);
    await client.mergeOrganizations.mergeOrganizations({ id: 1, MergeOrganizationsRequest: { merge_with_id: 2 } });
    expect(sandbox.store.get("organizations", 1)?.["is_deleted"]).to.equal(true);
    const after = sandbox.store.find("deals", (deal) => deal.organization === 2).map(({ id }) => id);
    expect(after).to.include.members(moved);
    expect(sandbox.store.find("persons", (person) => person.organization === 1)).to.deep.equal([]);
    expect(sandbox.store.get("organizations", 2)?.["update_time"]).to.equal("2026-11-10T12:00:00Z");
  });
});
