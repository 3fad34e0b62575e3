import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { Cron } from "croner";
import { parse } from "yaml";
import type { JsonObject } from "../connector/mapping/value.ts";
import { packageRoot } from "../connector/package-root.ts";
import { type Sandbox, startSandbox } from "../connector/sandbox/server.ts";
import { streamNames } from "../connector/stream-name.ts";
import { fencedBlocks } from "./fenced-blocks.ts";
import { messagesOf, outlineOf } from "./protocol/airbyte-messages.ts";
import { makeWorkplace, type Workplace } from "./run-bin.ts";

/** A stand-in for docker: `run` obeys its options without a container, `build` is the job of docker-image.test.ts. */
const docker = `#!/bin/sh
[ "$1" = build ] && exit 0
shift
while :; do
  case $1 in
    --rm) shift ;;
    -e) shift 2 ;;
    -v) from=\${2%:*} to=\${2##*:}; shift 2 ;;
    */destination-*) shift; set -- destination "$@"; break ;;
    *) shift; break ;;
  esac
done
[ "$to" = /data ] && cd "$from"
for argument do
  shift
  case $argument in
    "$to"/*) set -- "$@" "$from\${argument#"$to"}" ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec pipedrive-planhat "$@"
`;

/** Just enough of Airflow and Dagster to run a task and report its result. */
const pythonModules: Record<string, string> = {
  "airflow/__init__.py": "",
  "airflow/exceptions.py":
    "class AirflowException(Exception): pass\nclass AirflowFailException(AirflowException): pass\n",
  "airflow/sdk.py": `import json
def dag(**options): return lambda make: make
def task(**options): return lambda work: lambda: print(json.dumps({"options": sorted(options), "returned": work()}))
`,
  "dagster.py": `import json
class Failure(Exception):
    def __init__(self, description, allow_retries): super().__init__(description, allow_retries)
def asset(**options): return lambda work: work
def RetryPolicy(max_retries, delay): pass
class MaterializeResult(dict):
    def __init__(self, metadata): super().__init__(metadata)
def ScheduleDefinition(name, cron_schedule, target): return cron_schedule
def Definitions(assets, schedules): print(json.dumps({"schedules": schedules, "returned": [work() for work in assets]}))
`,
};

describe("docs/running.md", function () {
  this.timeout(1_200_000);
  let sandbox: Sandbox;
  let place: Workplace;
  const blocks = fencedBlocks("running.md");

  before(async () => {
    sandbox = await startSandbox({ organizations: 8, persons: 8, deals: 12, notes: 8, burstLimit: 1000 });
    place = makeWorkplace();
    const executable = (name: string, text: string) => {
      place.write(name, text);
      chmodSync(`${place.folder}/${name}`, 0o755);
    };
    for (const folder of ["bin", "python", "python/airflow"]) mkdirSync(`${place.folder}/${folder}`);
    executable("bin/pipedrive-planhat", `#!/bin/sh\nexec "${process.execPath}" "${packageRoot}dist/main.js" "$@"\n`);
    executable("bin/docker", docker);
    executable("tap-pipedrive-planhat", block("tap-pipedrive-planhat"));
    for (const [name, text] of Object.entries(pythonModules)) place.write(`python/${name}`, text);
    place.write("config.yaml", block("config.yaml"));
  });
  after(async () => {
    await sandbox.close();
    place.remove();
  });

  /** Returns the block of this name, for the sandbox's account and the test's folder. */
  const block = (name: string) => here(blocks.find((one) => one.name === name)!.text);
  const here = (text: string) =>
    text.replaceAll("https://acme.pipedrive.com", sandbox.url).replaceAll("/srv/planhat-sync", place.folder);
  const environment = () => ({
    PATH: `${place.folder}/bin:${process.env["PATH"]}`,
    HOME: process.env["HOME"] ?? place.folder,
    PYTHONPATH: `${place.folder}/python`,
    PYTHONDONTWRITEBYTECODE: "1",
    PIPEDRIVE_API_TOKEN: sandbox.token,
  });
  const run = (command: string, args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: place.folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.on("error", reject).on("close", (status) => resolve({ status, stdout, stderr }));
    });
  const shell = async (text: string) => {
    const result = await run("bash", ["-euo", "pipefail", "-c", here(text)]);
    expect(result.status, `${text}\n${result.stderr}`).to.equal(0);
    return result;
  };
  const lines = (name: string) => readFileSync(`${place.folder}/${name}`, "utf8").trim().split("\n");
  const python = () => spawnSync("python3", ["--version"]).status === 0;

  it("has no block that nothing here tries", () => {
    expect(new Set(blocks.map(({ language, name }) => [language, name].filter(Boolean).join(" ")))).to.deep.equal(
      new Set([
        "yaml config.yaml",
        // Blocks that need a machine of their own; deploy.test.ts tries what the commands are about.
        "console",
        "yaml serve.yaml",
        "json configured_catalog.json",
        "json activated_catalog.json",
        "crontab",
        "python airflow",
        "python dagster",
        "sh",
        "sh tap-pipedrive-planhat",
        "yaml meltano.yml",
        "yaml mapping.yml",
        "yaml pull-request.yml",
        // The default of `brake`, which test/commands/sync/brake.test.ts tests.
        "yaml",
      ]),
    );
  });

  it("cron's lines sync, on schedules that are some", async () => {
    const jobs = blocks
      .find(({ language }) => language === "crontab")!
      .text.split("\n")
      .filter((line) => /^[\d*]/.test(line));
    expect(jobs).to.have.length(2);
    for (const job of jobs) {
      const [, schedule, command] = /^((?:\S+ +){5})(.*)$/.exec(job)!;
      expect(new Cron(schedule!.trim(), { paused: true }).nextRun()).to.be.instanceOf(Date);
      const { status } = await run("sh", ["-c", here(command!)]);
      expect(status, lines("sync.log").join("\n")).to.equal(0);
    }
    expect(lines("sync.out").filter((line) => /^Read \d+ deals/.test(line))).to.have.length(2);
  });

  it("Airflow's task returns the counts, and gives up where trying again does not help", async function () {
    if (!python()) this.skip();
    place.write("airflow_dag.py", block("airflow"));
    const good = await run("python3", ["airflow_dag.py"]);
    expect(good.status, good.stderr).to.equal(0);
    const { options, returned } = JSON.parse(good.stdout) as { options: string[]; returned: JsonObject };
    expect(options).to.deep.equal(["retries", "retry_delay"]);
    expect(returned["status"]).to.be.oneOf(["succeeded", "partial"]);
    place.write("config.yaml", "company_url: acme\napi_tokn: x\n");
    const bad = await run("python3", ["airflow_dag.py"]);
    place.write("config.yaml", block("config.yaml"));
    expect(bad.status).to.equal(1);
    expect(bad.stderr).to.contain("airflow.exceptions.AirflowFailException: The config or the mapping is wrong");
  });

  it("Dagster's asset materializes with the counts", async function () {
    if (!python()) this.skip();
    place.write("dagster_definitions.py", block("dagster"));
    const { status, stdout, stderr } = await run("python3", ["dagster_definitions.py"]);
    expect(status, stderr).to.equal(0);
    const { schedules, returned } = JSON.parse(stdout) as { schedules: string[]; returned: JsonObject[] };
    expect(new Cron(schedules[0]!, { paused: true }).nextRun()).to.be.instanceOf(Date);
    expect(returned[0]).to.include.keys("status", "created", "sync");
  });

  it("Singer's lines read everything, then what changed", async () => {
    const text = blocks.find(
      ({ language, name, text }) => language === "sh" && name === undefined && /singer/.test(text),
    )!;
    await shell(text.text);
    const count = (name: string) => lines(name).filter((line) => line.startsWith('{"type":"RECORD"')).length;
    expect(count("messages.jsonl")).to.be.greaterThan(20);
    expect(count("changes.jsonl")).to.be.lessThan(count("messages.jsonl"));
  });

  it("the pipe's lines fill the tables, and then bring what changed", async () => {
    place.write("config.yaml", `${block("config.yaml").replace("./planhat-data", "./piped-data")}\n`);
    place.write("configured_catalog.json", block("configured_catalog.json"));
    const text = blocks.find(({ language, text }) => language === "sh" && text.includes("planhat write"))!.text;
    const { stderr } = await shell(text);
    const [first, second] = [...stderr.matchAll(/Landed .*\. Rows: (\d+) created, (\d+) updated, (\d+) unchanged/g)];
    expect(Number(first![1])).to.be.greaterThan(10);
    expect([second![1], second![2]]).to.deep.equal(["0", "0"]);
    const { stdout } = await run("pipedrive-planhat", ["status", "--json"]);
    expect((JSON.parse(stdout) as { runs: JsonObject[] }).runs).to.have.length(2);
    place.write("config.yaml", block("config.yaml"));
  });

  it("Meltano's plugin does what it declares, called as Meltano calls a tap", async () => {
    const { plugins } = parse(block("meltano.yml")) as {
      plugins: {
        extractors: {
          name: string;
          namespace: string;
          executable: string;
          capabilities: string[];
          settings: { name: string }[];
          config: Record<string, string>;
          select: string[];
        }[];
      };
    };
    const tap = plugins.extractors[0]!;
    expect(tap.capabilities).to.deep.equal(["catalog", "discover", "properties", "state"]);
    const { connectionSpecification: spec } = JSON.parse(readFileSync(`${packageRoot}spec.json`, "utf8")) as {
      connectionSpecification: { properties: object };
    };
    expect(spec.properties).to.include.keys(tap.settings.map(({ name }) => name));
    const config = Object.entries(tap.config).map(([key, value]) => [
      key,
      value === "$PIPEDRIVE_API_TOKEN" ? sandbox.token : value,
    ]);
    place.write("tap.config.json", JSON.stringify(Object.fromEntries(config)));
    const discovered = await run(tap.executable, ["--config", "tap.config.json", "--discover"]);
    expect(discovered.status, discovered.stderr).to.equal(0);
    const catalog = JSON.parse(discovered.stdout) as {
      streams: { tap_stream_id: string; metadata: { breadcrumb: string[]; metadata: JsonObject }[] }[];
    };
    expect(catalog.streams.map(({ tap_stream_id: id }) => `${id}.*`).sort()).to.deep.equal([...tap.select].sort());
    for (const { metadata } of catalog.streams) for (const entry of metadata) entry.metadata["selected"] = true;
    place.write("tap.properties.json", JSON.stringify(catalog));
    const first = await run(tap.executable, ["--config", "tap.config.json", "--catalog", "tap.properties.json"]);
    expect(first.status, first.stderr).to.equal(0);
    const messages = first.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as JsonObject);
    expect(new Set(messages.map(({ stream }) => stream).filter(Boolean))).to.deep.equal(new Set(streamNames));
    place.write("state.json", JSON.stringify(messages.at(-1)!["value"]));
    for (const option of ["--catalog", "--properties"]) {
      const next = await run(tap.executable, [
        "--config",
        "tap.config.json",
        option,
        "tap.properties.json",
        "--state",
        "state.json",
      ]);
      expect(next.status, next.stderr).to.equal(0);
      expect(next.stdout.length).to.be.lessThan(first.stdout.length);
    }
  });

  it("the workflow shows the plan of a mapping change, and carries it out", async () => {
    const workflow = parse(block("mapping.yml")) as {
      jobs: Record<string, { env: Record<string, string>; steps: { run?: string }[] }>;
    };
    place.write(
      "config.yaml",
      `${block("config.yaml").replace("./planhat-data", "${DATABASE_URL}")}mappings: ./mappings\n`,
    );
    cpSync(`${packageRoot}mappings`, `${place.folder}/mappings`, { recursive: true });
    const write = (more: string) =>
      place.write(
        "mappings/organizations.yaml",
        `stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n${more}`,
      );
    for (const [name, text] of [
      ["npm", "#!/bin/sh\n"],
      ["gh", '#!/bin/sh\necho "$@" > gh.txt\n'],
    ]) {
      place.write(`bin/${name}`, text!);
      chmodSync(`${place.folder}/bin/${name}`, 0o755);
    }
    /** Runs the steps of a job like GitHub, one shell each. */
    const job = async (name: string) => {
      const { env, steps } = workflow.jobs[name]!;
      let stdout = "";
      for (const { run: text } of steps) {
        if (text === undefined) continue;
        const variables = Object.entries({
          ...env,
          DATABASE_URL: "./workflow-data",
          GITHUB_OUTPUT: "output.txt",
          GITHUB_STEP_SUMMARY: "step-summary.md",
          PR: "7",
        }).map(([key, value]) => `export ${key}='${value.includes("secrets.PIPEDRIVE") ? sandbox.token : value}'\n`);
        stdout += (await shell(variables.join("") + text)).stdout;
      }
      return stdout;
    };
    write("");
    await job("plan");
    expect(lines("output.txt").at(-1)).to.equal("status=10");
    expect(await job("apply")).to.match(/The plan is carried out, by run /);
    await job("plan");
    expect(lines("output.txt").at(-1)).to.equal("status=0");

    write("  - {planhat: web, value: 'https://acme.example'}\n");
    await job("show");
    expect(lines("gh.txt")[0]).to.equal("pr comment 7 --edit-last --create-if-none --body-file comment.md");
    expect(lines("comment.md").join("\n")).to.match(
      /web: null → "https:\/\/acme\.example"[\s\S]*Plan: 0 to create, \d+ to update/,
    );
    await job("plan");
    expect(lines("output.txt").at(-1)).to.equal("status=10");
    expect(lines("step-summary.md").join("\n")).to.contain("https://acme.example");
    expect(await job("apply")).to.match(/The plan is carried out, by run /);
    expect(await job("apply")).to.match(/This plan is carried out already/);
    place.write("config.yaml", block("config.yaml"));
  });

  it("Airbyte's and docker's lines answer as the platform wants it", async () => {
    place.write("config.json", JSON.stringify({ company_url: sandbox.url, api_token: sandbox.token }));
    const configured = streamNames.map((name) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ["incremental"] },
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
    }));
    place.write("configured_catalog.json", JSON.stringify({ streams: configured }));
    const texts = blocks.filter(({ language, text }) => language === "sh" && text.includes("docker run"));
    expect(texts).to.have.length(3);
    const [verbs, sync, destination] = texts.map(({ text }) => text);
    const words = outlineOf(messagesOf((await shell(verbs!)).stdout));
    expect(words.slice(0, 2)).to.deep.equal(["SPEC", "CONNECTION_STATUS"]);
    expect(words).to.include("RECORD deals").and.include("COMPLETE notes");
    expect(outlineOf(messagesOf(readFileSync(`${place.folder}/catalog.json`, "utf8")))).to.deep.equal(["CATALOG"]);
    expect((await shell(sync!)).stdout).to.match(/^Read \d+ deals/m);
    expect(existsSync(`${place.folder}/planhat-data`)).to.equal(true);
    const [spec] = messagesOf((await shell(destination!)).stdout);
    place.write("activated_catalog.json", block("activated_catalog.json"));
    const feed = blocks.find(({ language, text }) => language === "sh" && text.includes("activated_catalog.json"))!;
    expect((await shell(feed.text)).stderr).to.contain("Rows: 1 created");
    expect((spec!["spec"] as JsonObject)["connectionSpecification"]).to.have.deep.property("required", [
      "company_url",
      "database",
    ]);
  });
});
