import { expect } from "chai";
import { openInbox } from "../alerts/inbox.ts";
import { type CanaryPlace, canaryPlace, expectNoMark, marked, personOf, runSilently } from "../canary.ts";
import { eachDatabase, emptyLocation, removeLocation } from "../databases.ts";
import { runBin } from "../run-bin.ts";
import { freePort, startServe, syncToken, webhookConfig } from "../running-service.ts";

/** Commands whose stdout holds no data: it is about runs, counts, settings and files. */
const silent: readonly string[][] = [
  ["check"],
  ["check", "--json"],
  ["sync"],
  ["sync", "--json"],
  ["sync", "--full", "--log-format", "json"],
  ["sync", "--company", "1"],
  ["remap"],
  ["runs"],
  ["pipelines"],
  ["privacy", "report"],
  ["mapping", "check"],
  ["webhook", "list"],
  ["alerts", "test"],
  ["backup", "b.gz"],
  ["discover"],
  ["spec"],
];

/** Commands whose stdout is data: nothing but their stderr must be silent. */
const telling: readonly string[][] = [
  ["plan"],
  ["plan", "--json"],
  ["plan", "--out", "plan.json"],
  ["status"],
  ["explain", "persons", "1"],
  ["explain", "deals", "1", "--json"],
  ["history", "persons", "1"],
  ["audit"],
  ["audit", "--json"],
  ["rejections", "list"],
  ["rejections", "retry"],
  ["undo", "last"],
  ["holds", "list"],
  ["mapping", "preview", "persons", "1"],
  ["mapping", "fields", "persons"],
  ["query", "select * from planhat.endusers"],
  ["export", "--to", "out"],
  ["forget", "persons", "1"],
  ["forget", "persons", "1", "--yes"],
];

eachDatabase((_open, kind) => {
  describe("no value of a record in what any command prints or sends", function () {
    this.timeout(1_800_000);
    let place: CanaryPlace;
    let inbox: Awaited<ReturnType<typeof openInbox>>;
    before(async () => {
      place = await canaryPlace(kind);
      inbox = await openInbox();
      place.sync.configure(
        `alerts:\n  - {url: "${inbox.url}", on: [failed, {rejections: {count: 1}}, conflicts, held]}\n`,
      );
    });
    after(async () => {
      await inbox.close();
      await place.sync.close();
    });

    it("of the commands, in a healthy account", async () => {
      await runSilently(place, ["sync", "--yes"], { status: 0 });
      for (const args of silent) await runSilently(place, args);
      for (const args of telling.slice(0, -2)) await runSilently(place, args, { data: true });
    });

    it("of the commands, while Pipedrive and Planhat answer oddly", async () => {
      const bodies = [
        () => new Response(`<html>${marked("odd", "page")}</html>`, { headers: { "content-type": "text/html" } }),
        () => new Response(`{"success":true,"data":[{"id":1,"name":"${marked("odd", "cut")}`),
        () => Response.json({ success: true, data: { name: marked("odd", "one") } }),
        () => Response.json({ success: true, data: [marked("odd", "text"), [marked("odd", "list")]] }),
      ];
      for (const body of bodies) {
        place.faults.pipedrive = ({ path }) => (/persons|notes/.test(path) ? body() : undefined);
        for (const args of [["sync", "--full"], ["sync", "--company", "1"], ["audit"], ["check"]])
          await runSilently(place, args, { data: args[0] === "audit" });
      }
      delete place.faults.pipedrive;
      for (const status of [400, 403, 404, 422, 500]) {
        place.sync.manners.intercept = ({ method }) =>
          method === "PUT" ? Response.json({ error: marked("planhat", String(status)) }, { status }) : undefined;
        if (status !== 500) await runSilently(place, ["sync", "--full"]);
      }
      delete place.sync.manners.intercept;
    });

    it("of sending a company to Pipedrive, which refuses it and quotes it", async () => {
      await place.sync.look("update planhat.companies set name = $1, web = $2", [
        marked("edited", "name"),
        marked("edited", "web"),
      ]);
      place.faults.pipedrive = ({ method }) =>
        method === "PATCH"
          ? Response.json({ success: false, error: `name ${marked("edited", "name")} is taken` }, { status: 400 })
          : undefined;
      await runSilently(place, ["sync", "--yes"]);
      delete place.faults.pipedrive;
      await runSilently(place, ["sync", "--yes"]);
    });

    it("of read and write, and of a write whose lines are broken", async () => {
      const { folder } = place.sync.place;
      const found = await runSilently(place, ["discover"]);
      const { streams } = (
        JSON.parse(found.stdout.split("\n").find((line) => line.includes('"CATALOG"'))!) as {
          catalog: { streams: object[] };
        }
      ).catalog;
      const configured = streams.map((stream) => ({
        ...{ stream, sync_mode: "incremental", destination_sync_mode: "append_dedup" },
      }));
      place.sync.place.write("catalog.json", JSON.stringify({ streams: configured }));
      const read = await runSilently(place, ["read", "--catalog", "catalog.json"], { data: true });
      const logs = read.stdout.split("\n").filter((line) => /"type":"(LOG|TRACE|STATE)"/.test(line));
      expectNoMark(logs.join("\n"), "the messages of read that hold no record");
      for (const input of [read.stdout, `${read.stdout.slice(0, 2000)}\n{"type":"RECORD","${marked("cut", "line")}`]) {
        const written = await runBin(folder, ["write", "--catalog", "catalog.json", "--log-level", "debug"], {
          stdin: true,
          onStart: (child) => {
            child.stdin!.on("error", () => undefined);
            child.stdin!.end(input);
          },
        });
        expectNoMark(written.stderr + written.stdout, "what write prints");
      }
    });

    it("of a restore, a copy and a forgetting", async () => {
      const location = await emptyLocation(kind);
      try {
        await runSilently(place, ["database", "copy", location]);
      } finally {
        await removeLocation(location);
      }
      for (const args of telling.slice(-2)) await runSilently(place, args);
    });

    it("of the service: its log, /health, /metrics, and the alerts", async () => {
      const port = await freePort();
      place.sync.configure(webhookConfig(port));
      const service = await startServe(place.sync, port, ["--log-level", "debug"]);
      try {
        const { store } = place.sync.sandbox;
        for (let number = 10; number < 13; number++) {
          const { id } = store.create("persons", personOf(number, place.organization));
          store.update("deals", place.deal, { person_id: id!, value: number });
          if (number === 11)
            place.faults.pipedrive = ({ path }) => (path.endsWith("/persons") ? new Response("{") : undefined);
          await service.deliver({
            meta: { entity: "deal", entity_id: String(place.deal), action: "change", version: "2.0" },
            data: { title: marked("event", "title") },
            previous: { title: marked("event", "before") },
          });
          await service.deliver(`{"meta": "${marked("event", "odd")}`);
          await fetch(`${service.url}/sync`, { method: "POST", headers: { authorization: `Bearer ${syncToken}` } });
          await new Promise((resolve) => setTimeout(resolve, 4000));
          const health = await fetch(`${service.url}/health`, { headers: { authorization: `Bearer ${syncToken}` } });
          expectNoMark(await health.text(), "/health");
          expectNoMark(await (await fetch(`${service.url}/metrics`)).text(), "/metrics");
        }
      } finally {
        delete place.faults.pipedrive;
        const { stdout, stderr } = await service.end();
        expectNoMark(stdout + stderr, "the log of serve");
      }
      expect(inbox.arrived.length).to.be.greaterThan(0);
      for (const { text } of inbox.arrived) expectNoMark(text, "an alert");
    });
  });
});
