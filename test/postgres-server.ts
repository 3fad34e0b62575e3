import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { postgresBinaries, type ServerUser, serverUser } from "./postgres-binaries.ts";

let running: Promise<string> | undefined;

/**
 * Returns the URL of a database on the tests' Postgres server, where tests may create others: TEST_DATABASE_URL, or a
 * throwaway server. That one is started once, on a free loopback port, and ends with this process. Throws, and so fails
 * the suite, if no server is available.
 */
export function postgresServer(): Promise<string> {
  running ??= process.env["TEST_DATABASE_URL"] ? Promise.resolve(process.env["TEST_DATABASE_URL"]) : start();
  return running;
}

async function start(): Promise<string> {
  return (await startServer()).url;
}

/** A server for one test. It ends with this process, or when it is stopped. */
export interface TestServer {
  /** The URL of its database `postgres`, as its superuser. */
  url: string;
  folder: string;
  /** The user as which it runs. */
  user: ServerUser;
  port: number;
  /** Stops it and starts it again, on the same data and port, after `change` was applied to its data folder. */
  restart(change: (data: string) => void): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a throwaway server on a free loopback port, with settings besides the usual ones. `prepare` puts files into
 * its data folder first.
 */
export async function startServer(
  settings: Record<string, string | number> = {},
  prepare: (data: string) => void = () => {},
): Promise<TestServer> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-postgres-"));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const binaries = await postgresBinaries(user, folder);
  const password = randomBytes(12).toString("hex");
  initialise(binaries, folder, user, password);
  const data = join(folder, "data");
  const change = (make: (data: string) => void) => {
    make(data);
    if (user.uid !== undefined) spawnSync("chown", ["-R", `${user.uid}:${user.gid}`, data]);
  };
  change(prepare);
  const port = await freePort();
  const url = `postgres://tester:${password}@127.0.0.1:${port}/postgres`;
  const run = () => launch({ postgres: join(binaries, "postgres"), folder, user, url }, { port, ...settings });
  let end = await run();
  return {
    url,
    folder,
    user,
    port,
    async restart(make) {
      writeFileSync(join(folder, "keep"), "");
      await end();
      rmSync(join(folder, "keep"));
      change(make);
      end = await run();
    },
    stop: () => end(),
  };
}

function initialise(binaries: string, folder: string, user: ServerUser, password: string): void {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  chmodSync(passwordFile, 0o644);
  const options = ["-D", join(folder, "data"), "-U", "tester", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const { status, stderr, error } = spawnSync(
    join(binaries, "initdb"),
    [...options, "--encoding=UTF8", "--no-locale", "--no-sync"],
    { ...user, cwd: folder, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`The tests' Postgres server cannot be made: ${error?.message ?? stderr.trim()}`);
}

/**
 * A shell script that runs the server until its standard input ends, which it does with this process, however that
 * ends. Then it shuts the server down at once (SIGQUIT: Postgres's immediate shutdown) and removes its folder, unless
 * it is to be kept.
 */
const script = `exec 3<&0; "$@" & server=$!; (cat <&3 >/dev/null; kill -QUIT $server) 2>/dev/null &
wait $server; [ -e "$0/keep" ] || rm -rf "$0"`;

/**
 * Starts the server, waits until it answers, and returns the function that ends it. Throws its output if it ends
 * instead.
 */
async function launch(
  { postgres, folder, user, url }: { postgres: string; folder: string; user: ServerUser; url: string },
  further: Record<string, string | number>,
): Promise<() => Promise<void>> {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // No data here needs to outlive a power cut.
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    ...further,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn("sh", ["-c", script, folder, postgres, "-D", join(folder, "data"), ...options], {
    ...user,
    cwd: folder,
    stdio: ["pipe", "ignore", "pipe"],
    // Outside the terminal's process group: Ctrl-C lets the tests clean up before the server ends.
    detached: true,
  });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = `${log}${text}`.slice(-4000);
  });
  while (server.exitCode === null && server.signalCode === null) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      break;
    } catch {
      await sleep(50);
    }
  }
  if (server.exitCode !== null) throw new Error(`The tests' Postgres server does not start: ${log.trim()}`);
  // The server must not keep this process from ending.
  server.unref();
  for (const stream of [server.stdin, server.stderr]) (stream as unknown as Socket).unref();
  return async () => {
    const ended = once(server, "close");
    server.ref();
    server.stdin.end();
    await ended;
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
