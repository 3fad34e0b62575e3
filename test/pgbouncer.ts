import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { serverUser } from "./postgres-binaries.ts";
import { freePort } from "./running-service.ts";

/** A PgBouncer before the tests' server. */
export interface PgBouncer {
  /** Returns the URL of a database on the server, through the pooler. */
  through(location: string): string;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer (Debian package `pgbouncer`) before the server of a URL, with further settings if given. Throws, and
 * so fails the test, if it is not installed.
 */
export async function startPgBouncer(
  location: string,
  poolMode: "transaction" | "session" | "statement",
  settings: Record<string, string | number> = {},
): Promise<PgBouncer> {
  const path = `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin`;
  if (spawnSync("pgbouncer", ["--version"], { env: { PATH: path } }).status !== 0) {
    throw new Error(
      "PgBouncer is not installed, and the tests need it: apt-get install pgbouncer (.ci/run does it as root).",
    );
  }
  const { hostname, port: serverPort, username, password } = new URL(location);
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-pgbouncer-"));
  const port = await freePort();
  writeFileSync(join(folder, "users"), `"${username}" "${decodeURIComponent(password)}"\n`);
  const options = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: join(folder, "users"),
    pool_mode: poolMode,
    default_pool_size: 10,
    ...settings,
  };
  const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(
    join(folder, "pgbouncer.ini"),
    `[databases]\n* = host=${hostname} port=${serverPort}\n[pgbouncer]\n${lines.join("\n")}\n`,
  );
  const user = serverUser();
  for (const name of ["", "users", "pgbouncer.ini"]) {
    chmodSync(join(folder, name), name === "" ? 0o700 : 0o600);
    if (user.uid !== undefined) chownSync(join(folder, name), user.uid, user.gid!);
  }
  const child = spawn("pgbouncer", [join(folder, "pgbouncer.ini")], {
    ...user,
    cwd: folder,
    env: { PATH: path },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = `${log}${text}`.slice(-4000);
  });
  const killed = () => void child.kill("SIGKILL");
  process.once("exit", killed);
  const through = (of: string) => {
    const url = new URL(of);
    url.port = String(port);
    return url.href;
  };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PgBouncer does not start: ${log.trim()}`);
    const client = new pg.Client({ connectionString: through(location) });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== "ECONNREFUSED") throw new Error(`${(error as Error).message}\n${log}`);
      await sleep(50);
    }
  }
  return {
    through,
    async stop() {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
      process.removeListener("exit", killed);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
