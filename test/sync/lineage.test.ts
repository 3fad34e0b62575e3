import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "chai";
import { packageRoot } from "../../connector/package-root.ts";
import { openInbox } from "../alerts/inbox.ts";
import { onServerFirst } from "../databases.ts";
import { sandboxSync, wonDeal } from "../sandbox-sync.ts";

interface Dataset {
  namespace: string;
  name: string;
  facets?: { columnLineage: { fields: Record<string, { inputFields: (Dataset & { field: string })[] }> } };
  outputFacets?: { outputStatistics: { rowCount: number } };
}

interface RunEvent {
  eventType: string;
  run: { runId: string; facets?: { errorMessage: { message: string } } };
  job: Dataset;
  inputs: Dataset[];
  outputs: Dataset[];
}

const organizations = (name: string, direction: string) => `stream: organizations
model: company
direction: ${direction}
fields:
  - {planhat: name, ${name}}
  - {planhat: custom.City, pipedrive: address.locality, direction: receive}
`;

/** Returns a check of an event, and of each of its facets, by OpenLineage's own schemas. */
function schemaCheck(): (event: object) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  const folder = `${packageRoot}test/fixtures/openlineage/`;
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".json")))
    ajv.addSchema(JSON.parse(readFileSync(folder + name, "utf8")) as object);
  const check = (value: unknown, schema: string) => {
    expect(ajv.validate(schema, value), `${schema}: ${ajv.errorsText(ajv.errors)}`).to.equal(true);
  };
  const checkFacets = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("_schemaURL" in value) check(value, String(value._schemaURL));
    for (const inside of Object.values(value)) checkFacets(inside);
  };
  return (event) => {
    check(event, (event as { schemaURL: string }).schemaURL);
    checkFacets(event);
  };
}

onServerFirst((kind) => {
  describe("events of OpenLineage", function () {
    this.timeout(180_000);

    it("tell each run's begin and end with the columns that become others, and no value", async () => {
      const check = schemaCheck();
      const inbox = await openInbox();
      const setting = await sandboxSync(kind, { organizations: 0, persons: 0, deals: 0, notes: 0 });
      try {
        for (let number = 1; number <= 4; number++) wonDeal(setting.sandbox, {}, { name: `Secretive ${number}` });
        setting.map({ "organizations.yaml": organizations("pipedrive: name", "both") });
        setting.map({ "deals.yaml": readFileSync(`${packageRoot}mappings/deals.yaml`, "utf8") });
        setting.configure(
          `lineage: {url: "${inbox.url}", api_key: key-of-the-collector}\nbrake: {share: 0.1, rows: 1}\n`,
        );
        const summary = await setting.sync();
        const events = () => inbox.arrived.map(({ body }) => body as unknown as RunEvent);
        expect(events().map(({ eventType }) => eventType)).to.deep.equal(["START", "COMPLETE"]);
        for (const { body, headers } of inbox.arrived) {
          check(body);
          expect(headers.authorization).to.equal("Bearer key-of-the-collector");
          expect((body as unknown as RunEvent).run.runId).to.equal(summary.run);
        }
        const complete = events()[1]!;
        const pipedrive = `pipedrive://${new URL(setting.sandbox.url).host}`;
        expect(complete.job).to.deep.equal({ namespace: pipedrive, name: "pipedrive-planhat" });
        const companies = complete.outputs.find(({ name }) => name.endsWith("planhat.companies"))!;
        if (kind === "server") {
          const { host, pathname } = new URL(setting.location);
          expect(companies.namespace).to.equal(`postgres://${host}`);
          expect(companies.name).to.equal(`${pathname.slice(1)}.planhat.companies`);
        }
        expect(companies.outputFacets!.outputStatistics.rowCount).to.equal(4);
        const from = (field: string) => ({ namespace: pipedrive, name: "organizations", field });
        expect(companies.facets!.columnLineage.fields).to.deep.equal({
          name: { inputFields: [from("name")] },
          "custom.City": { inputFields: [from("address")] },
        });
        const licenses = complete.outputs.find(({ name }) => name.endsWith("planhat.licenses"))!;
        expect(licenses.facets!.columnLineage.fields["from_date"]!.inputFields.map(({ field }) => field)).to.include(
          "won_time",
        );
        const sent = complete.outputs.find(({ name }) => name === "organizations")!;
        const { namespace, name } = companies;
        expect(sent.facets!.columnLineage.fields).to.deep.equal({
          name: { inputFields: [{ namespace, name, field: "name" }] },
        });
        expect((await setting.run(["plan"])).status).to.equal(0);
        expect(inbox.arrived, "a plan tells nothing").to.have.lengthOf(2);

        setting.map({ "organizations.yaml": organizations("value: OOPS", "receive") });
        expect((await setting.run(["sync"])).status, "held by the brake").to.equal(1);
        const failed = events().filter(({ eventType }) => eventType === "FAIL");
        expect(failed).to.have.lengthOf(1);
        check(failed[0]!);
        const { runId, facets } = failed[0]!.run;
        expect(facets!.errorMessage.message).to.equal(
          `The run failed: held by the brake. \`pipedrive-planhat runs ${runId.slice(0, 8)}\` tells why.`,
        );
        for (const { text } of inbox.arrived) expect(text).not.to.match(/Secretive|OOPS|key-of-the-collector/);
      } finally {
        await inbox.close();
        await setting.close();
      }
    });

    it("tell the end of a run that is stopped, and of a saved plan that is carried out", async () => {
      const check = schemaCheck();
      let child: ChildProcess | undefined;
      const inbox = await openInbox((response) => {
        response.end("ok");
        // The API hangs by then, or will: the sync cannot end before it is stopped.
        if (inbox.arrived.length === 1) child?.kill("SIGTERM");
      });
      let hangs = true;
      const setting = await sandboxSync(kind, {
        organizations: 1,
        persons: 0,
        deals: 1,
        notes: 0,
        intercept: ({ path }) => (hangs && path === "/v1/notes" ? "hang" : undefined),
      });
      const told = () => inbox.arrived.map(({ body }) => (body as unknown as RunEvent).eventType);
      try {
        setting.configure(`lineage: {url: "${inbox.url}"}\n`);
        const stopped = await setting.run(["sync"], (started) => {
          child = started;
        });
        expect(stopped.status).to.equal(143);
        expect(told()).to.deep.equal(["START", "FAIL"]);
        expect(stopped.stderr).not.to.contain("is lost");
        hangs = false;
        expect((await setting.run(["plan", "--out", "plan.json"])).status).to.equal(0);
        expect(inbox.arrived, "a plan tells nothing").to.have.lengthOf(2);
        const { status, stderr, stdout } = await setting.run(["sync", "--plan", "plan.json", "--json"]);
        expect(status, stderr).to.equal(0);
        expect(told().slice(2)).to.deep.equal(["START", "COMPLETE"]);
        const { run } = JSON.parse(stdout.trim().split("\n").at(-1)!) as { run: string };
        for (const { body } of inbox.arrived.slice(2)) {
          check(body);
          expect((body as unknown as RunEvent).run.runId).to.equal(run);
        }
        const text = await setting.run(["sync", "--plan", "plan.json"]);
        expect(text.status).to.equal(0);
        expect(inbox.arrived, "carried out before").to.have.lengthOf(4);
      } finally {
        await inbox.close();
        await setting.close();
      }
    });

    it("that nobody takes are a warning, and the run is as it would be", async () => {
      const setting = await sandboxSync(kind, { organizations: 1, persons: 0, deals: 1, notes: 0 });
      try {
        setting.configure("lineage: {url: http://127.0.0.1:1/api/v1/lineage}\n");
        const { status, stderr } = await setting.run(["sync"]);
        expect(status, stderr).to.equal(0);
        expect(stderr).to.match(/An event of OpenLineage is lost: 127\.0\.0\.1:1 gave no answer: /);
        setting.configure("");
        const wrong = await sandboxSync(kind, {}, setting.sandbox);
        wrong.configure("lineage: {url: http://marquez.acme.example/api/v1/lineage}\n");
        const refused = await wrong.run(["sync"]);
        await wrong.close();
        expect(refused.status).to.equal(2);
        expect(refused.stderr).to.contain(
          "`lineage.url` must be an https:// address; plain http is for this machine only.",
        );
      } finally {
        await setting.close();
      }
    });
  });
});
