import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect } from "chai";
import { parseEnvFile, withVariable } from "../../connector/config/env-file.ts";
import { loadConfig } from "../../connector/config/load-config.ts";
import { withoutSecrets } from "../../connector/secrets.ts";
import { caughtFailure } from "../caught-failure.ts";
import { makeWorkplace, runBin } from "../run-bin.ts";

describe("the .env beside the config", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "env-"));
    write("config.yaml", "company_url: ${COMPANY}\napi_token: ${TOKEN}\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  const load = (environment: Record<string, string> = {}) => loadConfig(join(folder, "config.yaml"), environment);
  const failureOf = async () => {
    const failure = await caughtFailure(load());
    expect(failure.kind).to.equal("usage");
    return `${failure.message}${failure.hint === undefined ? "" : `\n${failure.hint}`}`.replaceAll(`${folder}/`, "");
  };

  it("is read, the environment wins, and its secrets are hidden", async () => {
    write(".env", "COMPANY=acme\r\nexport TOKEN='from-the-file-1234' # mine\r\nOTHER_SECRET=never-used-9876\r\n");
    const { config, secrets, notices } = await load();
    expect(config).to.include({ company_url: "acme", api_token: "from-the-file-1234" });
    expect(secrets).to.include.members(["from-the-file-1234", "never-used-9876"]);
    expect(notices).to.deep.equal([]);
    expect(withoutSecrets("never-used-9876")).to.equal("****");
    expect((await load({ TOKEN: "from-outside" })).config).to.include({
      company_url: "acme",
      api_token: "from-outside",
    });
  });

  it("is read as other programs read it", () => {
    const text =
      '# one\n\nA=1\nB="x # y" # c\nD=a #b\nexport E=5\nF=`a\nb`\nG="a\\nb"\nH=\'a\\nb\'\nK = v v \nL=\nM=a=b==\n';
    expect(parseEnvFile(text)).to.deep.equal({ variables: { ...parseEnv(text) }, faults: [] });
    for (const same of [text.replaceAll("\n", "\r\n"), `${text}A=1`])
      expect(parseEnvFile(same).variables).to.deep.equal({ ...parseEnv(text) });
    // Node ends this value at its #; a shell and Docker Compose do not, and a token would be cut without a word.
    expect(parseEnvFile("A=a#b\n").variables).to.deep.equal({ A: "a#b" });
  });

  it("is told line by line where it is wrong, without what it holds", async () => {
    write(".env", "TOKEN: geheim-geheim\nCOMPANY=\"acme\nA='b' geheim\n=geheim\n");
    const shown = await failureOf();
    expect(shown).to.equal(
      [
        "The file of variables has 4 problems.",
        "",
        ".env:1:1: error: This line is not NAME=value.",
        "  A name has letters, digits and underscores; a comment begins with #.",
        "",
        '.env:2:1: error: The " that opens this value is never closed.',
        '  End the value with ".',
        "",
        ".env:3:1: error: Something follows the closing ' of this value.",
        "  Put the whole value between quotation marks that it does not contain.",
        "",
        ".env:4:1: error: This line is not NAME=value.",
        "  A name has letters, digits and underscores; a comment begins with #.",
      ].join("\n"),
    );
    expect(shown).not.to.contain("geheim");
  });

  it("that is a folder, or in another encoding, is named", async () => {
    mkdirSync(join(folder, ".env"));
    expect(await failureOf()).to.equal(
      "The file of variables .env is a folder.\nIt has one NAME=value a line. Move it away if it is not meant for pipedrive-planhat.",
    );
    rmSync(join(folder, ".env"), { recursive: true });
    write(".env", Buffer.from("\ufeffCOMPANY=acme\nTOKEN=abcd1234\n", "utf16le"));
    expect(await failureOf()).to.match(/^The file of variables \.env is in UTF-16: save it as UTF-8\.\n/);
    write(".env", Buffer.from("COMPANY=acme\nTOKEN=caf\xe9\n", "latin1"));
    expect(await failureOf()).to.match(
      /^The file of variables \.env is not in UTF-8 \(line 2\), perhaps in Latin-1: save it as UTF-8\.\n/,
    );
    write(".env", "\ufeffCOMPANY=acme\nTOKEN=abcd1234\n");
    expect((await load()).config).to.include({ company_url: "acme" });
  });

  it("has one value changed, and every other character stays", () => {
    const cases: Record<string, [before: string, after: string]> = {
      "a bare value and its comment": ["A=1\nTOKEN=old  # of Ana\n\nB=2", "A=1\nTOKEN=new  # of Ana\n\nB=2"],
      "a quoted value after export": ["export TOKEN = 'o l d' # x\n", "export TOKEN = new # x\n"],
      "the last of two": ["TOKEN=1\nTOKEN=2\n", "TOKEN=1\nTOKEN=new\n"],
      "a value that is empty": ["TOKEN=\nTOKENS=3\n", "TOKEN=new\nTOKENS=3\n"],
      "lines of Windows": ["TOKEN=old\r\nB=1\r\n", "TOKEN=new\r\nB=1\r\n"],
      "a variable that is not there": ["B=1", "B=1\nTOKEN=new\n"],
      "an empty file": ["", "TOKEN=new\n"],
    };
    for (const [name, [before, after]] of Object.entries(cases)) {
      expect(withVariable(before, "TOKEN", "new"), name).to.equal(after);
      expect(parseEnvFile(after).variables["TOKEN"], name).to.equal("new");
    }
    expect(() => withVariable("TOKEN='one\ntwo'\n", "TOKEN", "new")).to.throw(
      "The value of TOKEN in .env goes over several lines.",
    );
  });

  it("that others may read is noticed, and a variable in neither place is told", async () => {
    write(".env", "TOKEN=abcd1234efgh\n");
    expect(await failureOf())
      .to.contain("error: The environment variable COMPANY is not set.")
      .and.to.contain("  Write COMPANY=… into .env beside this file, or export it.");
    write(".env", "TOKEN=abcd1234efgh\nCOMPANY=acme\n");
    chmodSync(join(folder, ".env"), 0o644);
    expect((await load()).notices.map((notice) => notice.replaceAll(`${folder}/`, ""))).to.deep.equal([
      ".env holds a secret and other users of this machine may read it: chmod 600 .env",
    ]);
  });

  it("cannot switch the check of certificates off, and serves a command that names another folder", async () => {
    const place = makeWorkplace();
    try {
      mkdirSync(join(place.folder, "hub"));
      place.write("hub/config.yaml", "company_url: ${COMPANY}\napi_token: ${TOKEN}\n");
      place.write("hub/.env", "COMPANY=http://127.0.0.1:9\nTOKEN=never-shown-1234\nNODE_TLS_REJECT_UNAUTHORIZED=0\n");
      const refused = await runBin(place.folder, ["--config", "hub/config.yaml", "status"]);
      expect(refused.status).to.equal(2);
      expect(refused.stderr).to.contain("NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of certificates");
      place.write("hub/.env", "COMPANY=http://127.0.0.1:9\nTOKEN=never-shown-1234\n");
      const { status, stderr } = await runBin(place.folder, ["--config", "hub/config.yaml", "mapping", "check"]);
      expect(stderr).not.to.contain("is not set");
      expect(status, stderr).to.equal(0);
    } finally {
      place.remove();
    }
  });
});
