import { expect } from "chai";
import { examples } from "../../connector/commands/examples.ts";
import { packageVersion } from "../../connector/package-root.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

describe("the command line helps", function () {
  this.timeout(120_000);
  let place: Workplace;
  before(() => {
    place = makeWorkplace();
  });
  after(() => place.remove());

  const run = (...args: string[]) => runBin(place.folder, args);

  it("with the version, the help of all and of each command", async () => {
    for (const flag of ["-V", "--version"]) expect((await run(flag)).stdout).to.equal(`${packageVersion()}\n`);
    const { stdout, status } = await run("help");
    expect(status).to.equal(0);
    expect(stdout).to.match(/^Usage: pipedrive-planhat /);
    expect((await run("-h")).stdout).to.equal(stdout);
    expect((await run("help", "mapping", "check")).stdout).to.match(/^Usage: pipedrive-planhat mapping check /);
    expect((await run("sync", "-h")).stdout).to.equal((await run("help", "sync")).stdout);
  });

  it("with examples of every command, of options that it has", async () => {
    // The script has every command's options, in one start of the program.
    const script = (await run("completion", "bash")).stdout;
    const options = new Map(
      [...script.matchAll(/^ *'?([a-z ]*)'?\) values='(--[^']*)' ;;/gm)].map(([, path, all]) => [
        path!,
        all!.split(" "),
      ]),
    );
    const paths = [...options.keys()].filter((path) => path !== "");
    const leaves = paths.filter((path) => !paths.some((other) => other.startsWith(`${path} `)));
    expect(leaves).to.have.length.above(30);
    // `forget --email` and `console` act, and other commands are below them.
    expect(Object.keys(examples).sort()).to.deep.equal([...leaves, "forget", "console"].sort());
    for (const [path, lines] of Object.entries(examples)) {
      for (const line of lines) {
        expect(line.startsWith(path), line).to.equal(true);
        for (const [option] of line.matchAll(/ --[a-z-]+/g)) expect(options.get(path), line).to.include(option.trim());
      }
    }
    expect((await run("help", "mapping", "preview")).stdout).to.contain(
      "\nExamples:\n  pipedrive-planhat mapping preview deals 12\n",
    );
  });

  it("after each usage error, with where the help is", async () => {
    const cases: [args: string[], message: string][] = [
      [["sync", "--bogus"], "error: unknown option '--bogus'\nSee: pipedrive-planhat help sync\n"],
      [["synk"], "error: unknown command 'synk'\n(Did you mean sync?)\nSee: pipedrive-planhat help\n"],
      [
        ["help", "mapping", "chek"],
        "error: there is no command 'mapping chek'\n(Did you mean check?)\nSee: pipedrive-planhat help\n",
      ],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await run(...args);
      expect([status, stdout, stderr]).to.deep.equal([2, "", message]);
    }
  });

  it("and takes the common options before the command, unless the command says otherwise", async () => {
    expect((await run("--config", "before.yaml", "sync")).stderr).to.contain("before.yaml does not exist");
    const both = await run("--config", "before.yaml", "sync", "--config", "after.yaml");
    expect(both.stderr).to.contain("after.yaml does not exist");
  });
});
