import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

onServerFirst((kind) => {
  describe("a strange record is stored faithfully or rejected with its reason, and never stops the run", () => {
    let setting: SandboxSync;
    before(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map({
        "organizations.yaml":
          "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n  - {planhat: custom.Industry, pipedrive: Industry}\n",
        "deals.yaml":
          "stream: deals\ndirection: receive\nstart_date: [Contract start, won_time]\nmodels:\n  - model: license\n    fields:\n      - {planhat: _currency, pipedrive: currency}\n      - {planhat: fromDate, pipedrive: $start_date}\n      - {planhat: value, pipedrive: value}\n      - {planhat: toDate, pipedrive: Contract end}\n      - {planhat: product, pipedrive: title}\n      - {planhat: renewalUnit, pipedrive: probability}\n",
        "notes.yaml":
          "stream: notes\nmodel: note\ndirection: receive\nfields:\n  - {planhat: description, pipedrive: content}\n  - {planhat: date, pipedrive: add_time}\n",
      });
    });
    after(() => setting.close());

    it("all of them in one run, beside an ordinary one", async () => {
      const { sandbox } = setting;
      const { store } = sandbox;
      const code = (stream: "deals" | "organizations", label: string) =>
        sandbox.account.fields[stream].find(
          ({ field_name, is_custom_field }) => is_custom_field && field_name === label,
        )!.field_code;
      const ordinary = wonDeal(sandbox, { title: "Ordinary" });
      const put = (stream: "deals" | "organizations" | "notes", id: number, change: (text: string) => string) => {
        const text = JSON.stringify(store.get(stream, id));
        const changed = change(text);
        expect(changed, "the change changes something").not.to.equal(text);
        store.putText(stream, changed);
      };
      const nul = wonDeal(sandbox, { title: "@" });
      put("deals", nul.dealId, (text) => text.replace('"@"', '"a\\u0000b"'));
      const precise = wonDeal(sandbox, { value: 4711 });
      put("deals", precise.dealId, (text) => text.replace('"value":4711', '"value":12345678901234567890.12'));
      const huge = wonDeal(sandbox, { value: 4712 });
      put("deals", huge.dealId, (text) => text.replace('"value":4712', '"value":1e999'));
      const zeroStart = wonDeal(sandbox, {
        title: "Zero start",
        custom_fields: { [code("deals", "Contract start")]: "2026-03-01" },
      });
      put("deals", zeroStart.dealId, (text) => text.replace('"2026-03-01"', '"0000-00-00"'));
      const zeroEnd = wonDeal(sandbox, {
        title: "Zero end",
        custom_fields: { [code("deals", "Contract end")]: "2027-03-01" },
      });
      put("deals", zeroEnd.dealId, (text) => text.replace('"2027-03-01"', '"0000-00-00"'));
      const option = wonDeal(sandbox, { title: "Unknown option" }, { name: "Option & Co" });
      put("organizations", option.organizationId, (text) =>
        text.replace(
          new RegExp(`"${code("organizations", "Industry")}":null`),
          `"${code("organizations", "Industry")}":987654`,
        ),
      );
      const wrongType = wonDeal(sandbox, { title: "Wrong type" });
      put("deals", wrongType.dealId, (text) => text.replace(/"org_id":\d+/, '"org_id":"Acme"'));
      const deep = wonDeal(sandbox, { title: "Deep" });
      const levels = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
      put("deals", deep.dealId, (text) => text.replace('"Deep"', `"Deep","invented_later":${levels}`));
      const mistyped = wonDeal(sandbox, { title: "Mistyped" });
      put("deals", mistyped.dealId, (text) =>
        text
          .replace(/"visible_to":\d+/, '"visible_to":"everybody"')
          .replace('"probability":null', '"probability":"no"'),
      );
      const large = store.create("notes", { content: "@", org_id: ordinary.organizationId });
      const megabyte = `<p>${"Ärger 🙂 ".repeat(80_000)}</p>`;
      put("notes", large["id"] as number, (text) =>
        text.replace('"content":"@"', `"content":${JSON.stringify(megabyte)}`),
      );

      const summary = await setting.sync();
      expect(summary.status).to.equal("partial");

      const rejections = await setting.look<{
        stream: string;
        record_id: string;
        field: string | null;
        reason: string;
        whole: string | null;
      }>(
        "select stream, record_id, field, reason, record::text as whole from connector.rejections order by stream, record_id",
      );
      const told = rejections.map(
        ({ stream, record_id, field, reason }) => `${stream} ${record_id} ${field ?? "-"}: ${reason}`,
      );
      expect(told).to.deep.equal([
        `deals ${nul.dealId} -: title: holds a NUL character, which Postgres cannot store`,
        `deals ${precise.dealId} -: value: the number 12345678901234567890.12 has more digits than can be kept`,
        `deals ${huge.dealId} -: value: the number 1e999 has more digits than can be kept`,
        `deals ${zeroEnd.dealId} toDate: "0000-00-00" is not a valid date (YYYY-MM-DD); see the transform date`,
        `deals ${wrongType.dealId} -: org_id: expected a whole number or null, found "Acme"`,
        `deals ${deep.dealId} -: it is nested more than 100 levels deep, and no record of Pipedrive's is`,
        `deals ${mistyped.dealId} renewalUnit: probability: expected a number, found "no"`,
        `organizations ${option.organizationId} custom.Industry: ${rejections.at(-1)!.reason}`,
      ]);
      const wholeDeep = rejections.find(({ record_id }) => Number(record_id) === deep.dealId)!.whole!;
      expect(JSON.parse(wholeDeep), "kept whole as a text").to.contain(levels);
      const { deals, organizations } = summary.streams;
      expect([deals.rejected, organizations.rejected]).to.deep.equal([5, 0]);
      const { license, company } = summary.models;
      expect([license.rejected, license.fields_rejected, company.fields_rejected]).to.deep.equal([0, 2, 1]);
      expect(rejections.at(-1)!.reason).to.contain("987654");
      const whole = rejections.find(({ record_id }) => Number(record_id) === nul.dealId)!.whole!;
      expect(whole, "a rejected record is kept whole").to.contain('"a\\u0000b"').and.contain('"status"');

      const licenses = await setting.look(
        "select source_id, from_date, to_date, product from planhat.licenses order by id",
      );
      const row = (dealId: number, product: string) => ({
        source_id: String(dealId),
        from_date: "2026-01-31",
        to_date: null,
        product,
      });
      expect(licenses).to.have.deep.members([
        row(ordinary.dealId, "Ordinary"),
        row(zeroStart.dealId, "Zero start"),
        row(zeroEnd.dealId, "Zero end"),
        row(option.dealId, "Unknown option"),
        row(mistyped.dealId, "Mistyped"),
      ]);
      const [note] = await setting.look("select description from planhat.notes");
      expect(
        (note as { description: string }).description === megabyte,
        "a note of a megabyte is stored whole",
      ).to.equal(true);
      expect([deals.read, deals.rejected]).to.deep.equal([5, 5]);
    });

    it("a note that could not be landed goes in once it is mended, without any change to its deal", async () => {
      const { store } = setting.sandbox;
      const { organizationId } = wonDeal(setting.sandbox, { title: "With a note" });
      const id = store.create("notes", { content: "@", org_id: organizationId })["id"] as number;
      store.putText("notes", JSON.stringify(store.get("notes", id)).replace('"content":"@"', '"content":"a\\u0000b"'));
      expect((await setting.sync()).status).to.equal("partial");
      store.update("notes", id, { content: "mended" });
      await setting.sync();
      expect(
        await setting.look("select description from planhat.notes where source_id = $1", [String(id)]),
      ).to.deep.equal([{ description: "mended" }]);
    });

    it("a record that was rejected goes in once it is mended in Pipedrive, and its rejection goes", async () => {
      const [{ record_id }] = (await setting.look(
        "select record_id from connector.rejections where reason like '%NUL%'",
      )) as [{ record_id: string }];
      setting.sandbox.store.update("deals", Number(record_id), { title: "Mended" });
      await setting.sync();
      expect(
        await setting.look("select product from planhat.licenses where source_id = $1", [record_id]),
      ).to.deep.equal([{ product: "Mended" }]);
      expect(await setting.look("select 1 from connector.rejections where record_id = $1", [record_id])).to.deep.equal(
        [],
      );
    });
  });
});
