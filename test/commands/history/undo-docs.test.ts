import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { packageRoot } from "../../../connector/package-root.ts";
import { fencedBlocks } from "../../fenced-blocks.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../../sandbox-sync.ts";

const page = `${packageRoot}docs/undo.md`;
const deals = `stream: deals
start_date: [won_time]
model: license
fields:
  - {planhat: _currency, pipedrive: currency}
  - {planhat: fromDate, pipedrive: $start_date}
`;

/** Removes what differs between runs: ids, instants and seconds, and their blanks in a table. */
function timeless(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b/g, "RUN")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ( \((just now|\d+ \w+ ago)\))?/g, "TIME")
    .replace(/ in [\d.]+ s\b/g, " in … s")
    .replace(/ +/g, " ")
    .trimEnd();
}

describe("docs/undo.md", function () {
  this.timeout(600_000);
  let setting: SandboxSync;
  before(async () => {
    setting = await sandboxSync("server", emptyAccount);
  });
  after(() => setting.close());

  it("tells a story whose every command prints what it says", async () => {
    for (const [name, locality, country] of [
      ["Acme", "Paris", "France"],
      ["Globex", "Springfield", "USA"],
      ["Initech", "Austin", "USA"],
    ]) {
      wonDeal(
        setting.sandbox,
        { title: name! },
        { name: name!, address: { value: locality!, locality: locality!, country: country! } },
      );
    }
    setting.map({ "deals.yaml": deals });
    let isSynced = false;
    let text = readFileSync(page, "utf8");
    let end = 0;
    for (const block of fencedBlocks("undo.md")) {
      if (block.language === "yaml") {
        setting.map({ [block.name!.replace("mappings/", "")]: block.text });
        if (!isSynced) await setting.sync();
        isSynced = true;
      } else if (block.language === "sql") await setting.look(block.text);
      else if (block.language === "console") {
        const [command, ...printed] = block.text.trimEnd().split("\n");
        const [program, ...args] = command!.replace("$ ", "").split(" ");
        expect(program).to.equal("pipedrive-planhat");
        const { status, stdout, stderr } = await setting.run(args);
        expect(status, stderr).to.equal(0);
        if (process.env["ACCEPT_DOCS"] !== undefined) {
          const at = text.indexOf(block.text, end);
          const filled = `${command}\n${stdout.trimEnd()}\n`;
          text = text.slice(0, at) + filled + text.slice(at + block.text.length);
          end = at + filled.length;
        } else expect(timeless(stdout).split("\n"), command).to.deep.equal(timeless(printed.join("\n")).split("\n"));
      }
    }
    if (process.env["ACCEPT_DOCS"] !== undefined) writeFileSync(page, text);
    expect(await setting.look("select name, city from planhat.companies order by name")).to.deep.equal([
      { name: "Acme", city: "Paris" },
      { name: "Globex", city: "Springfield" },
      { name: "Initech", city: "Austin" },
    ]);
  });
});
