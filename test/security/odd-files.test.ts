import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../../connector/package-root.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

// A device never ends, and a pipe waits for its writer: both would block a command forever.
describe("what is no regular file is refused before it is read", function () {
  this.timeout(120_000);
  let place: Workplace;
  before(function () {
    if (process.platform === "win32") this.skip();
    place = makeWorkplace();
    execFileSync("mkfifo", [join(place.folder, "pipe")]);
    place.write("config.yaml", "company_url: http://127.0.0.1:1\napi_token: a-token-for-tests\nmappings: maps\n");
    mkdirSync(join(place.folder, "maps"));
  });
  after(() => place?.remove());

  const refusal = async (...args: string[]) => {
    const { status, stdout, stderr } = await runBin(place.folder, args);
    expect(status, stdout + stderr).to.equal(2);
    return stderr;
  };

  it("a device as config", async () => {
    expect(await refusal("status", "--config", "/dev/zero")).to.contain(
      "The config file /dev/zero is not a regular file, but a device, a pipe or a socket.",
    );
  });

  it("a pipe as config that nobody writes to, or too much", async () => {
    expect(await refusal("status", "--config", "pipe")).to.contain(
      "The config file pipe is a pipe to which nothing is written.",
    );
    const flood = spawnSync(
      "bash",
      ["-c", `exec "${process.execPath}" "${packageRoot}dist/main.js" status --config <(cat /dev/zero)`],
      { encoding: "utf8", cwd: place.folder },
    );
    expect([flood.status, flood.stderr]).to.satisfy(
      ([status, stderr]: [number, string]) => status === 2 && stderr.includes("has more than 1 MB"),
      flood.stderr,
    );
  });

  it("but a config that a program writes is read, and its paths count from here", () => {
    const { status, stdout, stderr } = spawnSync(
      "bash",
      [
        "-c",
        `exec "${process.execPath}" "${packageRoot}dist/main.js" status --config <(sleep 1; cat config.yaml; echo 'databse: x')`,
      ],
      { encoding: "utf8", cwd: place.folder },
    );
    expect(status, stdout).to.equal(2);
    expect(stderr).to.contain("Did you mean `database`").and.not.to.contain("not a regular file");
    const sound = spawnSync(
      "bash",
      ["-c", `exec "${process.execPath}" "${packageRoot}dist/main.js" status --config <(cat config.yaml)`],
      { encoding: "utf8", cwd: place.folder },
    );
    expect(sound.stdout + sound.stderr).to.contain(`${place.folder}`);
  });

  it("a device as mapping file", async () => {
    symlinkSync("/dev/zero", join(place.folder, "maps", "deals.yaml"));
    expect(await refusal("mapping", "check")).to.match(/The mapping file \S*deals\.yaml is not a regular file/);
    rmSync(join(place.folder, "maps", "deals.yaml"));
  });

  it("a pipe as catalog", async () => {
    const { status, stdout } = await runBin(place.folder, ["read", "--catalog", "pipe"]);
    expect(status).to.equal(1);
    expect(stdout).to.contain("The catalog file pipe is a pipe to which nothing is written.");
  });
});
