import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { EmbeddedPostgres } from "../../../connector/database/embedded/embedded-postgres.ts";
import { openDatabase } from "../../../connector/database/open/open-database.ts";
import { packageRoot } from "../../../connector/package-root.ts";
import { caughtFailure } from "../../caught-failure.ts";
import { emptyLocation, migratedLocation, removeLocation } from "../../databases.ts";
import { inTestLong } from "../../long.ts";
import { runModule } from "./child-process.ts";

const openAndHold = `
import { openDatabase } from "./connector/database/open/open-database.ts";
const database = await openDatabase(process.argv.at(-1));
console.log("open");
setTimeout(() => database.close(), 60000);
`;

/** Returns the system's letter for a process state; empty if there is none. */
function stateOf(pid: number): string {
  if (process.platform !== "linux")
    return spawnSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" })
      .stdout.trim()
      .slice(0, 1);
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "";
}

describe("an embedded database folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await migratedLocation("embedded");
  });
  afterEach(() => removeLocation(folder));

  it("is made when it is missing, for its owner only, and opens again with what was stored", async () => {
    const parent = await emptyLocation("embedded");
    const missing = join(parent, "deep", "data");
    const database = await openDatabase(missing);
    expect(database.kind).to.equal("embedded");
    expect(database.location).to.equal(missing);
    await database.query("insert into connector.catalog (key, value) values ('a', '1')");
    await database.close();
    expect((await stat(missing)).mode & 0o777).to.equal(0o700);
    const again = await openDatabase(missing);
    expect(await again.query("select value from connector.catalog")).to.deep.equal([{ value: 1 }]);
    await again.close();
    await removeLocation(parent);
  });

  it("keeps its log short while much is written: a kill leaves little of it to be read again", async () => {
    const database = await openDatabase(folder);
    for (let megabytes = 0; megabytes < 340; megabytes += 20) {
      await database.transaction(async (transaction) => {
        await transaction.query(
          `insert into pipedrive.deals (id, record, extracted_at, deleted)
           select $1 + n, jsonb_build_object('id', n, 'text', repeat(md5(n::text), 30)), now(), false
           from generate_series(1, 20000) as n`,
          [megabytes * 1_000_000],
        );
        await transaction.query("truncate pipedrive.deals");
      });
    }
    const log = join(folder, "postgres", "pg_wal");
    const files = (await readdir(log, { withFileTypes: true })).filter((file) => file.isFile());
    const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(log, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1e6).to.be.within(100, 270);
    await database.close();
  });

  it("lets its process end at once when it is closed, and leaves the exit code alone", async () => {
    const child = runModule(
      `import { openDatabase } from "./connector/database/open/open-database.ts";
       process.exitCode = 7;
       const database = await openDatabase(process.argv.at(-1));
       await database.query("select 1");
       await database.close();
       const closed = performance.now();
       process.on("exit", () => console.log("ended by itself", performance.now() - closed < 2000));`,
      folder,
    );
    expect(await child.ended).to.deep.equal({ code: 7, output: "ended by itself true\n", errors: "" });
  });

  const long = "select count(*) from generate_series(1, 20000000)";

  it("leaves its process free for other work while it carries a statement out", async () => {
    const database = await openDatabase(folder);
    let ticks = 0;
    const clock = setInterval(() => ticks++, 10);
    await database.query(long);
    clearInterval(clock);
    expect(ticks).to.be.greaterThan(10);
    await database.close();
  });

  it("ends with its process in the middle of a statement, and is free at once", async () => {
    const child = runModule(
      `import { openDatabase } from "./connector/database/open/open-database.ts";
       const database = await openDatabase(process.argv.at(-1));
       const asked = performance.now();
       database.query("${long}").catch(() => undefined);
       setTimeout(() => process.exit(143), 300);
       process.on("exit", () => console.log("ends", performance.now() - asked < 5000));`,
      folder,
    );
    expect(await child.ended).to.deep.equal({ code: 143, output: "ends true\n", errors: "" });
    await (await openDatabase(folder)).close();
  });

  it("says so when its Postgres dies in a statement, then and at every later one, and keeps what was committed", async () => {
    const { kill } = EmbeddedPostgres.prototype;
    const database = await openDatabase(folder);
    const threads: EmbeddedPostgres[] = [];
    const { giveCopyInput } = EmbeddedPostgres.prototype;
    EmbeddedPostgres.prototype.giveCopyInput = function (chunks) {
      threads.push(this);
      giveCopyInput.call(this, chunks);
    };
    try {
      await database.transaction((transaction) =>
        transaction.copyIn("copy connector.catalog (key, value) from stdin", ["a\t1\n", Buffer.from("é\t2\n")]),
      );
    } finally {
      EmbeddedPostgres.prototype.giveCopyInput = giveCopyInput;
    }
    const statement = database.query(long);
    setTimeout(() => void kill.call(threads[0]!), 200);
    const { message, hint } = await caughtFailure(statement);
    expect(message).to.equal(
      `The database in the folder ${folder} stopped in the middle of its work (its thread ended with status 1).`,
    );
    expect(hint).to.contain("committed work is kept");
    expect(await caughtFailure(database.query("select 1"))).to.have.property("message", message);
    await database.close();
    const again = await openDatabase(folder);
    expect(await again.query("select key, value from connector.catalog order by key")).to.deep.equal([
      { key: "a", value: 1 },
      { key: "é", value: 2 },
    ]);
    await again.close();
  });

  it("is opened by one process at a time, and says which one has it", async () => {
    const child = runModule(openAndHold, folder);
    await child.prints("open");
    const { kind, message, hint } = await caughtFailure(openDatabase(folder));
    expect(kind).to.equal("surroundings");
    expect(message).to.match(
      new RegExp(
        `^The database folder ${folder} is in use by another process \\(pid ${child.process.pid} on .*, since 2.*Z\\)\\.$`,
      ),
    );
    expect(hint).to.equal(
      `Let it finish or stop it. For several processes at once use a Postgres server as \`database\`. If it no longer runs on any machine, delete ${join(folder, "lock")}.`,
    );
    const waiting = openDatabase(folder, { waitSeconds: 60 });
    const stop = new AbortController();
    const aborted = openDatabase(folder, { waitSeconds: 60, signal: stop.signal });
    stop.abort();
    expect(await aborted.catch((error: Error) => error.name)).to.equal("AbortError");
    child.process.kill("SIGKILL");
    await (await waiting).close();
  });

  it("is opened once in one process too", async () => {
    const database = await openDatabase(folder);
    expect((await caughtFailure(openDatabase(folder))).message).to.contain(`pid ${process.pid}`);
    await database.close();
  });

  it("loses nothing that was committed when its process is killed, and can be opened again", async () => {
    const child = runModule(
      `import { writeSync } from "node:fs";
       import { openDatabase } from "./connector/database/open/open-database.ts";
       import { landRecords } from "./connector/database/landing/landing.ts";
       const database = await openDatabase(process.argv.at(-1));
       for (let batch = 0; ; batch++) {
         const records = Array.from({ length: 50 }, (_, index) => (
           { id: batch * 50 + index, record: { batch, text: "x".repeat(2000) }, updateTime: null, deleted: false }));
         await database.transaction((transaction) =>
           landRecords(transaction, "deals", records, { extractedAt: "2026-01-01T00:00:00Z" }));
         writeSync(1, "committed " + batch + ";");
       }`,
      folder,
    );
    await child.prints("committed 20;");
    child.process.kill("SIGKILL");
    const { code, output } = await child.ended;
    expect(code).to.equal(null);
    const committed = Number(/committed (\d+);$/.exec(output)?.[1]);
    const database = await openDatabase(folder);
    const [landed] = await database.query<{ batches: number; records: number }>(
      `select count(distinct record->'batch')::int as batches, count(*)::int as records from pipedrive.deals`,
    );
    // The batch after the last reported one may be committed too; half of one never.
    expect(landed?.batches).to.be.within(committed + 1, committed + 2);
    expect(landed?.records).to.equal(landed!.batches * 50);
    await database.close();
  });

  it("takes over the lock of a process that is dead, also when another process has its id now", async () => {
    const lock = join(folder, "lock");
    const child = runModule(openAndHold, folder);
    await child.prints("open");
    const left = JSON.parse(await readFile(lock, "utf8")) as Record<string, unknown>;
    expect((await stat(lock)).mode & 0o777).to.equal(0o600);
    child.process.kill("SIGKILL");
    await child.ended;
    for (const dead of [left, { ...left, pid: process.pid }, { ...left, pid: 1, realm: "an earlier boot" }]) {
      await writeFile(lock, JSON.stringify(dead));
      await (await openDatabase(folder)).close();
    }
    const elsewhere = { ...left, host: `${hostname()}-other` };
    await writeFile(lock, JSON.stringify(elsewhere));
    expect((await caughtFailure(openDatabase(folder))).message).to.contain(`on ${elsewhere.host}`);
    await writeFile(lock, "nonsense");
    expect(await caughtFailure(openDatabase(folder))).to.deep.equal({
      kind: "surroundings",
      message: `The lock of the database folder ${folder} cannot be read.`,
      hint: `If no other process uses the folder, delete ${lock}.`,
    });
  });

  it("is free when its process is a zombie: killed, and its parent does not wait", async () => {
    // The shell becomes `sleep`, which has a child and never waits for a child's end.
    const script = `"$0" --import tsx/esm --input-type=module --eval "$1" -- "$2" & exec sleep 600`;
    const parent = spawn("sh", ["-c", script, process.execPath, openAndHold, folder], { cwd: packageRoot });
    try {
      await new Promise<void>((resolve) => parent.stdout.setEncoding("utf8").on("data", () => resolve()));
      const { pid } = JSON.parse(await readFile(join(folder, "lock"), "utf8")) as { pid: number };
      expect((await caughtFailure(openDatabase(folder))).message).to.contain(`pid ${pid}`);
      process.kill(pid, "SIGKILL");
      while (stateOf(pid) !== "Z") await sleep(20);
      await (await openDatabase(folder)).close();
      expect(stateOf(pid), "it was a zombie all the while").to.equal("Z");
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("goes to exactly one of several processes that find a dead one's lock", async () => {
    const child = runModule(openAndHold, folder);
    await child.prints("open");
    child.process.kill("SIGKILL");
    await child.ended;
    // A process died while it removed the lock of another dead one.
    await writeFile(join(folder, "lock.removing"), "");
    await utimes(join(folder, "lock.removing"), 0, 0);
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => openDatabase(folder)));
    const databases = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(databases).to.have.length(1);
    await databases[0]?.close();
  });

  it("is not made where something else is", async () => {
    const other = await mkdtemp(join(tmpdir(), "pipedrive-planhat-test-"));
    await writeFile(join(other, "thesis.txt"), "");
    expect(await caughtFailure(openDatabase(other))).to.deep.equal({
      kind: "surroundings",
      message: `The folder ${other} is not a database folder and not empty (it holds thesis.txt).`,
      hint: "Name a new or an empty folder as `database`.",
    });
    const file = join(other, "thesis.txt");
    expect(await caughtFailure(openDatabase(file))).to.deep.equal({
      kind: "surroundings",
      message: `${file} is a file, and \`database\` must be a folder.`,
      hint: "Name another folder as `database`.",
    });
    expect(await caughtFailure(openDatabase(join(file, "data")))).to.have.property("kind", "surroundings");
    await rm(other, { recursive: true });
  });

  it("is made again from the start when making it was cut off", async () => {
    const cutOff = await emptyLocation("embedded");
    await mkdir(join(cutOff, "postgres.new"));
    await writeFile(join(cutOff, "postgres.new", "PG_VERSION"), "18");
    await (await openDatabase(cutOff)).close();
    await removeLocation(cutOff);
  });

  it("says so when this user may not use it", async () => {
    if (process.getuid?.() === 0) {
      // Root may do everything, so run it as the user nobody.
      expect(spawnSync("chown", ["-R", "65534:65534", folder]).status).to.equal(0);
      await chmod(folder, 0o500);
      const child = runModule(
        `process.setgid(65534); process.setuid(65534);
         const { openDatabase } = await import("./connector/database/open/open-database.ts");
         await openDatabase(process.argv.at(-1)).catch((error) => console.log(error.kind, error.message));`,
        folder,
      );
      const { output, errors } = await child.ended;
      expect(output, errors).to.equal(
        `surroundings The database folder ${folder} cannot be read and written by this user (EACCES).\n`,
      );
      return;
    }
    await chmod(folder, 0o500);
    expect(await caughtFailure(openDatabase(folder))).to.deep.equal({
      kind: "surroundings",
      message: `The database folder ${folder} cannot be read and written by this user (EACCES).`,
      hint: "Change its owner or its rights (chmod u+rwx), or name another folder as `database`.",
    });
    await chmod(folder, 0o700);
  });

  it("says so when it is damaged", async () => {
    const damages: (() => Promise<void>)[] = [
      () => unlink(join(folder, "postgres", "PG_VERSION")),
      () => truncate(join(folder, "postgres", "global", "pg_control"), 10),
      () => rm(join(folder, "postgres", "pg_wal"), { recursive: true }),
      () => appendFile(join(folder, "postgres", "postgresql.conf"), "\nnonsense = 'on\n"),
    ];
    for (const damage of inTestLong ? damages : damages.slice(1, 2)) {
      await removeLocation(folder);
      folder = await migratedLocation("embedded");
      await damage();
      const { kind, message, hint } = await caughtFailure(openDatabase(folder));
      expect(kind).to.equal("surroundings");
      expect(message).to.match(
        new RegExp(`^The database in the folder ${folder} is damaged and cannot be opened \\(.+[^.]\\)\\.$`),
      );
      expect(hint).to.equal(
        "Restore a copy of the folder, or move it away: the next sync creates a new one and fetches everything again.",
      );
      expect(await caughtFailure(openDatabase(folder)), "the lock is free again").to.have.property("message", message);
    }
  });
});
