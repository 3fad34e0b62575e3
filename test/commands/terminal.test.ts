import { execFileSync, spawnSync } from "node:child_process";
import { expect } from "chai";
import { displayWidth, wrap } from "../../connector/commands/terminal/display-text.ts";
import { showsColours } from "../../connector/commands/terminal/paint.ts";
import { table } from "../../connector/commands/terminal/table.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

const escapeCharacter = String.fromCharCode(27);
const painted = (code: number, text: string) => `${escapeCharacter}[${code}m${text}`;
const shows = (isTTY: boolean | undefined, environment: Record<string, string>) =>
  showsColours({ stream: { isTTY }, environment });

describe("colours are shown", () => {
  it("on a terminal, and nowhere else", () => {
    expect(shows(true, {})).to.equal(true);
    expect(shows(undefined, {})).to.equal(false);
    expect(shows(true, { TERM: "dumb" })).to.equal(false);
  });
  it("not where NO_COLOR says so, unless it is empty", () => {
    expect(shows(true, { NO_COLOR: "1" })).to.equal(false);
    expect(shows(true, { NO_COLOR: "" })).to.equal(true);
  });
  it("everywhere where FORCE_COLOR says so, and nowhere where it is 0 or false", () => {
    expect(shows(undefined, { FORCE_COLOR: "1" })).to.equal(true);
    expect(shows(true, { FORCE_COLOR: "1", NO_COLOR: "1" })).to.equal(true);
    expect(shows(true, { FORCE_COLOR: "0" })).to.equal(false);
    expect(shows(true, { FORCE_COLOR: "false" })).to.equal(false);
    expect(shows(undefined, { FORCE_COLOR: "" })).to.equal(false);
  });
});

describe("a table", () => {
  it("aligns its columns, numbers to the right, whatever alphabet they are in", () => {
    const rows = [
      ["name", "deals", "city"],
      ["日本", 12, "Tōkyō"],
      ["Acme", 3, ""],
    ];
    expect(table(rows)).to.deep.equal(["name  deals  city", "日本     12  Tōkyō", "Acme      3"]);
    expect(displayWidth("e\u0301日")).to.equal(3);
    expect(displayWidth("© Acme®")).to.equal(7);
    expect(displayWidth("👨‍👩‍👧‍👦 🇪🇪 ©️ 1")).to.equal(10);
  });

  it("fits 60, 80 and 200 columns, whichever of them is wide, and loses no word", () => {
    const reason = "organization 381 has no company: no list that was read has brought it (is it deleted, or hidden?)";
    const rows = [
      ["id", "since", "record", "field", "reason", "value"],
      [33, "2026-12-01 05:45:12Z (4 min ago)", "notes 1396", "custom.Contract partner", reason, '"a long value of it"'],
      [2, "2026-12-01 05:45:12Z (4 min ago)", "notes 7", "", "short", ""],
    ];
    const words = rows.flat().flatMap((cell) => String(cell).split(" "));
    for (const width of [60, 80, 200]) {
      const lines = table(rows, { width });
      for (const line of lines) expect(line.length, line).to.be.at.most(width);
      const text = lines.join(" ");
      // Six columns in 60 leave no room for the longest words.
      for (const word of width > 60 ? words : []) expect(text, `${word} at ${width}`).to.contain(word);
    }
    expect(table(rows, { width: 200 })).to.have.length(3);
  });

  it("on a narrow terminal breaks its widest column and nothing else", () => {
    const rows = [
      ["record", "reason"],
      ["deals 7", "organization 12 has no company: Pipedrive does not list it"],
      ["deals 8", "short"],
    ];
    expect(table(rows, { width: 40 })).to.deep.equal([
      "record   reason",
      "deals 7  organization 12 has no company:",
      "         Pipedrive does not list it",
      "deals 8  short",
    ]);
    for (const line of table(rows, { width: 20 })) expect(line.length, line).to.be.at.most(20);
    // A column of 8 letters is as narrow as words can be read in; the terminal breaks what is left.
    expect(table(rows, { width: 5 })[1]).to.equal("deals   organiza");
  });

  it("shows control characters of a record as spaces, so that none of them commands the terminal", () => {
    const title = `Acme${escapeCharacter}[2J${String.fromCharCode(0x9b)}31m\nnext`;
    expect(table([[title, "x"]], { heads: false })).to.deep.equal(["Acme [2J 31m next  x"]);
  });
});

describe("a long line", () => {
  it("is broken between words, and inside one that is longer than a line", () => {
    expect(wrap("one two three", 7)).to.deep.equal(["one two", "three"]);
    expect(wrap("abcdefghij k", 4)).to.deep.equal(["abcd", "efgh", "ij k"]);
    expect(wrap("one two three", undefined)).to.deep.equal(["one two three"]);
  });
});

describe("on a terminal", function () {
  this.timeout(60_000);
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
    wonDeal(setting.sandbox, { currency: null });
    await setting.sync();
  });
  after(() => setting.close());

  it("status is in colours, and the same without them when it is piped or NO_COLOR is set", async function () {
    const piped = (await setting.run(["status"])).stdout;
    expect(piped).to.not.contain(escapeCharacter);
    const command = `stty cols 200; ${process.execPath} ${packageRoot}dist/main.js status`;
    // `script` gives a program a terminal; not every system has it, and some take other arguments.
    if (spawnSync("script", ["-qec", "true", "/dev/null"]).status !== 0) return this.skip();
    const onTerminal = (environment: Record<string, string>) =>
      execFileSync("script", ["-qec", command, "/dev/null"], {
        cwd: setting.place.folder,
        env: { PATH: process.env["PATH"], TERM: "xterm", ...environment },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      }).replaceAll("\r\n", "\n");
    const colourful = onTerminal({});
    expect(colourful).to.contain(painted(33, "partial"));
    expect(colourful.replaceAll(new RegExp(`${escapeCharacter}\\[\\d+m`, "g"), "")).to.equal(piped);
    expect(onTerminal({ NO_COLOR: "1" })).to.equal(piped);
  });
});
