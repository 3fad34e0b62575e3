import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Difference } from "../../../connector/sync/audit/differences.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n";
const persons = "stream: persons\nfields:\n  - {planhat: lastName, pipedrive: name}\n";
const deals = `stream: deals
start_date: won_time
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: product, pipedrive: title}
`;
const plainNotes = "stream: notes\nfields:\n  - {planhat: description, pipedrive: content}\n";
const notesWithNames = `${plainNotes}  - {planhat: custom.Deal, pipedrive: deal.title}
  - {planhat: custom.Organization, pipedrive: organization.name}
  - {planhat: custom.Person, pipedrive: person.name}
  - {planhat: custom.User, pipedrive: user.name}
  - {planhat: custom.Mail, pipedrive: user.email}
`;

/** A note of API v1 embeds the names of its deal, organization, person and user at the time of reading. */
onServerFirst((kind) => {
  describe("after a rename of what notes stand on", function () {
    this.timeout(300_000);
    let setting: SandboxSync;
    let ids: { dealId: number; organizationId: number; personId: number; noteId: number };

    beforeEach(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      const { store } = setting.sandbox;
      const { dealId, organizationId } = wonDeal(setting.sandbox, { title: "Old deal" }, { name: "Old org" });
      const personId = store.create("persons", { name: "Old person", org_id: organizationId }).id as number;
      const noteId = store.create("notes", {
        content: "<p>Call</p>",
        deal_id: dealId,
        org_id: organizationId,
        person_id: personId,
      }).id as number;
      ids = { dealId, organizationId, personId, noteId };
      setting.map({ "organizations.yaml": organizations, "persons.yaml": persons, "deals.yaml": deals });
    });
    afterEach(() => setting.close());

    function renameAll(): void {
      const { store } = setting.sandbox;
      store.update("organizations", ids.organizationId, { name: "New org" });
      store.update("persons", ids.personId, { name: "New person" });
      store.update("deals", ids.dealId, { title: "New deal" });
      store.users[0]!["name"] = "New user";
      store.users[0]!["email"] = "new@acme.test";
    }
    async function differences(): Promise<Difference[]> {
      const { status, stdout, stderr } = await setting.run(["audit", "--json", "--log-level", "warn"]);
      const told = (JSON.parse(stdout) as { differences: Difference[] }).differences;
      expect(status, stderr + JSON.stringify(told)).to.equal(0);
      return told;
    }
    const note = async () => {
      const [row] = await setting.look<{ description: string; custom: JsonObject; updated_at: Date }>(
        "select description, custom, updated_at from planhat.notes",
      );
      return row!;
    };

    it("audit finds nothing, and neither landing nor rows of the notes are written again", async () => {
      setting.map({ "notes.yaml": plainNotes });
      await setting.sync();
      const landed = () => setting.look("select extracted_at, xmin::text from pipedrive.notes");
      const before = { landed: await landed(), row: await note() };
      renameAll();
      const served = (await (
        await fetch(`${setting.sandbox.url}/v1/notes/${ids.noteId}?api_token=${setting.sandbox.token}`)
      ).json()) as { data: JsonObject };
      expect(served.data["deal"]).to.deep.equal({ title: "New deal" });
      expect(served.data["organization"]).to.deep.equal({ name: "New org" });
      expect(served.data["person"]).to.deep.equal({ name: "New person" });
      expect(served.data["user"]).to.include({ name: "New user", email: "new@acme.test" });
      await setting.sync();
      expect(await differences()).to.deep.equal([]);
      await setting.sync("--full");
      expect(await differences()).to.deep.equal([]);
      expect({ landed: await landed(), row: await note() }).to.deep.equal(before);
      const [names] = await setting.look(
        `select c.name, l.product, e.last_name as "lastName" from planhat.companies as c
         join planhat.licenses as l on l.company_id = c.id join planhat.endusers as e on e.company_id = c.id`,
      );
      expect(names).to.deep.equal({ name: "New org", product: "New deal", lastName: "New person" });
    });

    it("a mapping that reads those names has the present ones, and audit finds nothing", async () => {
      setting.map({ "notes.yaml": notesWithNames });
      await setting.sync();
      const user = setting.sandbox.store.users[0]!;
      expect((await note()).custom).to.deep.equal({
        Deal: "Old deal",
        Organization: "Old org",
        Person: "Old person",
        User: user["name"],
        Mail: user["email"],
      });
      renameAll();
      await setting.hourPasses();
      await setting.sync();
      expect((await note()).custom).to.deep.equal({
        Deal: "New deal",
        Organization: "New org",
        Person: "New person",
        User: "New user",
        Mail: "new@acme.test",
      });
      expect(await differences()).to.deep.equal([]);
    });

    itLong("a rename without a change of the deal waits for one, and audit says so", async () => {
      setting.map({ "notes.yaml": notesWithNames });
      await setting.sync();
      setting.sandbox.store.update("organizations", ids.organizationId, { name: "New org" });
      await setting.sync();
      const told = await differences();
      expect(told.map(({ reason }) => reason)).to.deep.equal(
        told.map(
          () => "it changed without its deal (follow_changes is off): a change of the deal, or sync --full, takes it",
        ),
      );
      expect(told).to.deep.include({
        model: "note",
        id: ids.noteId,
        kind: "value_differs",
        fields: ["custom.Organization"],
        reason: told[0]!.reason,
      });
      await setting.sync("--full");
      expect((await note()).custom["Organization"]).to.equal("New org");
      expect(await differences()).to.deep.equal([]);
    });
  });
});
