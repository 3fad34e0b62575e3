import { expect } from "chai";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

describe("a failure is told to programs in their own form", () => {
  let place: Workplace;
  before(() => {
    place = makeWorkplace();
    place.write("config.yaml", "company_url: http://127.0.0.1:9\napi_token: abcdefgh\ndatabase: ./none\n");
  });
  after(() => place.remove());

  const document = (stdout: string): object => {
    expect(stdout.split("\n"), "one line").to.have.lengthOf(2);
    return JSON.parse(stdout) as object;
  };
  const errors = (stderr: string): Record<string, unknown>[] =>
    stderr
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ level }) => level === "error");

  it("a wrong command line, with --json", async () => {
    const { status, stdout, stderr } = await runBin(place.folder, ["sync", "--jsn", "--json"]);
    expect(status).to.equal(2);
    expect(document(stdout)).to.deep.equal({
      status: "failed",
      exit: 2,
      error: {
        kind: "usage",
        message: "unknown option '--jsn' (Did you mean --json?)",
        hint: "See: pipedrive-planhat help sync",
      },
    });
    expect(stderr).to.equal(
      "error: unknown option '--jsn'\n(Did you mean --json?)\nSee: pipedrive-planhat help sync\n",
    );
  });

  it("a wrong command line, with --log-format json", async () => {
    const { status, stdout, stderr } = await runBin(place.folder, ["--log-format=json", "undo"]);
    expect([status, stdout]).to.deep.equal([2, ""]);
    const [{ time, ...error }] = errors(stderr) as [Record<string, unknown>];
    expect(time).to.match(/^\d{4}-\d\d-\d\dT/);
    expect(error).to.deep.equal({
      level: "error",
      message: "missing required argument 'run'",
      kind: "usage",
      hint: "See: pipedrive-planhat help undo",
      exit: 2,
    });
  });

  it("a wait that nothing can end: it is no success", async () => {
    const preload = new URL("never-answers.mjs", import.meta.url).href;
    const env = { NODE_OPTIONS: `--import ${preload}` };
    const { status, stdout, stderr } = await runBin(place.folder, ["restore", "any.gz", "--json"], { env });
    expect(status, stderr).to.equal(1);
    expect(document(stdout)).to.deep.include({ status: "failed", exit: 1 });
    expect(stderr).to.contain("The command ended before its work did.");
  });

  it("a config that is not there, in both", async () => {
    const args = ["status", "--json", "--log-format", "json", "--config", "other.yaml"];
    const { status, stdout, stderr } = await runBin(place.folder, args);
    expect(status).to.equal(2);
    const message = "The config file other.yaml does not exist.";
    const hint =
      "Write one with `pipedrive-planhat init`, or name yours with --config <file> or PIPEDRIVE_PLANHAT_CONFIG.";
    const error = { kind: "usage", message, hint };
    expect(document(stdout)).to.deep.equal({ status: "failed", exit: 2, error });
    expect(errors(stderr).map(({ time: _, ...line }) => line)).to.deep.equal([{ level: "error", exit: 2, ...error }]);
  });

  it("surroundings that fail, in both", async () => {
    const { status, stdout, stderr } = await runBin(place.folder, ["sync", "--json", "--log-format", "json"]);
    expect(status).to.equal(3);
    const { error, ...rest } = document(stdout) as { error: { kind: string; message: string; hint: string } };
    expect(rest).to.deep.equal({ status: "failed", exit: 3 });
    expect(error.kind).to.equal("surroundings");
    expect(error.message).to.match(/^No connection to Pipedrive at http:\/\/127\.0\.0\.1:9: /);
    expect(errors(stderr).at(-1)).to.include({ level: "error", exit: 3, ...error });
  });

  it("a verb of Airbyte keeps stdout for its own messages", async () => {
    const { status, stdout, stderr } = await runBin(place.folder, ["check", "--json", "--bogus"]);
    expect([status, stdout]).to.deep.equal([2, ""]);
    expect(stderr).to.match(/^error: unknown option '--bogus'/);
  });

  it("help and the version are no failures", async () => {
    const { status, stdout, stderr } = await runBin(place.folder, ["--log-format", "json", "help", "undo"]);
    expect([status, stderr]).to.deep.equal([0, ""]);
    expect(stdout).to.match(/^Usage: pipedrive-planhat undo/);
  });
});
