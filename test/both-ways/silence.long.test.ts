import { expect } from "chai";
import type { Database } from "../../connector/database/database.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { eachDatabase } from "../databases.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";
import { connectPlanhat, syncBothWays } from "./in-process.ts";

const texts = {
  "organizations.yaml": `stream: organizations
model: company
direction: both
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: web, pipedrive: website}
  - {planhat: description, pipedrive: About}
  - {planhat: custom.Tier, pipedrive: Tier}
  - {planhat: custom.Labels, pipedrive: Regions}
`,
  "persons.yaml": `stream: persons
fields:
  - {planhat: email, pipedrive: emails.primary}
  - {planhat: firstName, pipedrive: first_name}
`,
  "notes.yaml": `stream: notes
fields:
  - {planhat: description, pipedrive: content}
  - {planhat: date, pipedrive: add_time}
`,
  "deals.yaml": `stream: deals
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
`,
};

eachDatabase((open) => {
  for (const withPlanhat of [false, true]) {
    describe(`ten syncs in a row after a change, ${withPlanhat ? "with" : "without"} Planhat's API`, function () {
      this.timeout(1_200_000);
      let database: Database;
      let sandbox: Sandbox;
      let writes: string[] = [];
      let organizationId: number;
      let dealId: number;
      const optionId = (label: string, option: string) =>
        sandbox.store.fields.organizations
          .find(({ field_name }) => field_name === label)!
          .options!.find((one) => one.label === option)!.id as number;
      const key = (label: string) =>
        sandbox.store.fields.organizations.find((field) => field.field_name === label && field.is_custom_field)!
          .field_code;
      const sync = async () =>
        syncBothWays(database, sandbox, texts, withPlanhat ? { planhat: await connectPlanhat(sandbox) } : {});
      const hub = async () => ({
        companies: await database.query("select *, xmin::text from planhat.companies order by id"),
        endusers: await database.query("select *, xmin::text from planhat.endusers order by id"),
        notes: await database.query("select *, xmin::text from planhat.notes order by id"),
        licenses: await database.query("select *, xmin::text from planhat.licenses order by id"),
        published: await database.query("select *, xmin::text from connector.published order by model, source_id"),
        links: await database.query("select *, xmin::text from connector.links order by stream, record_id"),
        conflicts: await database.query("select * from connector.conflicts"),
        rejections: await database.query("select * from connector.rejections"),
        edited: await database.query("select * from connector.edited_companies"),
      });
      const company = async () =>
        (await database.query("select name, city, web, custom from planhat.companies"))[0] as JsonObject;

      before(async () => {
        database = await open();
        sandbox = await startSandbox({
          ...emptyAccount,
          now: new Date(Date.now() - 3_600_000),
          burstLimit: Number.POSITIVE_INFINITY,
          dailyTokens: Number.POSITIVE_INFINITY,
          planhat: {
            callsPerMinute: Number.POSITIVE_INFINITY,
            intercept: ({ method, path }) => {
              if (method !== "GET") writes.push(`${method} ${path}`);
              return undefined;
            },
          },
        });
        ({ organizationId, dealId } = wonDeal(
          sandbox,
          {},
          {
            name: "Acme",
            website: "https://acme.test",
            address: { value: "Riga 1", locality: "Riga", country: "Latvia" },
            custom_fields: { [key("Tier")]: optionId("Tier", "Gold"), [key("About")]: "One\nTwo" },
          },
        ));
        const { id } = sandbox.store.create("persons", {
          name: "Kim Berg",
          org_id: organizationId,
          emails: [{ value: "kim@acme.test", primary: true }],
        });
        sandbox.store.create("notes", { content: "<h1>Call</h1><p>a</p>", deal_id: dealId, person_id: id! });
        await sync();
      });
      after(async () => sandbox.close());
      afterEach(async () => {
        const settled = await hub();
        expect(settled.edited).to.deep.equal([]);
        expect(settled.rejections).to.deep.equal([]);
        sandbox.requests.reset();
        writes = [];
        for (let again = 1; again <= 10; again++) {
          const { sent, models, status } = await sync();
          expect(status).to.equal("succeeded");
          expect(sent.organizations).to.deep.equal({ created: 0, updated: 0, conflicts: 0 });
          for (const counts of Object.values(models))
            expect(counts).to.include({ created: 0, updated: 0, rejected: 0 });
        }
        expect(sandbox.requests.writes).to.deep.equal([]);
        expect(writes).to.deep.equal([]);
        expect(await hub()).to.deep.equal(settled);
      });

      it("are silent: the first sync of all", () => {});

      it("are silent: everything changed in Pipedrive", async () => {
        sandbox.store.update("organizations", organizationId, {
          name: "Acme Pipedrive",
          website: null,
          address: { value: "Cesis 1", locality: "Cesis" },
          custom_fields: { [key("Tier")]: null, [key("Regions")]: [optionId("Regions", "EMEA")] },
        });
        sandbox.store.update("deals", dealId, { value: 4711.5 });
        const { models } = await sync();
        expect([models.company.updated, models.license.updated]).to.deep.equal([1, 1]);
        expect(await company()).to.deep.equal({
          name: "Acme Pipedrive",
          city: "Cesis",
          web: null,
          custom: { Tier: null, Labels: ["EMEA"] },
        });
        expect(sandbox.requests.writes).to.deep.equal([]);
        expect(writes).to.deep.equal(withPlanhat ? ["PUT /companies", "PUT /licenses"] : []);
      });

      it("are silent: everything changed in the table of companies", async () => {
        await database.query(
          `update planhat.companies set name = 'Acme table', city = null, web = 'https://table.test', description = 'Three',
                  custom = custom || '{"Tier": "Bronze", "Labels": ["APAC", "EMEA"]}'`,
        );
        const { sent } = await sync();
        expect(sent.organizations).to.deep.equal({ created: 0, updated: 1, conflicts: 0 });
        expect(sandbox.requests.writes.map(({ body }) => body)).to.deep.equal([
          {
            name: "Acme table",
            website: "https://table.test",
            address: { value: "Cesis 1" },
            custom_fields: {
              [key("About")]: "Three",
              [key("Tier")]: optionId("Tier", "Bronze"),
              [key("Regions")]: [optionId("Regions", "APAC"), optionId("Regions", "EMEA")],
            },
          },
        ]);
        expect(writes).to.deep.equal(withPlanhat ? ["PUT /companies"] : []);
      });

      if (withPlanhat) {
        it("are silent: everything changed in Planhat itself", async () => {
          sandbox.planhat.store.update("companies", `srcid-${organizationId}`, {
            name: "Acme Planhat",
            city: "Tartu",
            web: "",
            custom: { Tier: "Silver", Labels: null },
          });
          const { sent, planhat } = await sync();
          expect(planhat?.received.companies).to.equal(1);
          expect(sent.organizations).to.deep.equal({ created: 0, updated: 1, conflicts: 0 });
          expect(sandbox.requests.writes.map(({ body }) => body)).to.deep.equal([
            {
              name: "Acme Planhat",
              website: null,
              address: { value: "Cesis 1", locality: "Tartu" },
              custom_fields: { [key("Tier")]: optionId("Tier", "Silver"), [key("Regions")]: null },
            },
          ]);
          expect(await company()).to.deep.equal({
            name: "Acme Planhat",
            city: "Tartu",
            web: null,
            custom: { Tier: "Silver", Labels: null },
          });
          expect(writes, "it has it already").to.deep.equal([]);
        });
      }
    });
  }
});
