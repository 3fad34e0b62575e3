import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../connector/package-root.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "./sandbox-sync.ts";

describe("the GitHub Action on a pull request", function () {
  this.timeout(300_000);
  let setting: SandboxSync;
  let programs: string;
  beforeEach(async () => {
    setting = await sandboxSync("server", emptyAccount);
    programs = join(setting.place.folder, "programs");
    mkdirSync(programs);
    const program = (name: string, text: string) => {
      writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(programs, name), 0o755);
    };
    program("pipedrive-planhat", `exec "${process.execPath}" "${packageRoot}dist/main.js" "$@"`);
    program("gh", 'echo "$@" >> gh.log; while [ "$1" != --body-file ]; do shift; done; cp "$2" posted.md');
  });
  afterEach(() => setting.close());

  const read = (name: string) => readFileSync(join(setting.place.folder, name), "utf8");

  function act(environment: Record<string, string> = {}) {
    return new Promise<{ status: number | null; stderr: string }>((resolve) => {
      const { folder } = setting.place;
      const env = {
        PATH: `${programs}:${process.env["PATH"]}`,
        HOME: folder,
        CONFIG: "config.yaml",
        PLAN: "remap",
        COMMENT: "true",
        GH_TOKEN: "t",
        PULL_REQUEST: "7",
        GITHUB_REPOSITORY: "acme/mapping",
        GITHUB_OUTPUT: join(folder, "output"),
        GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
        ...environment,
      };
      const script = `${packageRoot}deploy/action/look.sh`;
      // The sandbox answers from this process, so this must not wait for the script.
      execFile("bash", [script], { cwd: folder, env }, (error, _stdout, stderr) =>
        resolve({ status: error === null ? 0 : (error.code as unknown as number), stderr }),
      );
    });
  }

  it("comments what a mapping change does to the rows, or what is wrong with it", async () => {
    const deals = (value: string) =>
      `stream: deals\nmodel: license\nstart_date: [won_time]\nfields:\n  - {planhat: value, pipedrive: ${value}}\n  - {planhat: _currency, pipedrive: currency}\n  - {planhat: fromDate, pipedrive: $start_date}\n`;
    setting.map({
      "organizations.yaml": "stream: organizations\nmodel: company\nfields:\n  - {planhat: name, pipedrive: name}\n",
      "deals.yaml": deals("value"),
    });
    wonDeal(setting.sandbox, { title: "One ```` fence", value: 100 });
    await setting.sync();
    expect((await act()).status, read("posted.md")).to.equal(0);
    expect(read("output")).to.equal("status=unchanged\n");

    setting.map({ "deals.yaml": deals("id") });
    expect((await act()).status, read("posted.md")).to.equal(0);
    expect(read("output")).to.equal("status=unchanged\nstatus=changes\n");
    const posted = read("posted.md");
    expect(posted).to.match(/^### pipedrive-planhat: changes\n/);
    expect(posted).to.contain("<details open><summary><b>plan of the rows</b>: changes</summary>");
    expect(posted).to.match(/value: 100 → 1\b/);
    expect(read("gh.log")).to.contain("pr comment 7 --repo acme/mapping --edit-last --create-if-none --body-file");
    expect(read("summary.md")).to.contain(posted);
    expect(posted).not.to.contain(setting.sandbox.token);

    setting.map({ "deals.yaml": deals("no_such_field") });
    expect(await act()).to.include({ status: 1 });
    expect(read("posted.md")).to.match(/<b>mapping check<\/b>: failed \(exit 2\)[\s\S]*no_such_field/);
    expect(read("posted.md")).not.to.contain("plan of the rows");
    setting.map({ "deals.yaml": deals("value") });
    const wrong = await act({ PLAN: "everything" });
    expect(wrong).to.deep.equal({
      status: 2,
      stderr: 'The input plan is "everything"; it can be remap, sync or none.\n',
    });
    expect(read("gh.log").trim().split("\n")).to.have.lengthOf(3);
  });
});
