import { createHmac } from "node:crypto";
import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { emptyAccount, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const keys = ["a-first-key-for-tests-0123456789abcdef", "another-key-for-tests-0123456789abcdef"] as const;

function persons(...entries: string[]): string {
  return `stream: persons\nmodel: enduser\nfields:\n${entries.map((entry) => `  - {${entry}}\n`).join("")}`;
}

const organizations = (entry: string) =>
  `stream: organizations\nmodel: company\ndirection: both\nfields:\n  - {planhat: name, pipedrive: name}\n  - {${entry}}\n`;

const fingerprint = (key: string, value: string) => createHmac("sha256", key).update(value).digest("hex");

describe("masked and hashed fields", function () {
  this.timeout(600_000);
  onServerFirst((kind) => {
    it("hide values, keep equality, and change with the key as plan shows", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      const { store } = setting.sandbox;
      const emails = (address: string) => ({ emails: [{ value: address, primary: true, label: "work" }] });
      const phones = { phones: [{ value: "+46 70 123 45 67", primary: true, label: "work" }] };
      const file = (transform: string) =>
        persons(
          "planhat: lastName, pipedrive: name, transform: [{mask: name}]",
          `planhat: custom.Key, pipedrive: emails.primary, transform: [lowercase, ${transform}]`,
          "planhat: phone, pipedrive: phones.primary, transform: [{mask: phone}]",
        );
      const deals =
        "stream: deals\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n";
      try {
        const { organizationId } = wonDeal(setting.sandbox);
        for (const address of ["jane@acme.example", "Jane@Acme.example"]) {
          store.create("persons", { name: "Jane Doe", org_id: organizationId, ...emails(address), ...phones });
        }
        store.create("persons", { name: "Li", org_id: organizationId });
        setting.map({ "persons.yaml": file("hash"), "deals.yaml": deals });
        const rows = () =>
          setting.look(
            "SELECT last_name AS name, custom ->> 'Key' AS key, phone FROM planhat.endusers ORDER BY source_id",
          );

        // A key is missing, too short, or named wrongly; a transform is unknown, or sends: nothing is started.
        const keyless = await setting.run(["sync"]);
        expect(keyless.status).to.equal(2);
        expect(keyless.stderr).to.match(/persons\.yaml:5:\d+/);
        expect(keyless.stderr).to.contain("`hash` needs a key, and the config has no `hash_key`.");
        expect(keyless.stderr).to.contain("openssl rand -hex 32");
        setting.map({
          "organizations.yaml": organizations("planhat: city, pipedrive: address.locality, transform: [{mask: text}]"),
        });
        const sending = await setting.run(["mapping", "check"]);
        expect(sending.status).to.equal(2);
        expect(sending.stdout).to.match(/organizations\.yaml:6:\d+/);
        expect(sending.stdout).to.contain("The transform `mask` has no inverse (the hidden letters are gone)");
        setting.map({ "organizations.yaml": organizations("planhat: city, pipedrive: address.locality") });

        setting.configure("hash_key: ${HASH_KEY}\n");
        const withKey = (key: string, ...args: string[]) => setting.run(args, undefined, { HASH_KEY: key });
        const tooShort = await withKey("short", "sync");
        expect([tooShort.status, tooShort.stderr]).to.satisfy(
          ([status, text]: [number, string]) =>
            status === 2 && text.includes("`hash_key` must have at least 32 characters."),
        );
        const first = await withKey(keys[0], "sync");
        expect(first.status, first.stderr).to.equal(0);
        const jane = { name: "J*** D**", key: fingerprint(keys[0], "jane@acme.example"), phone: "+** ** *** ** 67" };
        expect(await rows()).to.deep.equal([jane, jane, { name: "L*", key: null, phone: null }]);

        const again = await withKey(keys[0], "sync", "--json");
        expect(JSON.parse(again.stdout).models.enduser.updated, "the same key changes nothing").to.equal(0);
        const plan = await withKey(keys[1], "plan");
        expect(plan.status, plan.stderr).to.equal(0);
        expect(plan.stdout).to.contain(fingerprint(keys[0], "jane@acme.example").slice(0, 20));
        expect(plan.stdout).to.contain(fingerprint(keys[1], "jane@acme.example").slice(0, 20));
        // Another key changes every row in which a value is hashed, and no other: the brake counts these.
        setting.configure("brake: {share: 0.1, rows: 1}\n");
        const held = await withKey(keys[1], "sync", "--json");
        expect(held.status, held.stderr).to.equal(1);
        const [brake] = (JSON.parse(held.stdout) as { held: { what: string; count: number }[] }).held;
        expect(brake?.count, held.stdout).to.equal(2);
        expect((await rows())[0]).to.deep.equal(jane);
        const other = await withKey(keys[1], "sync", "--yes");
        expect(other.status, other.stderr).to.equal(0);
        expect((await rows())[0]).to.deep.equal({ ...jane, key: fingerprint(keys[1], "jane@acme.example") });
        for (const { stdout, stderr } of [first, again, plan, held, other, tooShort]) {
          for (const key of [...keys, 'short"']) expect(stdout + stderr).not.to.contain(key);
        }
        const [stored] = await setting.look<{ text: string }>(
          "SELECT query_to_xml('SELECT * FROM connector.runs', true, true, '')::text || query_to_xml('SELECT * FROM connector.changes', true, true, '')::text AS text",
        );
        for (const key of keys) expect(stored!.text).not.to.contain(key);
      } finally {
        await setting.close();
      }
    });
  });
});
