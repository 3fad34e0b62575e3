import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { allMigrations } from "../../../connector/database/migrations/all-migrations.ts";
import { migrate } from "../../../connector/database/migrations/migrate.ts";
import { inRehearsal } from "../../../connector/database/open/in-locked-database.ts";
import { openAsItIs } from "../../../connector/database/open/open-existing.ts";
import { Failure } from "../../../connector/failure.ts";
import { emptyLocation, removeLocation } from "../../databases.ts";
import { wholeHub } from "../../whole-hub.ts";

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was thrown",
    (error: unknown) => (error instanceof Failure ? `${error.kind}: ${error.message}` : `a defect: ${String(error)}`),
  );
}

/** Writes a row into the present schema. */
const work: Parameters<typeof inRehearsal>[2] = async (database) => {
  await database.query("insert into planhat.companies (source_id) values ('1')");
  return database.query("select count(*)::int as companies from planhat.companies");
};

describe("a rehearsal where a sync would begin", function () {
  this.timeout(120_000);
  let folder: string;
  let serverLocation: string;
  const stray = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`pipedrive-planhat-${process.pid}-`));
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "planhat-rehearsal-"));
    serverLocation = await emptyLocation("server");
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await removeLocation(serverLocation);
  });

  it("makes no folder where there is none, and leaves no temporary one", async () => {
    const location = join(folder, "not", "yet");
    expect(await inRehearsal(location, {}, work)).to.deep.equal([{ companies: 1 }]);
    expect(existsSync(join(folder, "not"))).to.equal(false);
    expect(stray()).to.deep.equal([]);
  });

  it("leaves no temporary folder when its work fails either", async () => {
    const failing = inRehearsal(join(folder, "not"), {}, () => Promise.reject(new Error("a fault of the work")));
    expect(await failureOf(failing)).to.equal("a defect: Error: a fault of the work");
    expect(stray()).to.deep.equal([]);
  });

  it("says what a sync would say of a folder that holds something else, or is a file", async () => {
    mkdirSync(join(folder, "photos"));
    writeFileSync(join(folder, "photos", "cat.jpg"), "");
    expect(await failureOf(inRehearsal(join(folder, "photos"), {}, work))).to.match(
      /^surroundings: The folder .*photos is not a database folder and not empty \(it holds cat.jpg\)\.$/,
    );
    expect(await failureOf(inRehearsal(join(folder, "photos", "cat.jpg"), {}, work))).to.match(
      /^surroundings: .*cat.jpg is a file, and `database` must be a folder\.$/,
    );
  });

  it("makes no schema on a server that has none", async () => {
    expect(await inRehearsal(serverLocation, {}, work)).to.deep.equal([{ companies: 1 }]);
    const database = await openAsItIs(serverLocation);
    try {
      expect(await wholeHub(database)).to.deep.equal({});
      const schemas = "select nspname from pg_namespace where nspname in ('pipedrive', 'planhat', 'connector')";
      expect(await database.query(schemas)).to.deep.equal([]);
    } finally {
      await database.close();
    }
  });

  it("says that another run is at work, where there is no run to name yet", async () => {
    const second = inRehearsal(serverLocation, {}, () => failureOf(inRehearsal(serverLocation, {}, work)));
    expect(await second).to.equal("surroundings: Another sync is running on this database.");
  });

  it("leaves an older schema as old as it is", async () => {
    const older = await openAsItIs(serverLocation);
    try {
      await migrate(older, allMigrations.slice(0, 1));
      await older.query("alter table planhat.companies drop column city");
      const before = await wholeHub(older);
      expect(await inRehearsal(serverLocation, {}, work)).to.deep.equal([{ companies: 1 }]);
      expect(await wholeHub(older)).to.deep.equal(before);
    } finally {
      await older.close();
    }
  });
});
