import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { parseDocument, Scalar, type YAMLMap } from "yaml";
import { packageRoot } from "../connector/package-root.ts";
import { startSandbox } from "../connector/sandbox/server.ts";
import { migratedLocation, removeLocation } from "./databases.ts";
import { makeWorkplace, runBin } from "./run-bin.ts";

/** A wrong input as a new user makes it, and all that the bin says. */
interface WrongInput {
  name: string;
  /** The whole config; without it one that works, and `more` after it. `bare` leaves its database out. */
  config?: string;
  more?: string;
  bare?: true;
  /** The file `maps/organizations.yaml`: what follows its first line, or the whole. It is checked. */
  mapping?: string;
  file?: string;
  args?: string;
  env?: Record<string, string>;
  /** Shell lines that run in the folder before. */
  prepare?: string;
  stdin?: string;
  /** True if the quick tests try it too. */
  quick?: true;
  exit: number;
  says: string;
}

const fixture = `${packageRoot}test/fixtures/wrong-inputs.yaml`;

/** Replaces what differs between two runs: times, ports, what Node's versions call a name that is not found. */
function timeless(text: string): string {
  return text
    .replace(/ in [\d.]+ s\b/g, " in … s")
    .replace(/^\d\d:\d\d:\d\d /gm, "")
    .replace(/"emitted_at":\d+/g, '"emitted_at":…')
    .replace(/seconds_ago=\d+/g, "seconds_ago=…")
    .replace(/127\.0\.0\.1:\d{4,}/g, "127.0.0.1:…")
    .replace(/EAI_AGAIN/g, "ENOTFOUND")
    .replace(/as of \S+/g, "as of …")
    .replaceAll(packageRoot, "{package}/");
}

/**
 * Declares a test of each wrong input: its exit status and every word of it. `quick` chooses those that stand for
 * the others. ACCEPT_TEXTS=1 writes what the bin says into the fixture.
 */
export function testWrongInputs({ quick }: { quick: boolean }): void {
  const document = parseDocument(readFileSync(fixture, "utf8"));
  const inputs = (document.toJS() as WrongInput[]).map((input, index) => ({ ...input, index }));
  const base = makeWorkplace();
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let server: string;

  before(async () => {
    sandbox = await startSandbox({ organizations: 3, persons: 3, deals: 3, notes: 3, burstLimit: 1000 });
    if (quick) return;
    server = await migratedLocation("server");
    base.write("config.yaml", `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\n`);
    expect((await runBin(base.folder, ["sync"])).status).to.equal(0);
  });
  after(async () => {
    if (process.env["ACCEPT_TEXTS"] !== undefined) writeFileSync(fixture, document.toString({ lineWidth: 0 }));
    base.remove();
    if (server !== undefined) await removeLocation(server);
    await sandbox.close();
  });

  const fill = (text: string) =>
    text
      .replaceAll("{sandbox}", sandbox.url)
      .replaceAll("{token}", sandbox.token)
      .replaceAll("{port}", new URL(sandbox.url).port)
      .replaceAll("{nosuch}", server?.replace(/\/[^/?]*(?=\?|$)/, "/nosuch"));

  /** Runs the bin on the input, and returns its exit status and what it says. */
  const outcome = async (input: WrongInput) => {
    const place = makeWorkplace();
    try {
      const works = `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\n`;
      let config = input.config ?? (input.bare ? works : `${works}database: ${base.folder}/planhat-data\n`);
      let args = input.args ?? "sync";
      if (input.mapping !== undefined || input.file !== undefined) {
        mkdirSync(`${place.folder}/maps`);
        place.write("maps/organizations.yaml", input.file ?? `stream: organizations\n${input.mapping}`);
        config += "mappings: ./maps\n";
        args = "mapping check";
      }
      if (input.more !== undefined) config += `${input.more}\n`;
      place.write("config.yaml", fill(config));
      if (input.prepare !== undefined) {
        const prepared = spawnSync("bash", ["-euc", fill(input.prepare)], { cwd: place.folder, encoding: "utf8" });
        expect(prepared.status, prepared.stderr).to.equal(0);
      }
      const words = [...fill(args).matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
      const env = Object.fromEntries(Object.entries(input.env ?? {}).map(([name, value]) => [name, fill(value)]));
      const { status, stdout, stderr } = await runBin(place.folder, words, {
        env,
        ...(input.stdin === undefined ? {} : { stdin: true, onStart: (child) => void child.stdin!.end(input.stdin) }),
      });
      const said = timeless(
        `${stderr}${stdout}`
          .replaceAll(place.folder, "{folder}")
          .replaceAll(base.folder, "{base}")
          .replaceAll(sandbox.url, "{sandbox}"),
      );
      return { exit: status, says: said.replace(/ +$/gm, "") };
    } finally {
      place.remove();
    }
  };

  for (const input of inputs.filter((one) => !quick || one.quick)) {
    it(input.name, async () => {
      const { exit, says } = await outcome(input);
      if (process.env["ACCEPT_TEXTS"] !== undefined) {
        const item = document.get(input.index) as YAMLMap;
        const text = new Scalar(says);
        text.type = Scalar.BLOCK_LITERAL;
        item.flow = false;
        item.set("exit", exit);
        item.set("says", text);
        return;
      }
      expect({ exit, says }).to.deep.equal({ exit: input.exit, says: input.says });
      // Every refusal has a way out of its own, and none shows the inside of the program.
      expect(says).not.to.match(/^ +at .+:\d+:\d+\)?$|undefined|\[object Object\]/m);
    });
  }
}
