import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startSandbox } from "../../../connector/sandbox/server.ts";
import { emptyLocation, migratedLocation, removeLocation } from "../../databases.ts";
import { makeWorkplace, runBin, type Workplace } from "../../run-bin.ts";
import { runModule } from "./child-process.ts";

const isRoot = process.geteuid?.() === 0;
const nobody = 65534;
const self = isRoot ? "root \\(uid 0\\)" : `${userInfo().username} \\(uid ${process.geteuid?.()}\\)`;

/** Returns every file below a folder with its owner and modification time. */
function inventory(folder: string): string[] {
  return ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })].sort().map((name) => {
    const { uid, mtimeMs, size } = lstatSync(join(folder, name));
    return `${name} ${uid} ${mtimeMs} ${size}`;
  });
}

/** Gives a folder and its content to the user nobody. */
function giveAway(folder: string): void {
  expect(spawnSync("chown", ["-R", `${nobody}:${nobody}`, folder]).status).to.equal(0);
}

describe("an embedded folder with files of another user", () => {
  let place: Workplace;
  let folder: string;
  beforeEach(async () => {
    place = makeWorkplace();
    folder = await migratedLocation("embedded");
  });
  afterEach(async () => {
    place.remove();
    await removeLocation(folder);
  });

  it("is refused by every command before a file is written, to root as well", async () => {
    const sandbox = await startSandbox({ organizations: 1, persons: 0, deals: 0, notes: 0 });
    try {
      // Without root rights a folder cannot be given away, so use one of root's that may be listed.
      const foreign = isRoot ? folder : "/etc";
      if (isRoot) giveAway(folder);
      place.write("config.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${foreign}\n`);
      const before = isRoot ? inventory(folder) : [];
      const owner = isRoot ? `nobody \\(uid ${nobody}\\)` : "root \\(uid 0\\)";
      const way = isRoot ? "Run it as nobody, or hand all" : "Hand all";
      const user = isRoot ? "root" : userInfo().username;
      const verbs = ["sync", "plan", "status", "remap", "audit", "serve", "rejections list", "explain deals 1"];
      for (const verb of verbs) {
        const { status, stderr } = await runBin(place.folder, verb.split(" "));
        expect(stderr, verb).to.match(
          new RegExp(
            `The database folder ${foreign} (belongs to|holds files of) user ${owner}.*; this command runs as ${self}\\.`,
          ),
        );
        expect(stderr, verb).to.contain(`${way} of it to this user: sudo chown -R ${user} ${foreign}`);
        expect(status, verb).to.equal(3);
      }
      const { stdout } = await runBin(place.folder, ["check"]);
      expect(stdout).to.contain("FAILED").and.to.contain("sudo chown -R");
      if (isRoot) expect(inventory(folder)).to.deep.equal(before);
    } finally {
      await sandbox.close();
    }
  });

  it("is refused too while it is empty: root would make files there", async () => {
    if (!isRoot) return;
    const empty = await emptyLocation("embedded");
    giveAway(empty);
    place.write("config.yaml", `company_url: http://127.0.0.1:9\napi_token: t\ndatabase: ${empty}\n`);
    const { status, stderr } = await runBin(place.folder, ["status"]);
    expect([status, stderr]).to.deep.equal([
      3,
      `Error: The database folder ${empty} belongs to user nobody (uid ${nobody}); this command runs as root (uid 0).\n` +
        `Run it as nobody, or hand all of it to this user: sudo chown -R root ${empty}\n`,
    ]);
    expect(readdirSync(empty)).to.deep.equal([]);
    await removeLocation(empty);
  });

  const open = `await openDatabase(process.argv.at(-1)).then((database) => database.close())
    .then(() => console.log("opened"), (error) => console.log([error.kind, error.message, error.hint].join("\\n")));`;
  const module = `const { openDatabase } = await import("./connector/database/open/open-database.ts");`;

  it("deep inside is not called damaged: owner, file and chown are told", async () => {
    const control = join("postgres", "global", "pg_control");
    if (isRoot) giveAway(folder);
    // The state after a command as root. Without root rights, link to a file of root's.
    if (isRoot)
      expect(spawnSync("sh", ["-c", `chown 0:0 ${control}; chmod 600 ${control}`], { cwd: folder }).status).to.equal(0);
    else {
      rmSync(join(folder, control));
      symlinkSync("/etc/shadow", join(folder, control));
    }
    const drop = isRoot ? `process.setgid(${nobody}); process.setuid(${nobody});` : "";
    const { output, errors } = await runModule(`${drop} ${module} ${open}`, folder).ended;
    const [name, uid] = isRoot ? ["nobody", nobody] : [userInfo().username, process.geteuid!()];
    expect(output, errors).to.equal(
      [
        "surroundings",
        `The database folder ${folder} holds files of user root (uid 0), such as ${control}; this command runs as ${name} (uid ${uid}).`,
        `Hand all of it to this user: sudo chown -R ${name} ${folder}`,
        "",
      ].join("\n"),
    );
  });

  it("may be the mount point of a volume, which is root's while all in it is the user's", async () => {
    if (!isRoot) return;
    const mount = await emptyLocation("embedded");
    expect(spawnSync("sh", ["-c", `chgrp ${nobody} ${mount}; chmod 2775 ${mount}`]).status).to.equal(0);
    const drop = `process.setgid(${nobody}); process.setuid(${nobody});`;
    for (const _time of [1, 2]) {
      const { output, errors } = await runModule(`${drop} ${module} ${open}`, mount).ended;
      expect(output, errors).to.equal("opened\n");
    }
    mkdirSync(join(mount, "spool"));
    const { output } = await runModule(`${drop} ${module} ${open}`, mount).ended;
    expect(output).to.contain("holds files of user root (uid 0), such as spool;");
    await removeLocation(mount);
  });
});
