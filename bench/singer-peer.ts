import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../connector/mapping/value.ts";
import { measuredRun, type ProcessCost, processCost } from "./measured-run.ts";

/** The Pythons that have tap-pipedrive and pipelinewise-target-postgres. */
export interface SingerPeer {
  tap: string;
  target: string;
}

/** The streams of both, as tap-pipedrive names them. */
export const peerStreams = ["organizations", "persons", "deals", "notes"] as const;

/** Runs the tap against another address than Pipedrive's, which it cannot be told, and with the four streams alone. */
const tapProgram = `
import os
import tap_pipedrive.tap as tap
tap.BASE_URL = os.environ["PEER_URL"]
tap.PipedriveTap.streams = [one for one in tap.PipedriveTap.streams if one.schema in ${JSON.stringify(peerStreams)}]
from tap_pipedrive.cli import main
main()
`;

const targetProgram = "from target_postgres import main; main()";

/**
 * Finds both programs: in `folder`, as `<folder>/tap-pipedrive/bin/python` and `<folder>/target-postgres/bin/python`,
 * else by installing them into `scratch` by name. Returns the reason if one is not to be had.
 */
export function findSingerPeer(folder: string | undefined, scratch: string): SingerPeer | { absent: string } {
  const found: Record<string, string> = {};
  for (const [name, requirement, module] of [
    ["tap-pipedrive", "tap-pipedrive", "tap_pipedrive"],
    ["target-postgres", "pipelinewise-target-postgres", "target_postgres"],
  ] as const) {
    let python = folder === undefined ? "" : join(folder, name, "bin", "python");
    if (!existsSync(python)) {
      const home = join(scratch, name);
      python = join(home, "bin", "python");
      spawnSync("python3", ["-m", "venv", home]);
      spawnSync(python, ["-m", "pip", "install", "--quiet", requirement], { timeout: 300_000 });
    }
    const { status } = spawnSync(python, ["-c", `import ${module}`]);
    if (status !== 0)
      return { absent: `${requirement} cannot be installed by name here, and BENCH_PEERS names no folder with it` };
    found[name] = python;
  }
  return { tap: found["tap-pipedrive"]!, target: found["target-postgres"]! };
}

/** The cost of both programs together, and how they ended. */
export interface PeerRun extends ProcessCost {
  /** The last line of the one that failed. */
  failure: string | undefined;
}

/** Runs `tap | target` from the beginning: everything at `api` into the schema `peer` of a database. */
export async function runSingerPeer(
  { tap, target }: SingerPeer,
  { api, token, location, scratch }: { api: string; token: string; location: string; scratch: string },
): Promise<PeerRun> {
  mkdirSync(scratch, { recursive: true });
  const file = (name: string, content: object) => {
    writeFileSync(join(scratch, name), JSON.stringify(content));
    return join(scratch, name);
  };
  const env = { ...process.env, PEER_URL: api };
  const tapConfig = file("tap.json", { api_token: token, start_date: "2000-01-01T00:00:00Z" });
  const discovered = await measuredRun(tap, ["-c", tapProgram, "--config", tapConfig, "--discover"], { PEER_URL: api });
  if (discovered.status !== 0) return { ...nothing, failure: lastLine(discovered.stderr) };
  const catalog = JSON.parse(discovered.stdout) as { streams: { metadata: { metadata: JsonObject }[] }[] };
  for (const { metadata } of catalog.streams) for (const one of metadata) one.metadata["selected"] = true;
  const { hostname, port, username, password, pathname } = new URL(location);
  const targetConfig = file("target.json", {
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    dbname: pathname.slice(1),
    default_target_schema: "peer",
  });
  const log = (name: string) => openSync(join(scratch, name), "w");
  const reading = spawn(tap, ["-c", tapProgram, "--config", tapConfig, "--catalog", file("catalog.json", catalog)], {
    env,
    stdio: ["ignore", "pipe", log("tap.log")],
  });
  const writing = spawn(target, ["-c", targetProgram, "--config", targetConfig], {
    stdio: ["pipe", "ignore", log("target.log")],
  });
  reading.stdout!.pipe(writing.stdin!);
  writing.stdin!.on("error", () => undefined);
  const [one, other] = await Promise.all([processCost(reading), processCost(writing)]);
  const failed = one.status !== 0 ? "tap.log" : other.status !== 0 ? "target.log" : undefined;
  return {
    seconds: Math.max(one.seconds, other.seconds),
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    peakMegabytes: one.peakMegabytes + other.peakMegabytes,
    failure: failed === undefined ? undefined : lastLine(readFileSync(join(scratch, failed), "utf8")),
  };
}

const nothing = { seconds: 0, cpuSeconds: 0, peakMegabytes: 0 };

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
