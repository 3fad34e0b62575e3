import { expect } from "chai";
import type { Summary } from "../../../connector/sync/summary.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

interface Listed {
  id: string;
  stream: string;
  record_id: number | null;
  model: string | null;
  field: string | null;
  reason: string;
  value: unknown;
  since: string;
}
type Retried = Summary & {
  rejections: { retried: number; mended: number; forgotten: number; left: number; ids: string[] };
};

const organizations =
  "stream: organizations\nmodel: company\ndirection: receive\nfields:\n  - {planhat: name, pipedrive: name}\n";
const persons =
  "stream: persons\nmodel: enduser\ndirection: receive\nfields:\n  - {planhat: firstName, pipedrive: first_name}\n  - {planhat: email, pipedrive: emails.primary}\n";
const deals = (lookup: string) =>
  `stream: deals\ndirection: receive\nstart_date: [won_time]\nmodel: license\nfields:\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n  - {planhat: product, pipedrive: title, transform: [{lookup: {${lookup}}}]}\n`;

for (const kind of ["embedded", "server"] as const) {
  describe(`what was rejected is shown and tried again (${kind})`, function () {
    this.timeout(1_200_000);
    let setting: SandboxSync;
    beforeEach(async () => {
      setting = await sandboxSync(kind, emptyAccount);
      setting.map({
        "organizations.yaml": organizations,
        "persons.yaml": persons,
        "deals.yaml": deals("Gold: A"),
      });
    });
    afterEach(() => setting.close());

    const json = async <Result>(...args: string[]): Promise<Result> => {
      const { status, stdout, stderr } = await setting.run([...args, "--json"]);
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout) as Result;
    };
    const list = () => json<Listed[]>("rejections", "list");
    const retry = (...ids: string[]) => json<Retried>("rejections", "retry", ...ids);

    it("a field is mended by a better mapping, and what is not mended keeps its id and its first date", async () => {
      const one = wonDeal(setting.sandbox, { title: "Silver" });
      const other = wonDeal(setting.sandbox, { title: "Bronze" });
      await setting.sync();
      const before = await list();
      expect(before.map(({ id: _, since: __, ...rest }) => rest)).to.deep.equal([
        {
          stream: "deals",
          record_id: other.dealId,
          model: "license",
          field: "product",
          reason: '"Bronze" is not in the lookup (it has: Gold)',
          value: "Bronze",
        },
        {
          stream: "deals",
          record_id: one.dealId,
          model: "license",
          field: "product",
          reason: '"Silver" is not in the lookup (it has: Gold)',
          value: "Silver",
        },
      ]);

      const same = await retry();
      expect(same.rejections).to.deep.equal({
        retried: 2,
        mended: 0,
        forgotten: 0,
        left: 2,
        ids: before.map(({ id }) => id),
      });
      expect(await list(), "the same rejections, with id and since").to.deep.equal(before);

      setting.map({ "deals.yaml": deals("Gold: A, Silver: B") });
      const requests = setting.sandbox.requests.count;
      const outcome = await retry();
      expect(setting.sandbox.requests.count, "what has landed needs no request").to.equal(requests);
      expect(outcome.rejections).to.deep.equal({
        retried: 2,
        mended: 1,
        forgotten: 0,
        left: 1,
        ids: [before[0]!.id],
      });
      expect(outcome.models.license).to.deep.equal({
        created: 0,
        updated: 1,
        unchanged: 1,
        rejected: 0,
        fields_rejected: 1,
      });
      const [left] = await list();
      expect(left).to.deep.equal({
        ...before[0],
        reason: '"Bronze" is not in the lookup (it has: Gold, Silver)',
      });
      expect(await setting.look("select product from planhat.licenses order by id")).to.deep.equal([
        { product: "B" },
        { product: null },
      ]);
    });

    it("a record that never landed is asked for by its id, in one request for many, and lands", async () => {
      const { store } = setting.sandbox;
      const broken = Array.from({ length: 12 }, () => wonDeal(setting.sandbox, { title: "Gold" }).dealId);
      const gone = wonDeal(setting.sandbox, { title: "Gold" }).dealId;
      const texts = new Map([...broken, gone].map((id) => [id, JSON.stringify(store.get("deals", id))]));
      for (const text of texts.values()) store.putText("deals", text.replace(/"org_id":\d+/, '"org_id":"Acme"'));
      const note = wonDeal(setting.sandbox, { title: "Gold" });
      await setting.sync();
      expect(await list()).to.have.lengthOf(13);
      for (const id of broken.slice(1)) store.putText("deals", texts.get(id)!);
      store.purge("deals", gone);

      const spent = setting.sandbox.requests.count;
      const outcome = await retry();
      expect(
        setting.sandbox.requests.count - spent,
        "whose token it is, one list of ids, and one look for the one it lacks",
      ).to.equal(3);
      expect(outcome.rejections).to.include({ retried: 13, mended: 11, left: 2 });
      expect(outcome.models.license).to.include({ created: 11 });
      const left = await list();
      expect(left.map(({ record_id }) => record_id)).to.have.members([broken[0], gone]);
      expect(left[0]!.reason).to.match(/^org_id: /);
      expect(await setting.look("select count(*)::int as rows from planhat.licenses")).to.deep.equal([{ rows: 12 }]);
      expect(note.dealId).to.be.greaterThan(0);
      const [spentToday] = await setting.look<{ tokens: string }>("select tokens from connector.budget");
      const { stdout } = await setting.run(["status", "--json"]);
      expect(JSON.parse(stdout).budget.tokens, "its tokens are counted").to.equal(Number(spentToday!.tokens));
      expect(outcome.requests.tokens).to.equal(13);
    });

    it("rows that wait for an organization that Pipedrive hid go in when it is there again", async () => {
      const { dealId, organizationId } = wonDeal(setting.sandbox, { title: "Gold" });
      const entry = setting.sandbox.store.get("organizations", organizationId)!;
      setting.sandbox.store.purge("organizations", organizationId);
      await setting.sync();
      expect((await list()).map(({ record_id, reason }) => [record_id, reason])).to.deep.equal([
        [
          dealId,
          `organization ${organizationId} has no company: no list that was read has brought it (is it deleted, or hidden from the token's user?)`,
        ],
      ]);
      setting.sandbox.store.collections.organizations.put(entry);
      const outcome = await retry();
      expect(outcome.rejections).to.include({ retried: 1, mended: 1, left: 0 });
      expect(outcome.models).to.deep.include({
        company: { created: 1, updated: 0, unchanged: 0, rejected: 0, fields_rejected: 0 },
      });
      expect(outcome.status).to.equal("succeeded");
      expect(await list()).to.deep.equal([]);
    });

    it("only the rejections asked for are counted; a record that does not sync any more is forgotten", async () => {
      const { organizationId, dealId } = wonDeal(setting.sandbox, { title: "Gold" });
      const person = setting.sandbox.store.create("persons", { name: "Ann", org_id: organizationId });
      wonDeal(setting.sandbox, { title: "Bronze" });
      await setting.sync();
      setting.map({ "persons.yaml": `${persons}  - {planhat: position, pipedrive: name, transform: [integer]}\n` });
      await setting.sync();
      const before = await list();
      const ofPerson = before.find(({ stream }) => stream === "persons")!;
      expect(ofPerson).to.include({ record_id: person["id"], field: "position", value: "Ann" });
      setting.sandbox.store.update("deals", dealId, { status: "lost" });
      await setting.sync();
      expect(await list(), "sync leaves what it does not come across").to.have.lengthOf(2);

      const outcome = await retry(ofPerson.id);
      expect(outcome.rejections).to.deep.equal({ retried: 1, mended: 0, forgotten: 1, left: 0, ids: [] });
      expect((await list()).map(({ field }) => field)).to.deep.equal(["product"]);
    });

    it("people see a table, and are told what came of it", async () => {
      const none = await setting.run(["rejections", "list"]);
      expect(none.stdout + none.stderr).to.contain("Nothing");
      for (let deal = 0; deal < 3; deal++) wonDeal(setting.sandbox, { title: `Bronze ${deal}` });
      await setting.sync();
      const { stdout } = await setting.run(["rejections", "list", "--limit", "2"]);
      const lines = stdout.trimEnd().split("\n");
      expect(lines[0]).to.match(/^id +since +record +model +field +reason +value$/);
      expect(lines[1]).to.match(
        /^\d+ +\S+ \S+Z \(just now\) +deals \d+ +license +product +"Bronze 2" is not in the lookup/,
      );
      expect(lines.slice(3)).to.deep.equal([
        "… and 1 more: --limit <n> or --json shows them.",
        "",
        "3 rejections in all.",
      ]);
      expect((await setting.run(["rejections", "list", "--stream", "notes"])).stdout).to.equal(
        "Nothing is rejected.\n",
      );
      setting.map({ "deals.yaml": deals("Gold: A, Bronze 1: B") });
      const retried = await setting.run(["rejections", "retry"]);
      expect(retried.status).to.equal(0);
      expect(retried.stdout).to.match(
        /^Tried 3 rejections again, with no request to Pipedrive, in [\d.]+ s: 1 mended, 2 left\.\n3 deals are eligible\.\n/,
      );
      expect(retried.stdout).to.contain("2 rejections in all.");
      setting.map({ "deals.yaml": deals("Bronze 0: A, Bronze 1: B, Bronze 2: C") });
      await setting.run(["rejections", "retry"]);
      expect((await setting.run(["rejections", "retry"])).stdout).to.equal(
        "Nothing is rejected, so there is nothing to try again.\n",
      );
    });
  });
}

describe("rejections refuses", function () {
  this.timeout(1_200_000);
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
  });
  after(() => setting.close());

  it("to retry before a first sync, and ids that there are not, naming them", async () => {
    const early = await setting.run(["rejections", "retry"]);
    expect(early.status).to.equal(3);
    expect(early.stderr).to.match(
      /^Error: Nothing has been synced into .* yet, so there is nothing to try again\.\nRun a first sync: pipedrive-planhat sync\.\n$/,
    );
    wonDeal(setting.sandbox);
    await setting.sync();
    const { status, stdout, stderr } = await setting.run(["rejections", "retry", "71", "abc", "99999999999999999999"]);
    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr).to.equal(
      "Error: There are no rejections 71, abc, 99999999999999999999.\nList the ids: pipedrive-planhat rejections list. A fixed rejection leaves the list.\n",
    );
    expect((await setting.run(["rejections", "retry", "5"])).stderr).to.match(/^Error: There is no rejection 5\.\n/);
    expect((await setting.run(["rejections", "list", "--stream", "deal"])).status).to.equal(2);
  });
});
