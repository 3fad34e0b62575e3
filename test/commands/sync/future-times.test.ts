import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { onServerFirst } from "../../databases.ts";
import { itLong } from "../../long.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const future = "2099-01-01T00:00:00Z";

onServerFirst((kind) => {
  describe("a sync of an account with an update_time in the future", () => {
    let setting: SandboxSync;
    /** The account's time. */
    let now: Date;
    beforeEach(async () => {
      now = new Date("2026-11-02T08:00:00Z");
      setting = await sandboxSync(kind, { ...emptyAccount, clock: () => now });
    });
    afterEach(() => setting.close());

    const later = (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    };
    /** Gives a record a time in the future. */
    const misdate = (stream: "deals" | "organizations" | "notes", id: number) => {
      const record = setting.sandbox.store.get(stream, id)!;
      const time = stream === "notes" ? future.replace("T", " ").replace("Z", "") : future;
      setting.sandbox.store.putText(stream, JSON.stringify({ ...record, update_time: time }));
    };
    const runSync = async () => {
      const { status, stdout, stderr } = await setting.run(["sync", "--json"]);
      expect(status, stderr).to.equal(0);
      return { summary: JSON.parse(stdout.trim().split("\n").at(-1)!), stderr };
    };
    const places = async () => {
      const rows = await setting.look<{ stream: string; state: { position: Record<string, { update_time: string }> } }>(
        "select stream, state from connector.bookmarks where state->'position' is not null order by stream",
      );
      return rows.flatMap(({ state }) => Object.values(state.position).map(({ update_time }) => update_time));
    };
    const licenses = async () =>
      (await setting.look<{ source_id: string }>("select source_id from planhat.licenses order by source_id")).map(
        ({ source_id }) => Number(source_id),
      );

    it("takes the record, names it once, and finds what changes afterwards", async () => {
      const { dealId } = wonDeal(setting.sandbox);
      misdate("deals", dealId);
      const first = await runSync();
      expect(await licenses()).to.deep.equal([dealId]);
      expect(first.stderr).to.contain(`deals: the update_time of ${dealId} (${future}) lies in the future.`);
      for (const time of await places()) expect(Date.parse(time)).to.be.at.most(now.getTime());

      later(600);
      const idle = await runSync();
      expect(idle.stderr).not.to.contain("lies in the future");
      expect(idle.summary.streams.deals.read).to.equal(0);
      expect(idle.summary.models.license).to.include({ created: 0, updated: 0 });
      later(600);
      const requests = setting.sandbox.requests.count;
      const other = wonDeal(setting.sandbox);
      await runSync();
      expect(await licenses()).to.deep.equal([dealId, other.dealId]);
      expect(setting.sandbox.requests.count - requests, "as many requests as ever").to.equal(
        idle.summary.requests.count,
      );
    });

    it("takes up later edits of that very record", async () => {
      const { dealId } = wonDeal(setting.sandbox, { title: "Before" });
      misdate("deals", dealId);
      await runSync();
      later(600);
      setting.sandbox.store.update("deals", dealId, { title: "After" });
      await runSync();
      const [row] = await setting.look<{ name: string }>(
        "select record->>'title' as name from pipedrive.deals where id = $1",
        [dealId],
      );
      expect(row!.name).to.equal("After");
    });

    itLong("heals a database whose saved places lie in the future already", async () => {
      const { dealId } = wonDeal(setting.sandbox);
      misdate("deals", dealId);
      await runSync();
      await setting.look(
        `update connector.bookmarks set state = jsonb_set(state::jsonb, '{position}',
           (select jsonb_object_agg(key, value || '{"update_time":"${future}"}') from jsonb_each(state::jsonb->'position')))
         where state::jsonb->'position' <> '{}' and state::jsonb->'position' is not null`,
      );
      const { stdout } = await setting.run(["status", "--json"]);
      expect(JSON.parse(stdout).freshness.deals).to.equal(null);
      later(600);
      const missed = wonDeal(setting.sandbox);
      const { stderr } = await runSync();
      expect(stderr).to.contain(`deals: the saved position, ${future}, lies in the future`);
      expect(stderr).to.contain(`deals: the update_time of ${dealId} (${future}) lies in the future.`);
      expect(await licenses()).to.deep.equal([dealId, missed.dealId]);
      for (const time of await places()) expect(Date.parse(time)).to.be.at.most(now.getTime());
      later(600);
      expect((await runSync()).stderr).not.to.contain("lies in the future");
    });

    itLong("is not stopped by a note of the future either", async () => {
      const { organizationId } = wonDeal(setting.sandbox);
      const { id } = setting.sandbox.store.create("notes", { content: "<p>Hello</p>", org_id: organizationId });
      misdate("notes", id as number);
      const { stderr } = await runSync();
      expect(stderr).to.contain(`notes: the update_time of ${id} (${future}) lies in the future.`);
      expect(await setting.look("select id from planhat.notes")).to.have.length(1);
      for (const time of await places()) expect(Date.parse(time)).to.be.at.most(now.getTime());
    });
  });
});

describe("a read of an account with an update_time in the future", () => {
  let setting: SandboxSync;
  let now: Date;
  beforeEach(async () => {
    now = new Date("2026-11-02T08:00:00Z");
    setting = await sandboxSync("embedded", { ...emptyAccount, clock: () => now });
  });
  afterEach(() => setting.close());

  const catalog = JSON.stringify({
    streams: [
      {
        stream: { name: "organizations", json_schema: {}, supported_sync_modes: ["incremental"] },
        sync_mode: "incremental",
        destination_sync_mode: "append_dedup",
      },
    ],
  });
  const misdated = (name: string) => {
    const record = setting.sandbox.store.create("organizations", { name });
    setting.sandbox.store.putText("organizations", JSON.stringify({ ...record, update_time: future }));
    return record["id"] as number;
  };

  it("gives the record, warns of it, and keeps its STATE at Pipedrive's own time", async () => {
    const id = misdated("Acme");
    setting.place.write("catalog.json", catalog);
    const first = await setting.run(["read", "--catalog", "catalog.json"]);
    const messages = first.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, JsonObject>);
    const warnings = messages.flatMap(({ log }) => (log?.["level"] === "WARN" ? [log["message"]] : []));
    expect(warnings).to.deep.equal([
      `organizations: the update_time of ${id} (${future}) lies in the future. The record is read; the saved position stays at Pipedrive's own time.`,
    ]);
    const state = messages.findLast(({ type }) => (type as unknown) === "STATE")!["state"]!;
    const stream = (state["stream"] as JsonObject)["stream_state"] as Record<string, JsonObject>;
    expect(stream["organizations"]).to.deep.equal({ update_time: "2026-11-02T08:00:00Z" });
    setting.place.write("state.json", JSON.stringify([state]));
    now = new Date("2026-11-02T09:00:00Z");
    setting.sandbox.store.create("organizations", { name: "Later" });
    const { stdout } = await setting.run(["read", "--catalog", "catalog.json", "--state", "state.json"]);
    expect(stdout).to.contain('"Later"');
  });

  it("reads nothing where a STATE lies in the future, and says what to do", async () => {
    setting.sandbox.store.create("organizations", { name: "Missed" });
    setting.place.write("catalog.json", catalog);
    setting.place.write(
      "state.json",
      JSON.stringify([
        {
          type: "STREAM",
          stream: {
            stream_descriptor: { name: "organizations" },
            stream_state: { organizations: { update_time: future } },
          },
        },
      ]),
    );
    const { stdout } = await setting.run(["read", "--catalog", "catalog.json", "--state", "state.json"]);
    expect(stdout).to.not.contain('"Missed"');
    const said = `the saved position, ${future}, lies in the future, where nothing new is found. Clear the stream's state`;
    expect(stdout).to.contain(said);
  });

  itLong("does the same for Singer", async () => {
    const id = misdated("Acme");
    const first = await setting.run(["read", "--format", "singer"]);
    expect(first.stderr).to.contain(`organizations: the update_time of ${id} (${future}) lies in the future.`);
    const state = JSON.parse(first.stdout.trim().split("\n").at(-1)!).value;
    expect(state.bookmarks.organizations.update_time).to.equal("2026-11-02T08:00:00Z");
    state.bookmarks.organizations = { update_time: future };
    setting.place.write("state.json", JSON.stringify(state));
    const again = await setting.run(["read", "--format", "singer", "--state", "state.json"]);
    expect(again.stderr).to.contain(`the saved position, ${future}, lies in the future, where nothing new is found.`);
  });
});
