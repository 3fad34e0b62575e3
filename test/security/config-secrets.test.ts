import { expect } from "chai";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

const token = "0123456789abcdef0123456789abcdef01234567";
const company = "company_url: https://acme.pipedrive.com\n";

describe("a config that is wrong", function () {
  this.timeout(120_000);
  let place: Workplace;
  beforeEach(() => {
    place = makeWorkplace();
  });
  afterEach(() => place.remove());

  const refusal = async (config: string) => {
    place.write("config.yaml", config);
    const started = Date.now();
    const { status, stdout, stderr } = await runBin(place.folder, ["status"]);
    expect(status, stderr).to.equal(2);
    expect(Date.now() - started).to.be.below(20_000);
    expect(stdout).to.equal("");
    expect(stderr)
      .to.match(/^Error: The config /)
      .and.not.contain("    at ");
    return stderr;
  };

  const faults: Record<string, string> = {
    "a misspelled key": `${company}api_tokne: ${token}\n`,
    "a key that nobody knows": `${company}whatever: ${token}\n`,
    "another key of the same line": `${company}planhat: {api_token: ${token}, api_url: http://planhat.example}\n`,
    "a second colon": `${company}api_token: ${token}: x\n`,
    "no colon": `api_token=${token}\n`,
    "nothing but a token": `${token}\n`,
    "a token that is a key": `${company}api_token:\n  ${token}: x\n`,
    "a token that is an alias": `${company}api_token: *${token}\n`,
    "a token that is a block": `${company}api_token: |${token}\n`,
    "a token that is not closed": `${company}api_token: "${token}\n`,
    "a token in the comment": `company_ulr: acme # ${token}\n`,
    "a database password": `${company}api_token: ${token}\ndatabase: {url: "postgres://u:${token}@h/d"}\n`,
    "an address with a token": `${company}api_token: x\nwebhook: {public_url: "https://sync.example?token=${token}", username: a}\n`,
    "an address with a password": `${company}api_token: x\nwebhook: {public_url: "https://u:${token}@sync.example", username: a}\n`,
    "a token in place of planhat's keys": `${company}api_token: x\nplanhat: ${token}\n`,
    "a token in place of credentials": `${company}credentials: ${token}\n`,
    "a password in place of webhook's keys": `${company}api_token: x\nwebhook: ${token}\n`,
    "JSON in one line": `{"company_url":"https://acme.pipedrive.com","api_token":"${token}","schedule":"never"}`,
  };
  for (const [name, config] of Object.entries(faults)) {
    it(`is told without the secrets in it: ${name}`, async () => {
      expect(await refusal(config)).to.not.contain(token.slice(0, 12));
    });
  }

  it("still shows the line and the caret, and what is no secret", async () => {
    expect(await refusal(`${company}api_token: ${token}\nschedule: never\n`)).to.contain("  3 | schedule: never\n");
    const line = `planhat: {api_token: ${"*".repeat(40)}, api_url: http://planhat.example}`;
    expect(await refusal(faults["another key of the same line"]!)).to.contain(
      `config.yaml:2:73: error: \`planhat.api_url\` must be an https:// address; plain http is for this machine only.\n` +
        `  2 | ${line}\n${" ".repeat(6 + 72)}^`,
    );
  });

  it("still shows the misspelled key of compact JSON", async () => {
    const config = `{"company_url":"https://acme.pipedrive.com","api_token":"${token}","follow_changes":false,"schedul":1}`;
    const stderr = await refusal(config);
    expect(stderr).to.contain('"follow_changes":false,"schedul":1}').and.not.contain(token.slice(0, 12));
  });

  it("by ${constructor}, which no environment variable is", async () => {
    expect(await refusal(`${company}api_token: \${constructor}\n`)).to.contain(
      "config.yaml:2:12: error: The environment variable constructor is not set.",
    );
  });

  it("by a key given twice is refused at the second", async () => {
    expect(await refusal(`${company}api_token: x\napi_token: y\n`)).to.contain(
      "config.yaml:3:1: error: This key is given twice: keep one of the two.",
    );
  });

  it("shows a hundred of its problems and counts the rest", async () => {
    const stderr = await refusal(
      `${company}api_token: x\n${Array.from({ length: 300 }, (_, i) => `key${i}: 1`).join("\n")}`,
    );
    expect(stderr.split(": error: ").length - 1).to.equal(100);
    expect(stderr).to.contain("… and 200 more problems. Fix these first.");
  });

  it("by aliases of aliases is refused at once", async () => {
    const names = [..."abcdefghi"];
    const lines = names.map((name, index) => {
      const item = index === 0 ? "x" : `*${names[index - 1]}`;
      return `${name}: &${name} [${Array.from({ length: 10 }, () => item).join(", ")}]`;
    });
    expect(await refusal(lines.join("\n"))).to.contain("The config has more than 2000 values.");
  });

  it("by an alias inside what it repeats is refused", async () => {
    expect(await refusal("company_url: &a [*a]\napi_token: x\n")).to.contain(
      "config.yaml:1:18: error: This alias is inside the value that it repeats.",
    );
  });

  it("by its depth is refused, in one short problem", async () => {
    for (const depth of [100, 200_000]) {
      const stderr = await refusal(`${company}mappings: ${"[".repeat(depth)}${"]".repeat(depth)}\n`);
      expect(stderr).to.contain("The config has 1 problem.").and.contain("The config is nested deeper than 20 levels.");
      expect(stderr.length).to.be.below(1_000);
    }
  });

  it("by its size is refused", async () => {
    expect(await refusal(`company_url: ${"x".repeat(1_000_001)}`)).to.contain(
      "The config file config.yaml has more than 1 MB.\nCheck the path: a config has only a few lines.",
    );
  });

  it("by keys that every object of JavaScript has is refused like any other", async () => {
    const stderr = await refusal(`${company}api_token: x\n__proto__: {follow_changes: true}\nconstructor: 1\n`);
    expect(stderr).to.contain("Unknown key `__proto__`.").and.contain("Unknown key `constructor`.");
  });
});
