import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const organizations = `stream: organizations
model: company
direction: both
prefer: planhat
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: city, pipedrive: address.locality, direction: receive}
`;
const persons = `stream: persons
model: enduser
fields:
  - {planhat: email, pipedrive: emails.primary, required: true}
`;
const deals = `stream: deals
pipelines: [Sales]
start_date: [expected_close_date, won_time]
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
  - {planhat: value, pipedrive: value, transform: [{multiply: 2}]}
`;

describe("explain", function () {
  this.timeout(1_200_000);
  let setting: SandboxSync;
  /** The ids of the cases' records. */
  const ids: Record<string, number> = {};
  let refuse: { path: string; status: number } | undefined;

  before(async () => {
    setting = await sandboxSync("server", {
      ...emptyAccount,
      intercept: ({ path }) =>
        refuse !== undefined && path.startsWith(refuse.path)
          ? new Response('{"success":false,"error":"unauthorized access"}', { status: refuse.status })
          : undefined,
    });
    setting.configure('start_date: "2020-01-01T00:00:00Z"\n');
    setting.map({ "organizations.yaml": organizations, "persons.yaml": persons, "deals.yaml": deals });
    const { store } = setting.sandbox;
    const deal = (name: string, values: JsonObject) => {
      const { dealId, organizationId } = wonDeal(setting.sandbox, values);
      ids[name] = dealId;
      ids[`${name} organization`] = organizationId;
      return organizationId;
    };
    const acme = deal("won", { title: "Rollout" });
    deal("open", { status: "open", won_time: null, org_id: acme });
    deal("elsewhere", { pipeline_id: 2, stage_id: store.find("deals", () => false).length + 6, org_id: acme });
    deal("homeless", { org_id: null });
    deal("deleted", { org_id: acme });
    store.delete("deals", ids["deleted"]!);
    deal("lost later", {});
    const gone = deal("of a deleted organization", {});
    store.delete("organizations", gone);
    ids["person"] = store.create("persons", {
      name: "Ada",
      org_id: acme,
      emails: [{ value: "a@b.example", primary: true }],
    })["id"] as number;
    ids["without e-mail"] = store.create("persons", { name: "Bob", org_id: acme })["id"] as number;
    ids["stranger"] = store.create("persons", { name: "Eve" })["id"] as number;
    ids["note"] = store.create("notes", { content: "x", deal_id: ids["won"]! })["id"] as number;
    await setting.sync();
    store.update("deals", ids["lost later"]!, { status: "lost" });
    await setting.sync();
    store.update("organizations", acme, { name: "Acme Holding" });
    await setting.look("update planhat.companies set name = 'Acme by Planhat' where source_id = $1", [String(acme)]);
    await setting.sync("--company", String(acme));
    deal("new", {});
  });
  after(() => setting.close());

  const explain = async (stream: string, name: string | number, ...args: string[]) => {
    const id = typeof name === "number" ? name : ids[name];
    const { status, stdout, stderr } = await setting.run(["explain", stream, String(id), ...args]);
    expect(status, stderr).to.equal(0);
    return stdout.replace(/\d{4}-\d\d-\d\d [\d:]{8}Z( \((just now|\d+ \w+ ago)\))?/g, "<time>");
  };

  it("a deal that is in Planhat: every rule with the value that decided, its row, each field with its steps", async () => {
    const text = await explain("deals", "won");
    const [row] = await setting.look<{ id: string; company_id: string }>(
      "select id, company_id from planhat.licenses where source_id = $1",
      [String(ids["won"])],
    );
    expect(text).to.match(
      new RegExp(`^The deal ${ids["won"]} “Rollout” is in Planhat as the license ${row!.id}, and up to date\\.\n`),
    );
    expect(text).to.contain(`
Rules
  ✓ The mapping's direction for deals is receive.
  ✓ It is not deleted.
  ✓ Its status is "won"; the mapping takes won.
  ✓ Its pipeline is Sales (1); selected: Sales (1).
  ✓ Its organization is ${ids["won organization"]}, "Acme by Planhat".
  ✓ Its start date is 2026-01-31, from won_time (expected_close_date is null).

Row
  planhat.licenses ${row!.id}, source id ${ids["won"]}, of company ${row!.company_id} (organization ${ids["won organization"]}, “Acme by Planhat”); no Planhat id yet; updated at <time>.
  Last written by run `);
    expect(text).to.contain(`
value (receive) → planhat.licenses.value
  value          100
  {multiply: 2}  200
  →              unchanged
  row now        200
`);
  });

  const sentences: [title: string, stream: string, name: string, headline: RegExp, ...more: string[]][] = [
    [
      "a deal that is open",
      "deals",
      "open",
      /is not in Planhat: it is not won\.\n/,
      '  ✗ Its status is "open"; the mapping takes won.\n',
      "  ✗ No valid start date: expected_close_date is null, won_time is null.\n",
    ],
    [
      "a deal in a pipeline that is not selected",
      "deals",
      "elsewhere",
      /is not in Planhat: it is in a pipeline that is not selected\.\n/,
      "  ✗ Its pipeline is Renewals (2); selected: Sales (1).\n",
    ],
    [
      "a deal without an organization",
      "deals",
      "homeless",
      /is not in Planhat: it is without an organization\.\n/,
      "  ✗ It has no organization.\n",
    ],
    [
      "a deleted deal",
      "deals",
      "deleted",
      /is not in Planhat: it is deleted\.\n/,
      "  ✗ It was deleted in Pipedrive.\n",
    ],
    [
      "a deal that was lost after it had synced",
      "deals",
      "lost later",
      /has a row in Planhat, the license \d+, kept and not updated any more: it is not won\.\n/,
      "  It is kept as it was when the record was last eligible, since <time>.\n",
    ],
    [
      "a deal whose organization is deleted",
      "deals",
      "of a deleted organization",
      /is not in Planhat: it is eligible, and was rejected\.\n/,
      "\nRejections\n  The row was rejected (company), since <time>: organization ",
    ],
    [
      "an organization, through which of its deals",
      "organizations",
      "won organization",
      /“Acme by Planhat” is in Planhat as the company \d+, and up to date\.\n/,
      '\nConflicts\n  name was changed on both sides (Pipedrive "Acme Holding", Planhat "Acme by Planhat") at <time>; Planhat won.\n',
    ],
    [
      "a person of an organization with an eligible deal",
      "persons",
      "person",
      /is in Planhat as the enduser \d+, and up to date\.\n/,
      "  No deal with person ",
    ],
    [
      "a person without the e-mail that the mapping requires",
      "persons",
      "without e-mail",
      /is not in Planhat: it is eligible, and was rejected\.\n/,
      "The field email was rejected (mapping), since <time>: ",
    ],
    [
      "a person whom no deal brings",
      "persons",
      "stranger",
      /is not in Planhat: it is not associated with an eligible deal\.\n/,
      "  ✗ No eligible deal brings it.\n",
    ],
    [
      "a note, whose stream has no mapping",
      "notes",
      "note",
      /is not in Planhat: it has not landed\.\n/,
      "  The direction of notes is none, so notes are not read.\n",
    ],
    [
      "a deal that is newer than the last sync, by its state in Pipedrive",
      "deals",
      "new",
      /is not in Planhat: it has not landed\.\n/,
      "  It was changed at <time>, and deals have been read up to <time>: the next sync reads it.\n",
      "Once it has landed it is eligible",
    ],
  ];
  for (const [title, stream, name, headline, ...more] of sentences) {
    it(title, async () => {
      const text = await explain(stream, name);
      expect(text).to.match(headline);
      for (const sentence of more) expect(text).to.contain(sentence);
    });
  }

  it("counts the deals of an organization by what they are", async () => {
    expect(await explain("organizations", "won organization")).to.contain(
      `  4 deals of organization ${ids["won organization"]}: 1 is eligible (deal ${ids["won"]}), 1 is not won (deal ${ids["open"]}), 1 is in a pipeline that is not selected (deal ${ids["elsewhere"]}), 1 is deleted (deal ${ids["deleted"]}).\n`,
    );
  });

  it("tells a program the same, under stable keys and in the contract's words", async () => {
    const open = JSON.parse(await explain("deals", "open", "--json"));
    expect(open).to.include({
      stream: "deals",
      id: ids["open"],
      eligible: false,
      from: "landing",
      row: null,
      kept: false,
    });
    expect(open.reasons).to.deep.equal(["not_won"]);
    expect(open.rules.map(({ reason }: { reason: string }) => reason)).to.deep.equal([
      "direction_none",
      "deleted",
      "not_won",
      "pipeline_not_selected",
      "no_organization",
      "no_start_date",
    ]);
    const won = JSON.parse(await explain("deals", "won", "--json"));
    expect(won).to.include({ eligible: true, action: "unchanged", pending: false });
    expect(won.reasons).to.deep.equal([]);
    expect(won.row).to.include({ model: "license", table: "planhat.licenses", source_id: String(ids["won"]) });
    expect(won.row.values).to.deep.equal({ _currency: "EUR", fromDate: "2026-01-31", value: 200 });
    expect(won.fields.map(({ field }: { field: string }) => field)).to.deep.equal(["_currency", "fromDate", "value"]);
  });

  it("a record that Pipedrive does not have, one that it does not tell of, and one that was not asked for", async () => {
    expect(await explain("deals", 99_999)).to.equal(
      "The deal 99999 is not in Planhat: it has not landed.\n  Pipedrive has no such record, or the token's user may not see it.\n",
    );
    refuse = { path: "/api/v2/deals/", status: 401 };
    try {
      const text = await explain("deals", 99_999);
      expect(text).to.match(/\n {2}Whether Pipedrive has it is not known: .*token/);
      expect(JSON.parse(await explain("deals", 99_999, "--json")).eligible).to.equal(null);
      const before = setting.sandbox.requests.count;
      await explain("deals", "won");
      expect(setting.sandbox.requests.count, "nothing is asked for what has landed").to.equal(before);
    } finally {
      refuse = undefined;
    }
  });

  it("a deal that the mapping has since made a sale: its license goes with the next sync", async () => {
    setting.map({ "deals.yaml": deals.replace("license", "sale").replace("fromDate", "salesDate") });
    try {
      const text = await explain("deals", "won");
      expect(text).to.match(/is in Planhat as the license \d+, and moves\.\n/);
      expect(text).to.contain("  The mapping changed since the last sync: the next one maps everything again.\n");
      expect(text).to.contain("  The record has become a sale: the next sync that applies it removes this license.\n");
    } finally {
      setting.map({ "deals.yaml": deals });
    }
  });

  it("what is wrong with its arguments, with exit status 2; and that there is no database yet", async () => {
    for (const [args, message] of [
      [["deal", "1"], "Did you mean deals?"],
      [["deals", "0"], "It must be the id of a record, a whole number above 0."],
      [["deals", "x"], "It must be the id of a record, a whole number above 0."],
      [["deals"], "missing required argument 'id'"],
    ] as const) {
      const { status, stdout, stderr } = await setting.run(["explain", ...args]);
      expect(status).to.equal(2);
      expect(stdout).to.equal("");
      expect(stderr).to.contain(message);
    }
    setting.place.write(
      "other.yaml",
      `company_url: ${setting.sandbox.url}\napi_token: ${setting.sandbox.token}\ndatabase: ./nowhere\n`,
    );
    const { status, stdout } = await setting.run(["explain", "deals", String(ids["won"]), "--config", "other.yaml"]);
    expect(status).to.equal(0);
    expect(stdout).to.contain("is not in Planhat: it has not landed.\n  No sync has read any deals yet.\n");
  });
});
