import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { packageRoot } from "../connector/package-root.ts";
import { type Sandbox, startSandbox } from "../connector/sandbox/server.ts";
import { sizeOf } from "./size-of.ts";

describe("the packed package, installed by npm in an empty folder", function () {
  this.timeout(900_000);
  let root: string;
  /** The folder of a reader: the package is installed there, and nothing else is. */
  let folder: string;
  let tarball: string;
  let sandbox: Sandbox;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), "pipedrive-planhat-packed-"));
    folder = join(root, "reader");
    mkdirSync(folder);
    const packed = spawnSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", root], {
      cwd: packageRoot,
      encoding: "utf8",
    });
    expect(packed.status, packed.stderr).to.equal(0);
    tarball = join(root, (JSON.parse(packed.stdout) as [{ filename: string }])[0].filename);
    writeFileSync(join(folder, "package.json"), '{"private": true}\n');
    const options = ["--no-audit", "--no-fund", "--cache", join(root, "cache")];
    const installed = spawnSync("npm", ["install", ...options, tarball], { cwd: folder, encoding: "utf8" });
    expect(installed.status, installed.stderr).to.equal(0);
    sandbox = await startSandbox({ organizations: 4, persons: 5, deals: 9, notes: 4, burstLimit: 1000 });
  });
  after(async () => {
    await sandbox?.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Runs the command as npm has linked it. */
  const start = (place: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess =>
    spawn(join(folder, "node_modules/.bin/pipedrive-planhat"), args, {
      cwd: place,
      env: { PATH: process.env["PATH"] ?? "", HOME: place, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const run = (place: string, args: readonly string[], env?: Record<string, string>) =>
    new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = start(place, args, env);
      let [stdout, stderr] = ["", ""];
      child.stdout!.on("data", (text: Buffer) => {
        stdout += text.toString();
      });
      child.stderr!.on("data", (text: Buffer) => {
        stderr += text.toString();
      });
      child.on("close", (status) => resolve({ status, stdout, stderr }));
    });

  it("is at most 45 MB in 20 packages, and the console adds at most 1.5 MB to what is downloaded", () => {
    const modules = join(folder, "node_modules");
    const packages = readdirSync(modules)
      .filter((name) => !name.startsWith("."))
      .flatMap((name) => (name.startsWith("@") ? readdirSync(join(modules, name)) : [name]));
    const megabytes = sizeOf(modules) / 1e6;
    const own = join(modules, "pipedrive-planhat");
    const page = spawnSync("tar", ["czf", join(root, "console.tgz"), "-C", own, "dist/console"]);
    expect(page.status).to.equal(0);
    const [whole, ofPage] = [tarball, join(root, "console.tgz")].map((file) => statSync(file).size / 1e6);
    console.log(
      `    packed ${whole!.toFixed(2)} MB, of it the page of the console ${ofPage!.toFixed(2)} MB; ` +
        `installed ${megabytes.toFixed(1)} MB in ${packages.length} packages`,
    );
    expect(packages.length).to.be.at.most(20);
    expect(megabytes).to.be.at.most(45);
    expect(ofPage).to.be.at.most(1.5);
  });

  it("runs the demo to its end", async () => {
    const { status, stdout, stderr } = await run(folder, ["demo"]);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.match(/First sync: Fetch All/);
  });

  it("runs init and then sync", async () => {
    const place = join(root, "account");
    mkdirSync(place);
    const made = await run(place, ["init", "--company-url", sandbox.url, "--yes"], {
      PIPEDRIVE_API_TOKEN: sandbox.token,
    });
    expect(made.status, made.stderr).to.equal(0);
    expect(readdirSync(place).sort()).to.deep.equal([".env", ".gitignore", "config.yaml", "mappings"]);
    const synced = await run(place, ["sync", "--json"]);
    expect(synced.status, synced.stderr).to.equal(0);
    const { models } = JSON.parse(synced.stdout) as { models: Record<string, { created: number }> };
    expect(models["company"]!.created).to.be.greaterThan(0);
  });

  it("serves the page of the console, which begins with the first hour where there is no config", async () => {
    for (const [place, setUp] of [
      ["account", true],
      ["empty", false],
    ] as const) {
      mkdirSync(join(root, place), { recursive: true });
      const child = start(join(root, place), ["console", "--port", "0", "--no-open"]);
      let told = "";
      child.stdout!.on("data", (text: Buffer) => {
        told += text.toString();
      });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      try {
        while (!/http:\S+/.test(told) && child.exitCode === null) await sleep(50);
        const link = /http:\S+/.exec(told)![0];
        const entered = await fetch(link, { redirect: "manual" });
        expect(entered.status).to.equal(302);
        const cookie = entered.headers.getSetCookie()[0]!.split(";")[0]!;
        const at = (path: string) => fetch(new URL(path, link), { headers: { cookie } });
        const page = await at("/console/");
        expect(page.status).to.equal(200);
        const [, script] = /src="\.?\/?([^"]+\.js)"/.exec(await page.text())!;
        expect((await at(`/console/${script}`)).status).to.equal(200);
        let found = false;
        for (const until = Date.now() + 60_000; found !== setUp && Date.now() < until; await sleep(100))
          found = ((await (await at("/console/api/session")).json()) as { set_up: boolean }).set_up;
        expect(found).to.equal(setUp);
      } finally {
        child.kill("SIGTERM");
        expect(await ended).to.equal(143);
      }
    }
  });
});
