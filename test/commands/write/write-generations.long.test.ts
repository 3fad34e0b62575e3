import { expect } from "chai";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import { emptyAccount } from "../../sandbox-sync.ts";
import { recordOf, stateOf, statusOf, type WritePlace, writePlace } from "../../write-place.ts";

const organization = (id: number) => recordOf("organizations", { id, name: `Number ${id}` });
const overwrite = (generation: number): JsonObject => ({
  sync_mode: "full_refresh",
  destination_sync_mode: "overwrite",
  generation_id: generation,
  minimum_generation_id: generation,
  sync_id: generation,
});

describe("write marks what a later generation of a stream does not bring any more", function () {
  this.timeout(1_200_000);
  let place: WritePlace;
  before(async () => {
    place = await writePlace("server", emptyAccount);
  });
  after(() => place.close());
  beforeEach(() =>
    place.look("truncate pipedrive.organizations, pipedrive.deals, connector.generations, connector.pending"),
  );

  const alive = async (stream = "organizations") =>
    (await place.look<{ id: string }>(`select id from pipedrive.${stream} where not deleted order by id`)).map((row) =>
      Number(row.id),
    );
  const send = async (more: JsonObject, lines: string[], status = 0) => {
    place.catalog(["organizations", "deals", "deals_archived"], more);
    const result = await place.write(lines);
    expect(result.status, result.stderr).to.equal(status);
  };
  const started = statusOf("organizations", "STARTED");
  const complete = statusOf("organizations", "COMPLETE");

  it("once it is complete, and not before; an attempt that is gone on with counts what the first one brought", async () => {
    await send(overwrite(1), [started, organization(1), organization(2), organization(3), complete]);
    await send(overwrite(2), [started, organization(2), stateOf("organizations", { page: 1 })], 1);
    expect(await alive()).to.deep.equal([1, 2, 3]);
    await send(overwrite(2), [started, organization(3), complete]);
    expect(await alive()).to.deep.equal([2, 3]);
    await send(overwrite(2), [started, stateOf("organizations", { page: 2 }), complete]);
    expect(await alive()).to.deep.equal([2, 3]);
    await send(overwrite(3), [started, complete]);
    expect(await alive()).to.deep.equal([]);
    await send(overwrite(4), [started, organization(1), complete]);
    expect(await alive()).to.deep.equal([1]);
  });

  it("not when the catalog keeps all of them, whatever the mode is called", async () => {
    await send(overwrite(1), [started, organization(1), complete]);
    for (const mode of ["append", "append_dedup", "overwrite"]) {
      const kept = { destination_sync_mode: mode, generation_id: 2, minimum_generation_id: 0, sync_id: 2 };
      await send(kept, [started, organization(2), complete]);
      expect(await alive(), mode).to.deep.equal([1, 2]);
    }
  });

  it("an overwrite without numbers marks too, but not after a stream that brought nothing", async () => {
    const unnumbered = { sync_mode: "full_refresh", destination_sync_mode: "overwrite" };
    await send(unnumbered, [started, organization(1), organization(2), complete]);
    await send(unnumbered, [started, complete]);
    expect(await alive()).to.deep.equal([1, 2]);
    await send(unnumbered, [started, organization(2)], 1);
    await send(unnumbered, [started, organization(3), complete]);
    expect(await alive()).to.deep.equal([2, 3]);
    await send(unnumbered, [started, organization(3), complete]);
    expect(await alive()).to.deep.equal([3]);
  });

  it("not after a line that could not be read, for it may have held what seems to be gone", async () => {
    await send(overwrite(1), [started, organization(1), organization(2), complete]);
    await send(overwrite(2), [started, organization(1), "{", complete], 1);
    expect(await alive()).to.deep.equal([1, 2]);
  });

  it("deals only when all the source's streams of them are complete; their rows stay", async () => {
    const deal = (stream: string, id: number) =>
      recordOf(stream, {
        id,
        title: "Deal",
        status: "won",
        won_time: "2026-01-31T10:00:00Z",
        org_id: 1,
        value: 5,
        currency: "EUR",
      });
    const both = (word: string) => [statusOf("deals", word), statusOf("deals_archived", word)];
    await send(overwrite(1), [
      organization(1),
      ...both("STARTED"),
      deal("deals", 1),
      deal("deals", 2),
      deal("deals_archived", 3),
      ...both("COMPLETE"),
    ]);
    expect(await place.look("select source_id from planhat.licenses order by 1")).to.have.length(3);
    await send(overwrite(2), [
      organization(1),
      statusOf("deals", "STARTED"),
      deal("deals", 1),
      statusOf("deals", "COMPLETE"),
    ]);
    expect(await alive("deals")).to.deep.equal([1, 2, 3]);
    await send(overwrite(3), [...both("STARTED"), deal("deals", 1), deal("deals_archived", 3), ...both("COMPLETE")]);
    expect(await alive("deals")).to.deep.equal([1, 3]);
    expect(await place.look("select source_id from planhat.licenses order by 1")).to.have.length(3);
  });
});
