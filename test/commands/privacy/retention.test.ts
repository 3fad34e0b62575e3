import { expect } from "chai";
import type { ToldStatus } from "../../../connector/commands/status/status.ts";
import { pruneKeptValues } from "../../../connector/database/history/retention.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import type { CountedTable } from "../../../connector/database/tables/count-kept.ts";
import { onServerFirst } from "../../databases.ts";
import { makeWorkplace, runBin } from "../../run-bin.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

onServerFirst((kind) => {
  describe("retention", function () {
    this.timeout(300_000);
    let sync: SandboxSync;
    let person: number;
    before(async () => {
      sync = await sandboxSync(kind, { ...emptyAccount });
      sync.configure("retention: {rejected: 90d, conflicts: 60d, deleted_records: 31d, kept_rows: never}\n");
      const { organizationId } = wonDeal(sync.sandbox);
      const made = sync.sandbox.store.create("persons", { name: "Kim Goes", org_id: organizationId });
      person = made["id"] as number;
      sync.sandbox.store.create("persons", { name: "Bo Stays", org_id: organizationId });
      await sync.sync();
      await sync.look(
        `insert into connector.rejections (stream, record_id, model, stage, field, reason, value, record, since)
         select 'deals', n, 'license', 'mapping', 'value', '"k\\"im" is no "number" of ' || n, to_json('kim'::text),
                null, now() - age * interval '1 day'
         from (values (901, 91), (902, 89), (903, 200)) as old (n, age)`,
      );
      await sync.look(
        `insert into connector.rejections (stream, stage, reason, record, since)
         values ('persons', 'record', 'odd', '{"name": "kim"}', now() - interval '91 days')`,
      );
      await sync.look(
        `insert into connector.conflicts (stream, record_id, field, pipedrive, planhat, winner, at)
         select 'organizations', n, 'name', to_json('kim'::text), null, 'planhat', now() - n * interval '1 day'
         from (values (59), (61)) as old (n)`,
      );
      sync.sandbox.store.delete("persons", person);
      await sync.look(
        `update pipedrive.persons set deleted = true, record = record || '{"is_deleted": true}',
           extracted_at = now() - interval '32 days' where id = $1`,
        [person],
      );
    });
    after(() => sync.close());

    it("lets old values go with the next run, and keeps younger ones and the places", async () => {
      await sync.sync();
      const rejections = await sync.look(
        "select record_id, reason, value from connector.rejections where record_id > 900 order by 1",
      );
      expect(rejections).to.deep.equal([
        { record_id: "901", reason: '"…" is no "…" of 901', value: null },
        { record_id: "902", reason: '"k\\"im" is no "number" of 902', value: "kim" },
        { record_id: "903", reason: '"…" is no "…" of 903', value: null },
      ]);
      expect(await sync.look("select 1 from connector.rejections where record_id is null")).to.deep.equal([]);
      expect(await sync.look("select record_id from connector.conflicts")).to.deep.equal([{ record_id: "59" }]);
    });

    it("leaves ids, references and times of a deleted record, whose row stays", async () => {
      const [{ record }] = (await sync.look("select record from pipedrive.persons where id = $1", [person])) as [
        { record: Record<string, unknown> },
      ];
      expect(record).to.include({ id: person, is_deleted: true }).and.have.property("org_id");
      expect(record).to.not.have.any.keys("name", "first_name", "emails", "phones", "custom_fields");
      expect(
        await sync.look("select first_name from planhat.endusers where source_id = $1", [String(person)]),
      ).to.deep.equal([{ first_name: "Kim" }]);
      expect(await sync.look("select 1 from pipedrive.persons where record ? 'name'")).to.have.length(1);
      const { status, stdout } = await sync.run(["audit"]);
      expect(status, stdout).to.equal(0);
    });

    it("works in pieces, and comes to an end", async () => {
      const database = await openDatabase(sync.location);
      try {
        await database.query("update connector.rejections set since = now() - interval '1 year' where record_id > 900");
        const first = await pruneKeptValues(database, { rejected: 90 }, { atOnce: 1, milliseconds: 10_000 });
        expect(first).to.deep.equal({ rejected: 1, conflicts: 0, deleted: 0 });
        expect((await pruneKeptValues(database, { rejected: 90, conflicts: 60, deleted: 31 })).rejected).to.equal(0);
      } finally {
        await database.close();
      }
    });

    it("is told by privacy report and status", async () => {
      const report = JSON.parse((await sync.run(["privacy", "report", "--json"])).stdout) as CountedTable[];
      const terms = Object.fromEntries(
        report.flatMap(({ table, retention }) => (retention ? [[table, retention]] : [])),
      );
      expect(terms).to.deep.include({
        ...{ "connector.rejections": "90d", "connector.conflicts": "60d", "pipedrive.persons": "31d" },
      });
      const status = JSON.parse((await sync.run(["status", "--json"])).stdout) as ToldStatus;
      expect(status.retention).to.deep.equal({ rejected: "90d", conflicts: "60d", deleted_records: "31d" });
    });
  });
});

describe("retention in the config", () => {
  it("says what is wrong with it, each with a way to write it", async () => {
    const place = makeWorkplace();
    try {
      for (const [text, said] of [
        ["{rejected: 90}", "`retention.rejected` must be text."],
        ["{rejected: 3 months}", "`retention.rejected` must be a number of days, as 90d, or never."],
        ["{deleted_records: 30d}", "`retention.deleted_records` must be at least 31d, or never."],
        ["{kept_rows: 90d}", "`retention.kept_rows` must be `never`."],
        ["{rejectd: 90d}", "Unknown key `rejectd`."],
      ] as const) {
        place.write("config.yaml", `company_url: http://127.0.0.1:1\napi_token: x\nretention: ${text}\n`);
        const { status, stderr } = await runBin(place.folder, ["status"]);
        expect(stderr).to.contain(said);
        expect(status).to.equal(2);
      }
    } finally {
      place.remove();
    }
  });
});
