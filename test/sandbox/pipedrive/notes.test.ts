import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { type Sandbox, startSandbox } from "../../../connector/sandbox/server.ts";
import { officialClient, send } from "../client.ts";

interface NotePage {
  data?: { id: number; update_time: string; active_flag: boolean; deal_id: number | null }[];
  additional_data?: { pagination?: { next_start?: number; more_items_in_collection?: boolean } };
}

describe("notes in the sandbox (API v1)", () => {
  let sandbox: Sandbox;
  let client: ReturnType<typeof officialClient>;
  let now: Date;
  beforeEach(async () => {
    now = new Date("2026-11-10T12:00:00Z");
    sandbox = await startSandbox({
      organizations: 50,
      persons: 60,
      deals: 120,
      notes: 230,
      burstLimit: 1000,
      clock: () => now,
    });
    client = officialClient(sandbox);
  });
  afterEach(() => sandbox.close());

  async function walk(query: object): Promise<NonNullable<NotePage["data"]>> {
    const notes: NonNullable<NotePage["data"]> = [];
    let start: number | undefined = 0;
    while (start !== undefined) {
      const page = (await client.notes.getNotes({ ...query, start })) as unknown as NotePage;
      notes.push(...(page.data ?? []));
      start = page.additional_data?.pagination?.next_start;
    }
    return notes;
  }

  it("are listed to the end by start and limit, deleted ones left out", async () => {
    const notes = await walk({ limit: 100 });
    const active = [...sandbox.account.records.notes].filter((note) => note["active_flag"] !== false);
    expect(notes.map(({ id }) => id)).to.deep.equal(active.map(({ id }) => id));
    const last = (await client.notes.getNotes({ start: 200, limit: 100 })) as unknown as NotePage;
    expect(last.additional_data?.pagination).to.deep.equal({ start: 200, limit: 100, more_items_in_collection: false });
  });

  it("carry times without a zone and the names of what they stand on, as those are now", async () => {
    const [note] = sandbox.store.find(
      "notes",
      (entry) => !entry.deleted && entry.deal !== null && entry.organization !== null,
    );
    sandbox.store.update("organizations", note?.["org_id"] as number, { name: "Renamed" });
    const { data } = (await client.notes.getNote({ id: note?.["id"] as number })) as unknown as { data: JsonObject };
    expect(data["update_time"]).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(data["organization"]).to.deep.equal({ name: "Renamed" });
    expect(data["deal"]).to.have.keys("title");
    expect(data["user"]).to.include.keys("email", "name", "is_you");
  });

  it("are sorted by update_time and filtered by updated_since, inclusively", async () => {
    const since = "2024-03-01T06:00:00Z";
    const notes = await walk({ sort: "update_time ASC", updated_since: since, limit: 50 });
    const times = notes.map((note) => note.update_time);
    expect(times[0]).to.equal("2024-03-01 06:00:00");
    expect(times).to.deep.equal([...times].sort());
    const newest = await walk({ sort: "update_time DESC", limit: 500 });
    expect(newest[0]?.update_time).to.equal(times.at(-1));
  });

  it("are found by deal, person and organization", async () => {
    const [note] = sandbox.store.find(
      "notes",
      (entry) => !entry.deleted && entry.deal !== null && entry.person !== null,
    );
    for (const key of ["deal_id", "person_id", "org_id"]) {
      const found = await walk({ [key]: note?.[key] });
      expect(
        found.map(({ id }) => id),
        key,
      ).to.include(note?.["id"]);
      expect(found.every((one) => (one as unknown as JsonObject)[key] === note?.[key])).to.equal(true);
    }
  });

  it("are created with 201 and take the deal's person and organization", async () => {
    const [deal] = sandbox.store.find(
      "deals",
      (entry) => !entry.deleted && entry.person !== null && entry.organization !== null,
    );
    const { status, body } = await send(sandbox, "POST", "/v1/notes", {
      content: "<p>Hello</p>",
      deal_id: deal?.["id"],
    });
    expect(status).to.equal(201);
    expect((body as { data?: JsonObject }).data).to.include({
      id: 231,
      content: "<p>Hello</p>",
      person_id: deal?.["person_id"],
      org_id: deal?.["org_id"],
      add_time: "2026-11-10 12:00:00",
      active_flag: true,
    });
  });

  it("need content and something to stand on", async () => {
    expect((await send(sandbox, "POST", "/v1/notes", { deal_id: 1 })).body).to.deep.equal({
      success: false,
      error: "content is required",
      error_info: "Please check developers.pipedrive.com for more information about Pipedrive API.",
      data: null,
      additional_data: null,
    });
    expect((await send(sandbox, "POST", "/v1/notes", { content: "x" })).status).to.equal(400);
  });

  it("move update_time when the content changes, and not when they are linked elsewhere", async () => {
    const [note] = sandbox.store.find("notes", (entry) => !entry.deleted && entry.deal !== null);
    const id = note?.["id"] as number;
    await client.notes.updateNote({ id, NoteRequest: { org_id: 3 } as never });
    expect(sandbox.store.get("notes", id)).to.include({ org_id: 3, update_time: note?.["update_time"] as string });
    await client.notes.updateNote({ id, NoteRequest: { content: "<p>New</p>" } as never });
    expect(sandbox.store.get("notes", id)).to.include({ content: "<p>New</p>", update_time: "2026-11-10 12:00:00" });
  });

  it("disappear from the list when deleted, and are still given by id as inactive", async () => {
    const [note] = sandbox.store.find("notes", (entry) => !entry.deleted);
    const id = note?.["id"] as number;
    expect(await client.notes.deleteNote({ id })).to.deep.include({ success: true, data: true });
    expect((await walk({ limit: 500 })).map((one) => one.id)).not.to.include(id);
    const { data } = (await client.notes.getNote({ id })) as unknown as { data: JsonObject };
    expect(data["active_flag"]).to.equal(false);
    expect((await send(sandbox, "GET", "/v1/notes/99999")).status).to.equal(404);
  });

  it("do not mind parameters that v1 does not know", async () => {
    expect((await send(sandbox, "GET", "/api/v1/notes?cursor=abc&nonsense=1")).status).to.equal(200);
  });
});
