import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";

const has = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** What each shell must offer after these words, the last of them half typed. */
const cases: [words: string[], offered: string[], notOffered?: string[]][] = [
  [["ma"], ["mapping"]],
  [[""], ["init", "sync", "mapping", "completion"], ["--json", "check.yaml"]],
  [["mapping", ""], ["check", "preview", "fields", "init", "test"], ["sync"]],
  [
    ["explain", ""],
    ["organizations", "persons", "notes", "deals"],
  ],
  [["history", "c"], ["company"]],
  [["sync", "--fu"], ["--full"]],
  [
    ["--log-level", ""],
    ["error", "warn", "info", "debug"],
  ],
  [["--log-format", "json", "mapping", "fields", "de"], ["deals"]],
  [
    ["undo", ""],
    ["last", "11111111-aaaa"],
  ],
  [
    ["runs", "--before", ""],
    ["11111111-aaaa", "22222222-bbbb"],
  ],
  [
    ["query", "--format", "js"],
    ["json", "jsonl"],
  ],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["help", "sy"], ["sync"]],
  [["--config", "c"], ["check.yaml"]],
];

describe("completion", function () {
  this.timeout(120_000);
  let place: Workplace;
  before(() => {
    place = makeWorkplace();
    place.write("check.yaml", "");
    // Run ids come from the program itself; this one stands in its place.
    place.write("pipedrive-planhat", '#!/bin/sh\necho \'[{"run":"11111111-aaaa","x":1},{"run":"22222222-bbbb"}]\'\n');
    chmodSync(join(place.folder, "pipedrive-planhat"), 0o755);
  });
  after(() => place.remove());
  const load = async (shell: string) => {
    const { status, stdout } = await runBin(place.folder, ["completion", shell]);
    expect(status).to.equal(0);
    place.write(`script.${shell}`, stdout);
  };
  const offered = (shell: string, code: string) => {
    const path = `${place.folder}:${process.env["PATH"]}`;
    const flags = shell === "zsh" ? ["-f"] : shell === "bash" ? ["--norc"] : ["--no-config"];
    const { stdout, stderr } = spawnSync(shell, [...flags, "-c", code], {
      cwd: place.folder,
      encoding: "utf8",
      env: { PATH: path, HOME: place.folder, TERM: "dumb" },
    });
    expect(stderr, shell).to.equal("");
    return stdout.split("\n").filter((line) => line !== "");
  };
  const quoted = (words: string[]) => words.map((word) => `'${word}'`).join(" ");

  const asked: Record<string, (words: string[]) => string> = {
    bash: (words) =>
      `source script.bash; COMP_WORDS=(pipedrive-planhat ${quoted(words)}); COMP_CWORD=${words.length}; _pipedrive_planhat; printf '%s\\n' "\${COMPREPLY[@]}"`,
    // Stands in for zsh's own functions, which need a terminal, and filters as they do.
    zsh: (words) => `compdef() { : }
_describe() { local one; for one in "\${(@P)2}"; do [[ \${one%%:*} == "$current"* ]] && print -r -- "\${one%%:*}"; done }
compadd() { local one; for one in "\${(@P)2}"; do [[ $one == "$current"* ]] && print -r -- "$one"; done }
_files() { print -rl -- "$current"*(N) }
source ./script.zsh; words=(pipedrive-planhat ${quoted(words)}); CURRENT=${words.length + 1}; _pipedrive_planhat`,
    fish: (words) =>
      `source script.fish; complete -C 'pipedrive-planhat ${words.join(" ")}' | string replace -r '\\t.*' ''`,
  };

  for (const shell of ["bash", "zsh", "fish"]) {
    it(`in ${shell} offers commands, options, streams, words and run ids`, async function () {
      if (!has(shell)) this.skip();
      await load(shell);
      for (const [words, wanted, unwanted = []] of cases) {
        const found = offered(shell, asked[shell]!(words));
        expect(found, `${shell}: ${words.join(" ")}`).to.include.members(wanted);
        for (const word of unwanted) expect(found, `${shell}: ${words.join(" ")}`).not.to.include(word);
        const typed = words.at(-1)!;
        for (const word of found) expect(word.startsWith(typed), `${shell}: ${word} after ${typed}`).to.equal(true);
      }
    });
  }

  it("knows bash's way to cut --option=value, and names the shells it has a script for", async () => {
    await load("bash");
    const code =
      'source script.bash; COMP_WORDS=(pipedrive-planhat query --format = cs); COMP_CWORD=4; _pipedrive_planhat; echo "${COMPREPLY[@]}"';
    expect(offered("bash", code)).to.deep.equal(["csv"]);
    const { status, stderr } = await runBin(place.folder, ["completion", "powershell"]);
    expect(status).to.equal(2);
    expect(stderr)
      .to.contain("Allowed choices are bash, zsh, fish.")
      .and.to.match(/\nSee: pipedrive-planhat help completion\n$/);
  });
});
