import { readdirSync } from "node:fs";
import { expect } from "chai";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { acquireRunLock } from "../../../connector/database/open/run-lock.ts";
import type { Summary } from "../../../connector/sync/summary.ts";
import { emptyLocation, removeLocation } from "../../databases.ts";
import { readPlanhatRows, rowDifference } from "../../row-difference.ts";
import { type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";
import { wholeHub } from "../../whole-hub.ts";

interface PlanJson extends Summary {
  changes: {
    model: string;
    source_id: string;
    action: string;
    fields: Record<string, { from: unknown; to: unknown }>;
  }[];
  rejections: { stream: string; record_id: number; model: string; field: string | null; reason: string }[];
  conflicts: object[];
  unmapped: object[];
}

for (const kind of ["embedded", "server"] as const) {
  describe(`plan, on ${kind === "embedded" ? "the embedded database" : "a server"}`, function () {
    this.timeout(1_200_000);
    let place: SandboxSync;
    let location: string;

    before(async () => {
      place = await sandboxSync(kind, { organizations: 40, persons: 70, deals: 130, notes: 120 });
      location = kind === "embedded" ? `${place.place.folder}/planhat-data` : await emptyLocation("server");
      place.place.write(
        "config.yaml",
        `company_url: ${place.sandbox.url}\napi_token: ${place.sandbox.token}\ndatabase: ${location}\nmappings: ./mappings\n`,
      );
      const { status } = await place.run(["mapping", "init"]);
      expect(status).to.equal(0);
    });
    after(async () => {
      if (kind === "server") await removeLocation(location);
      await place.close();
    });

    const look = async <Result>(work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<Result>) => {
      const database = await openDatabase(location);
      try {
        return await work(database);
      } finally {
        await database.close();
      }
    };
    const plan = async (...options: string[]) => {
      const { status, stdout, stderr } = await place.run(["plan", ...options]);
      expect(
        stderr.replace(/^Error: Records or fields were rejected, which --fail-on-rejections .*\n/m, ""),
      ).not.to.match(/Error/);
      return { status, lines: stdout.split("\n") };
    };

    it("before the first sync shows everything that it would create, and makes nothing", async () => {
      const files = readdirSync(place.place.folder);
      const { status, lines } = await plan("--fail-on-rejections");
      expect(status).to.equal(1);
      expect(readdirSync(place.place.folder)).to.deep.equal(files);
      const text = lines.join("\n");
      expect(text).to.match(/^\+ company \d+ ".*"\n {4}name: ".*"$/m);
      expect(text).to.match(
        /^\+ license \d+ "License Fee"\n {4}_currency: "[A-Z]{3}"\n {4}fromDate: "\d{4}-\d\d-\d\d"$/m,
      );
      expect(text).to.match(/^ {4}companyId: \d+ "/m);
      expect(text).to.match(/^… and \d+ more changes of note rows; --json shows all\.$/m);
      expect(text).to.match(/^! license \d+: rejected, organization \d+ has no company: /m);
      expect(text).to.match(/^Read \d+ deals, .* with \d+ requests \([1-9]\d* API tokens\) in .* s\.$/m);
      expect(text).to.match(/^\d+ deals are eligible; left out: .*\d+ not won, /m);
      expect(lines.at(-2)).to.match(
        /^Plan: [1-9]\d* to create, 0 to update, 0 unchanged, [1-9]\d* rejected\. Nothing was written; sync does it\.$/,
      );
      expect(text).not.to.include("\u001b");
    });

    it("after a sync shows old → new for what changed since, and counts the rest", async () => {
      const { status: synced, stderr } = await place.run(["sync"]);
      expect(synced, stderr).to.equal(0);
      const { store } = place.sandbox;
      const [license] = await look((database) =>
        database.query<{ source_id: string; value: string; company: string }>(
          `select l.source_id, l.value, c.source_id as company from planhat.licenses as l
           join planhat.companies as c on c.id = l.company_id where l.value is not null order by l.id limit 1`,
        ),
      );
      store.update("organizations", Number(license!.company), { name: "Renamed\u001b[31m" });
      store.update("deals", Number(license!.source_id), { value: 12345 });
      const { dealId, organizationId } = wonDeal(place.sandbox);

      const before = await look(wholeHub);
      const { status, lines } = await plan();
      expect(status).to.equal(0);
      const text = lines.join("\n");
      expect(text).to.match(new RegExp(`^~ company ${license!.company} "Renamed.*"\n {4}name: ".*" → "Renamed`, "m"));
      expect(text).not.to.include("\u001b");
      expect(text).to.include(
        `~ license ${license!.source_id} "License Fee"\n    value: ${Number(license!.value)} → 12345`,
      );
      expect(text).to.include(`+ company ${organizationId} "Acme"\n    name: "Acme"`);
      expect(text).to.match(new RegExp(`^\\+ license ${dealId} [^]*^ {4}companyId: ${organizationId} "Acme"$`, "m"));
      expect(text).to.match(/^= [1-9]\d* \w+ unchanged$/m);
      expect(lines.at(-2)).to.match(
        /^Plan: 2 to create, 2 to update, [1-9]\d* unchanged\. Nothing was written; sync does it\.$/,
      );
      expect(await look(wholeHub)).to.deep.equal(before);
    });

    it("with --json prints sync's object with every change, and then sync does exactly that", async () => {
      const first = await plan("--json", "--full");
      const {
        changes,
        rejections,
        conflicts,
        unmapped,
        run: _planned,
        seconds: _slow,
        ...planned
      } = JSON.parse(first.lines[0]!) as PlanJson;
      expect(first.lines.slice(1)).to.deep.equal([""]);
      const before = await look(readPlanhatRows);
      const { status, stdout, stderr } = await place.run(["sync", "--json", "--full"]);
      expect(status, stderr).to.equal(0);
      const { run: _synced, seconds: _fast, ...synced } = JSON.parse(stdout) as Summary;
      expect(planned).to.deep.equal(synced);
      expect(changes).to.deep.equal(rowDifference(before, await look(readPlanhatRows)));
      expect(changes.map(({ action }) => action)).to.have.members(["update", "update", "create", "create"]);
      expect([conflicts, unmapped]).to.deep.equal([[], []]);
      expect(rejections).to.not.deep.equal([]);
      expect(Object.keys(rejections[0]!)).to.deep.equal(["stream", "record_id", "model", "field", "reason"]);
    });

    it("says that there is nothing to do when there is not", async () => {
      const { lines } = await plan();
      expect(lines.at(-2)).to.match(
        /^Plan: 0 to create, 0 to update, \d+ unchanged\. The rows are as a sync would leave them\.$/,
      );
    });

    it("exits 3 while a sync runs, and with --wait waits for its end", async () => {
      const database = await openDatabase(location);
      const lock = await acquireRunLock(database);
      const { status, stdout, stderr } = await place.run(["plan"]);
      expect([status, stdout]).to.deep.equal([3, ""]);
      expect(stderr).to.match(/Another sync is running on this database\.|is in use by another process/);
      const waiting = place.run(["plan", "--company", "1", "--wait", "200"]);
      setTimeout(() => void lock.release().then(() => database.close()), 500);
      expect((await waiting).status).to.equal(0);
    });
  });
}

describe("a plan that ends early", function () {
  this.timeout(1_200_000);

  it("stopped by Ctrl-C says that nothing was written, and exits 130", async () => {
    let stop = () => {};
    const place = await sandboxSync("embedded", {
      intercept: ({ path }) => {
        if (path !== "/api/v2/persons") return undefined;
        stop();
        return "hang";
      },
    });
    try {
      const before = await place.look("select * from pipedrive.deals");
      const { status, stdout, stderr } = await place.run(["plan", "--json"], (child) => {
        stop = () => void child.kill("SIGINT");
      });
      expect(status, stderr).to.equal(130);
      expect(stderr).to.include("Stopped by SIGINT. Nothing was written.");
      const printed = JSON.parse(stdout) as PlanJson;
      expect(printed).to.deep.include({ status: "failed", changes: [], rejections: [] });
      expect(await place.look("select * from pipedrive.deals")).to.deep.equal(before);
    } finally {
      await place.close();
    }
  });
});
