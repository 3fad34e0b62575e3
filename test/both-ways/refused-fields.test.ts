import { expect } from "chai";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { onServerFirst } from "../databases.ts";
import { inTestLong } from "../long.ts";
import { type PlanhatSync, planhatSync } from "../planhat-sync.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

const texts = {
  "organizations.yaml": `stream: organizations
model: company
direction: both
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
  - {planhat: custom.Since, pipedrive: Customer since}
  - {planhat: custom.Seats, pipedrive: Seats}
  - {planhat: custom.VAT, pipedrive: VAT number}
  - {planhat: custom.Staff, pipedrive: employee_count}
  - {planhat: custom.Owner, pipedrive: owner_id}
`,
  "deals.yaml":
    "stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: value}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n",
};

const customFields = [
  { name: "Since", parent: "Company", type: "day" },
  { name: "Seats", parent: "Company", type: "number" },
  { name: "VAT", parent: "Company", type: "text" },
  { name: "Staff", parent: "Company", type: "text" },
  { name: "Owner", parent: "Company", type: "number" },
];

onServerFirst((kind) => {
  describe("what one side refuses for a field", function () {
    this.timeout(240_000);
    let setting: PlanhatSync;
    let id: number;
    let code: (label: string) => string;
    const organization = () => setting.sandbox.store.get("organizations", id)!;
    const custom = (label: string) => (organization()["custom_fields"] as JsonObject)[code(label)];
    const patches = () => setting.sandbox.requests.byPath["PATCH /api/v2/organizations/{id}"] ?? 0;
    const rejections = () =>
      setting.look("select field, reason from connector.rejections where stage = 'send' order by field");
    const edit = (changes: JsonObject) => {
      const [company] = setting.planhat.store.all("companies");
      setting.planhat.store.update("companies", String(company!["_id"]), changes);
    };

    before(async () => {
      setting = await planhatSync(kind, { customFields, daysAsInstants: true });
      setting.map(texts);
      code = (label) =>
        setting.sandbox.store.fields.organizations.find(
          ({ field_name, is_custom_field }) => is_custom_field && field_name === label,
        )!.field_code;
      const custom_fields = { [code("Customer since")]: "2026-01-15", [code("Seats")]: 5 };
      ({ organizationId: id } = wonDeal(setting.sandbox, {}, { name: "Acme", custom_fields }));
      await setting.sync("--yes");
    });
    beforeEach(() => setting.sandbox.requests.reset());
    after(() => setting.close());

    it("a day that Planhat gives back as an instant is no change, and an edited one goes as a day, with all else", async () => {
      expect((await setting.sync()).sent.organizations).to.deep.include({ updated: 0, conflicts: 0 });
      expect(patches()).to.equal(0);
      edit({ web: "https://acme.test", custom: { Since: "2026-03-01T09:30:00.000Z", Seats: "7", VAT: 815 } });
      const { status, sent } = await setting.sync();
      expect([status, sent.organizations.updated, patches()]).to.deep.equal(["succeeded", 1, 1]);
      expect([
        organization()["website"],
        custom("Customer since"),
        custom("Seats"),
        custom("VAT number"),
      ]).to.deep.equal(["https://acme.test", "2026-03-01", 7, "815"]);
      expect((await setting.sync()).sent.organizations.updated, "nothing goes a second time").to.equal(0);
      expect(patches()).to.equal(1);
    });

    it("a value without a form that Pipedrive takes is not sent at all; the other fields go", async () => {
      edit({ web: "https://form.test", custom: { Since: "soon", Staff: "many" } });
      const { status, sent } = await setting.sync();
      expect([status, sent.organizations.updated, patches()]).to.deep.equal(["partial", 1, 1]);
      expect(organization()["website"]).to.equal("https://form.test");
      expect(await rejections()).to.deep.equal([
        { field: "custom.Since", reason: '"soon" is not a valid date (YYYY-MM-DD)' },
        { field: "custom.Staff", reason: '"many" is not a number' },
      ]);
      edit({ custom: { Since: "2026-03-02", Staff: "12" } });
      expect((await setting.sync()).status).to.equal("succeeded");
      expect([custom("Customer since"), organization()["employee_count"]]).to.deep.equal(["2026-03-02", 12]);
    });

    for (const named of inTestLong ? [true, false] : [true]) {
      it(`costs that field, where Pipedrive ${named ? "names it" : "does not name it"}; it is sent three times at most`, async () => {
        setting.sandbox.manners.namesRefusedFields = named;
        const web = `https://${named ? "named" : "nameless"}.test`;
        const owner = named ? 987_654 : 876_543;
        edit({ name: `Acme ${named}`, web, custom: { Owner: owner, Seats: named ? 8 : 9 } });
        for (const run of [1, 2, 3]) {
          setting.sandbox.requests.reset();
          const { status } = await setting.sync();
          expect(status).to.equal("partial");
          expect([organization()["website"], organization()["name"], custom("Seats")]).to.deep.equal([
            web,
            `Acme ${named}`,
            named ? 8 : 9,
          ]);
          // The first run isolates the field; later ones send it alone.
          if (run > 1) expect(patches()).to.equal(1);
          else expect(patches()).to.be.within(2, named ? 2 : 6);
          const [only, ...more] = await rejections();
          expect([only!["field"], more]).to.deep.equal(["custom.Owner", []]);
          expect(only!["reason"]).to.match(
            named ? /\(400: Validation failed: owner_id: / : /\(400: Validation failed, ERR_SCHEMA_VALIDATION_FAILED\)/,
          );
        }
        setting.sandbox.requests.reset();
        edit({ web: `${web}/later` });
        await setting.sync();
        expect([organization()["website"], patches()], "the others still go").to.deep.equal([`${web}/later`, 1]);
        expect((await rejections())[0]!["reason"]).to.match(
          /^it was sent 3 times, and Pipedrive does not take it: .* `rejections retry`$/,
        );
        const retried = await setting.run(["rejections", "retry"]);
        expect(retried.status, retried.stderr).to.be.oneOf([0, 1]);
        edit({ custom: { Owner: setting.sandbox.store.users[0]!["id"] as number } });
        expect((await setting.sync()).status).to.equal("succeeded");
        expect(await rejections()).to.deep.equal([]);
      });
    }
  });
});

describe("a field that Pipedrive refuses of a new organization", function () {
  this.timeout(120_000);
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    setting.map({
      ...texts,
      "organizations.yaml": texts["organizations.yaml"].replace(
        "direction: both",
        "direction: both\ncreate_in_pipedrive: true",
      ),
    });
    await setting.sync("--yes");
  });
  after(() => setting.close());

  for (const named of inTestLong ? [true, false] : [false]) {
    it(`${named ? "named" : "not named"}, is left out of it, and the organization is made`, async () => {
      setting.sandbox.manners.namesRefusedFields = named;
      const name = `Born ${named}`;
      await setting.look(
        `insert into planhat.companies (name, web, custom) values ('${name}', 'https://b.test', '{"Owner": 987654}')`,
      );
      expect((await setting.sync()).sent.organizations.created).to.equal(1);
      const made = () => setting.sandbox.store.find("organizations", (one) => one["name"] === name);
      expect(made()).to.have.length(1);
      if (!named) await setting.sync();
      expect(made()[0]!["website"]).to.equal("https://b.test");
      // Created by its name alone, it has an owner of Pipedrive's choice, so that the other owner is a conflict.
      const told = named ? "connector.rejections where stage = 'send' and" : "connector.conflicts where";
      expect(await setting.look(`select field from ${told} record_id = $1`, [made()[0]!["id"]])).to.deep.equal([
        { field: "custom.Owner" },
      ]);
    });
  }
});
