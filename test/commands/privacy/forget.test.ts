import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { ForgetProof } from "../../../connector/sync/forget/forget-proof.ts";
import type { Explanation } from "../../../connector/sync/inspect/explain-record.ts";
import { emptyLocation, onServerFirst, removeLocation } from "../../databases.ts";
import {
  changeAddress,
  expectNoTrace,
  type ForgottenPlace,
  fillAccount,
  forgottenSync,
  forgottenSyncAlone,
  marks,
  traces,
} from "../../forgotten-place.ts";
import type { PlanhatSync } from "../../planhat-sync.ts";
import { runBin } from "../../run-bin.ts";
import { freePort, startServe, unsubscribe, webhookConfig } from "../../running-service.ts";
import { type SandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { wholeHub } from "../../whole-hub.ts";

async function forget(sync: SandboxSync, ...args: string[]): Promise<ForgetProof> {
  const { status, stdout, stderr } = await sync.run(["forget", ...args, "--json"]);
  expect(status, stderr).to.equal(0);
  return JSON.parse(stdout) as ForgetProof;
}

const removedFrom = ({ places }: ForgetProof) =>
  Object.fromEntries(places.flatMap(({ table, removed }) => (removed > 0 ? [[table, removed]] : [])));

// The story below tells it on a server; only the embedded database has files of its own to rewrite.
for (const kind of ["embedded"] as const) {
  describe("forget persons, in the embedded database", function () {
    this.timeout(600_000);

    it("leaves no byte of the person in the database, and says so", async () => {
      const sync = await forgottenSyncAlone(kind);
      try {
        const account = fillAccount(sync);
        await sync.sync();
        changeAddress(sync, account);
        await sync.sync();
        const { status, stdout, stderr } = await sync.run(["forget", "persons", String(account.person), "--yes"]);
        expect(status, stderr).to.equal(0);
        expect(stdout).to.match(/^Forgotten: person \d+\n/);
        expect(stdout).to.match(/pipedrive\.persons +the record +1\n/);
        expect(stdout).to.contain(`notes ${account.notes.onPerson}: they are on this person alone`);
        expect(stdout).to.contain("Done: ");
        await expectNoTrace(sync);
        expect(await sync.look("select source_id from planhat.endusers")).to.deep.equal([
          { source_id: String(account.other) },
        ]);
        expect((await sync.sync("--full")).streams.persons).to.deep.include({ skipped: { forgotten: 1 } });
        await expectNoTrace(sync);
      } finally {
        await sync.close();
      }
    });
  });
}

onServerFirst((kind) => {
  describe("forgetting a person who is everywhere", function () {
    this.timeout(600_000);
    let sync: PlanhatSync;
    let account: ForgottenPlace;
    let proof: ForgetProof;
    /** A deal that was the person's, and is another one's. */
    let passedOn: number;
    before(async () => {
      sync = await forgottenSync(kind);
      account = fillAccount(sync, { inText: true });
      passedOn = wonDeal(sync.sandbox, { person_id: account.person }).dealId;
      await sync.sync();
      changeAddress(sync, account);
      sync.sandbox.store.update("notes", account.notes.onDeal, { content: `Asked ${marks.email} for it` });
      await sync.sync();
      sync.sandbox.store.update("notes", account.notes.onDeal, { content: "A call" });
      sync.sandbox.store.update("deals", passedOn, { person_id: account.other });
      await sync.sync("--full");
      const { status, stderr } = await sync.run(["backup", "old.backup.gz"]);
      expect(status, stderr).to.equal(0);
      await sync.look(
        `insert into connector.rejections (stream, record_id, model, stage, reason, value)
         values ('deals', $1, 'license', 'mapping', $2, to_json($3::text)), ('persons', $4, null, 'record', 'odd', null)`,
        [account.deal, `"${marks.email}" is no number`, marks.email, account.person],
      );
      await sync.look(
        "update connector.runs set error = $1 where started_at = (select min(started_at) from connector.runs)",
        [`Planhat refused ${marks.first} ${marks.last}.`],
      );
    });
    after(() => sync.close());

    it("is shown first, and nothing is written", async () => {
      const before = await look();
      const shown = await forget(sync, "persons", String(account.person));
      expect(await look()).to.deep.equal(before);
      expect(shown).to.deep.include({ run: null, done: false, persons: [account.person], known_since: null });
      expect(removedFrom(shown)).to.include({ "pipedrive.persons": 1, "planhat.endusers": 1, "planhat.licenses": 1 });
      expect(shown.planhat.waiting.map(({ source_id }) => source_id)).to.deep.equal([String(account.person)]);
      expect(sync.planhat.store.find("endusers", `srcid-${account.person}`)).to.not.equal(undefined);
    });

    it("removes the person from every table and from Planhat, and proves it", async () => {
      proof = await forget(sync, "persons", String(account.person), "--yes");
      expect(proof).to.deep.include({ done: true, persons: [account.person], known_since: null });
      expect(proof.remembered).to.deep.equal({ persons: 1, addresses: 2 });
      expect(removedFrom(proof)).to.include({
        ...{ "pipedrive.persons": 1, "planhat.endusers": 1, "connector.links": 1, "connector.published": 1 },
        ...{ "planhat.licenses": 1, "planhat.notes": 2, "pipedrive.notes": 2, "connector.runs": 1 },
      });
      expect(removedFrom(proof)["connector.changes"]).to.be.greaterThan(1);
      expect(proof.planhat).to.deep.include({ deleted: 1, waiting: [] });
      expect(sync.planhat.store.find("endusers", `srcid-${account.person}`)).to.equal(undefined);
      const license = sync.planhat.store.find("licenses", `srcid-${account.deal}`)!;
      expect(license["custom"]).to.deep.include({ Contact: null, "Contact mail": null, Role: null });
    });

    it("names the notes whose text is about the person, and the backup, for people", () => {
      expect(proof.left.notes).to.deep.equal([account.notes.inText]);
      expect(proof.left.notes_on_person).to.deep.equal([account.notes.onPerson]);
      expect(proof.left.elsewhere.map(({ table }) => table)).to.deep.equal(["planhat.notes"]);
      expect(proof.backups.map(({ file }) => file)).to.deep.equal([join(sync.place.folder, "old.backup.gz")]);
    });

    it("leaves no trace but that text and that backup", async () => {
      sync.sandbox.store.update("notes", account.notes.inText!, { content: "Somebody called" });
      await sync.sync("--full");
      const texts = sync.planhat.store.all("conversations").map((note) => JSON.stringify(note));
      for (const text of texts) for (const trace of traces) expect(text).to.not.contain(trace);
      // The history of the text that people have changed now.
      await sync.look("delete from connector.changes where before::text ~ $1", [marks.first]);
      await sync.look("analyze planhat.notes");
      // The log of an embedded Postgres had that text, too; the same command again starts it anew.
      expect((await sync.run(["forget", "persons", String(account.person), "--yes"])).status).to.equal(0);
      await expectNoTrace(sync, { but: ["old.backup.gz"] });
    });

    it("keeps the person away: by Fetch All, another id, one company, and write", async () => {
      const { store } = sync.sandbox;
      const again = store.create("persons", {
        name: `${marks.first} ${marks.last}`,
        org_id: account.organization,
        emails: [{ value: marks.email.toUpperCase(), primary: true }],
      })["id"] as number;
      store.create("notes", { content: "On the new one", person_id: again, org_id: account.organization });
      store.update("deals", account.deal, { value: 7 });
      // The list shows the first one once more, because the bookmark overlaps.
      expect((await sync.sync()).streams.persons.skipped).to.deep.equal({ forgotten: 2 });
      await sync.sync("--full");
      await sync.sync("--company", String(account.organization));
      const record = { ...store.get("persons", account.person)! };
      const message = { type: "RECORD", record: { stream: "persons", emitted_at: 1, data: record } };
      sync.place.write("catalog.json", JSON.stringify(writeCatalog));
      const { status, stderr } = await runBin(sync.place.folder, ["write", "--catalog", "catalog.json"], {
        stdin: true,
        onStart: (child) => child.stdin!.end(`${JSON.stringify(message)}\n`),
      });
      expect(status, stderr).to.equal(0);
      await expectNoTrace(sync, { but: ["old.backup.gz"] });
      expect(await sync.look("select id from pipedrive.persons order by id")).to.deep.equal([
        { id: String(account.other) },
      ]);
      for (const id of [account.person, again]) {
        const { stdout } = await sync.run(["explain", "persons", String(id), "--json"]);
        const explained = JSON.parse(stdout) as Explanation;
        expect(explained).to.deep.include({ eligible: false, reasons: ["forgotten"], name: null, fields: [] });
        expect(explained.not_landed?.because).to.match(/^It was forgotten at .*, and no run takes it again\.$/);
      }
      const { stdout, status: audited } = await sync.run(["audit", "--json"]);
      expect(audited, stdout).to.equal(0);
      const { differences } = JSON.parse(stdout) as { differences: JsonObject[] };
      expect(differences.filter(({ reason }) => reason === "forgotten")).to.have.length(2);
    });

    it("says that it was done before, when it is asked for again", async () => {
      const second = await forget(sync, "persons", String(account.person), "--yes");
      expect(second.known_since).to.match(/^20\d\d-/);
      expect(second).to.deep.include({ done: true });
      expect(removedFrom(second)).to.deep.equal({});
    });

    it("does not bring the person back with a restore of the backup from before", async () => {
      const location = await emptyLocation(kind);
      try {
        const config = readFileSync(join(sync.place.folder, "config.yaml"), "utf8");
        sync.place.write("restored.yaml", config.replace(sync.location, location));
        const { status, stdout, stderr } = await sync.run(["restore", "old.backup.gz", "--config", "restored.yaml"]);
        expect(status, stderr).to.equal(0);
        expect(stdout).to.contain("1 person is removed again: forgotten since the backup was written.");
        const database = await openDatabase(location);
        try {
          const holding = Object.entries(await wholeHub(database))
            .filter(([, rows]) => traces.some((trace) => rows.includes(trace)))
            .map(([table]) => table.split(" ")[0]);
          // The text of the note in the backup is left to people.
          expect(holding).to.deep.equal(["pipedrive.notes", "planhat.notes"]);
        } finally {
          await database.close();
        }
        expect(statSync(join(sync.place.folder, "forgotten.json")).mode & 0o777).to.equal(0o600);
      } finally {
        await removeLocation(location);
      }
    });

    it("keeps the person away when events tell of it, of its deal and of its note", async () => {
      const { store } = sync.sandbox;
      const port = await freePort();
      sync.configure(webhookConfig(port));
      const serve = await startServe(sync, port);
      try {
        await unsubscribe(sync);
        await serve.settled();
        store.update("persons", account.person, { job_title: marks.title, emails: [{ value: marks.former }] });
        store.update("deals", account.deal, { value: 4712 });
        const told = [
          ["person", account.person],
          ["deal", account.deal],
          ["note", account.notes.onPerson],
        ] as const;
        for (const [entity, id] of told) {
          const meta = { entity, entity_id: String(id), action: "change", version: "2.0" };
          expect((await serve.deliver({ meta, data: null, previous: null })).status).to.equal(200);
          await serve.settled();
        }
      } finally {
        await serve.end();
      }
      expect(await licenses("value", account.deal)).to.deep.equal([{ value: "4712" }]);
      await expectNoTrace(sync, { but: ["old.backup.gz"] });
    });

    it("brings nothing back by undoing the runs from before, or by undoing that", async () => {
      const runs = await sync.look<{ id: string; mode: string }>(
        "select id, mode from connector.runs order by started_at",
      );
      const before = runs.slice(
        0,
        runs.findIndex(({ mode }) => mode === "forget"),
      );
      expect(before.map(({ mode }) => mode)).to.deep.equal(["full", "incremental", "full"]);
      const undo = async (id: string) => {
        const { status, stdout, stderr } = await sync.run(["undo", id, "--created", "--yes", "--json"]);
        expect(status, stderr).to.equal(0);
        await expectNoTrace(sync, { but: ["old.backup.gz"] });
        return (JSON.parse(stdout) as { run: string }).run;
      };
      const shown = ["custom->'Contact' as contact, custom->'Role' as role", passedOn] as const;
      expect(await licenses(...shown)).to.deep.equal([{ contact: "Bo Stays", role: null }]);
      // The last of them took the deal from the person.
      const back = await undo(before[2]!.id);
      expect(await licenses(...shown)).to.deep.equal([{ contact: "Bo Stays", role: null }]);
      await undo(back);
      await undo(before[1]!.id);
      const removing = await undo(before[0]!.id);
      expect(await licenses(...shown), "changed since by a run that is undone").to.deep.equal([]);
      await undo(removing);
      expect(await licenses(...shown)).to.deep.equal([{ contact: "Bo Stays", role: null }]);
      const sent = ["endusers", "licenses", "conversations"].flatMap((path) => [...sync.planhat.store.all(path)]);
      for (const text of sent.map((one) => JSON.stringify(one)))
        for (const trace of traces) expect(text).to.not.contain(trace);
    });

    async function licenses(columns: string, deal: number): Promise<Record<string, unknown>[]> {
      return sync.look(`select ${columns} from planhat.licenses where source_id = $1`, [String(deal)]);
    }

    async function look(): Promise<unknown> {
      return sync.look(
        `select (select count(*) from connector.runs) as runs, (select count(*) from connector.forgotten) as forgotten,
                (select string_agg(t::text, ' ' order by id) from planhat.licenses as t) as licenses,
                (select string_agg(t::text, ' ' order by id) from planhat.endusers as t) as endusers`,
      );
    }
  });

  describe("forgetting while Planhat fails", function () {
    this.timeout(600_000);

    it("goes on with the same command, or with the next sync; no merge or address is mixed up", async () => {
      const sync = await forgottenSync(kind);
      try {
        const { store } = sync.sandbox;
        const account = fillAccount(sync);
        const shared = { value: "info@acme.example", primary: false };
        store.update("persons", account.person, { emails: [{ value: marks.email, primary: true }, shared] });
        store.update("persons", account.other, {
          emails: [{ value: "bo@stays.example", primary: true }, shared],
        });
        await sync.sync();
        sync.manners.intercept = ({ method }) =>
          method === "DELETE" ? new Response("no", { status: 403 }) : undefined;
        const refused = await sync.run(["forget", "persons", String(account.person), "--yes"]);
        expect(refused.status, refused.stdout).to.equal(3);
        expect(refused.stdout).to.contain("Still in Planhat: end user 5f");
        expect(refused.stdout).to.contain("The same command again goes on.");
        expect(await sync.look("select id from pipedrive.persons")).to.have.length(1);
        expect((await sync.run(["status"])).stdout).to.contain(
          "still to be deleted in Planhat: 1; the next sync does.",
        );
        let killed = false;
        await sync.run(["forget", "persons", String(account.person), "--yes"], (child) => {
          sync.manners.intercept = ({ method }) => {
            if (method !== "DELETE") return undefined;
            killed = true;
            child.kill("SIGKILL");
            return "hang";
          };
        });
        expect(killed).to.equal(true);
        delete sync.manners.intercept;
        const proof = await forget(sync, "persons", String(account.person), "--yes");
        expect(proof).to.deep.include({ done: true });
        expect(proof.planhat).to.deep.include({ deleted: 1, waiting: [] });
        await expectNoTrace(sync);
        // The shared address is Bo's too.
        expect((await sync.sync("--full")).streams.persons.skipped).to.deep.equal({ forgotten: 1 });
        expect(await sync.look("select email from planhat.endusers")).to.deep.equal([{ email: "bo@stays.example" }]);
        store.merge("persons", account.person, account.other);
        store.update("persons", account.other, { emails: [{ value: marks.email, primary: true }] });
        expect((await sync.sync("--full")).streams.persons.skipped).to.deep.equal({ forgotten: 1 });
        expect(await sync.look("select email from planhat.endusers")).to.deep.equal([{ email: "bo@stays.example" }]);
        sync.manners.intercept = ({ method }) =>
          method === "DELETE" ? new Response("no", { status: 500 }) : undefined;
        const mail = await sync.run(["forget", "--email", " Bo@Stays.example ", "--yes", "--json"]);
        expect(mail.status).to.equal(1);
        expect(JSON.parse(mail.stdout)).to.deep.include({ exit: 1, persons: [account.other], done: false });
        delete sync.manners.intercept;
        expect((await sync.sync()).planhat?.published.enduser.deleted).to.equal(1);
        expect(sync.planhat.store.all("endusers")).to.deep.equal([]);
        expect(await sync.look("select * from connector.forgetting where task <> 'tell'")).to.deep.equal([]);
      } finally {
        await sync.close();
      }
    });
  });
});

describe("forget, wrongly asked", () => {
  it("says what is missing, and what no address is", async () => {
    const sync = await forgottenSyncAlone("server");
    try {
      for (const [args, said] of [
        [["forget"], "Whom to forget is not said."],
        [["forget", "--email", "Jane"], '"Jane" is no e-mail address.'],
        [["forget", "persons", "x"], "It must be the id of a record"],
        [["forget", "persons", "5"], "Nothing has been synced"],
      ] as const) {
        const { status, stderr } = await sync.run(args);
        expect(stderr).to.contain(said);
        expect(status).to.equal(args.length === 3 && args[2] === "5" ? 3 : 2);
      }
    } finally {
      await sync.close();
    }
  });
});

const writeCatalog = {
  streams: [
    {
      stream: { name: "persons", json_schema: {}, supported_sync_modes: ["full_refresh", "incremental"] },
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
    },
  ],
};
