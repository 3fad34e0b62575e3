import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";
import { type MeasuredRun, median } from "./measured-run.ts";
import { type Figure, writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * Measures `plan --remap` on a server: with the mapping of the last sync, with an edit that changes every license, and
 * with one that changes every row of every model. Arguments: the deals of the account, and the rounds.
 */
const deals = Number(process.argv[2] ?? 50_000);
const rounds = Number(process.argv[3] ?? 5);

/** The edits of a user: the name of each, and per file the field that it adds. */
const edits: { name: string; files: Record<string, string> }[] = [
  { name: "nothing", files: {} },
  { name: "a field of licenses", files: { "deals.yaml": "custom.Source" } },
  {
    name: "a field of each model",
    files: { "deals.yaml": "custom.Source", "organizations.yaml": "custom.Source", "persons.yaml": "custom.Source" },
  },
];

const mappings = mkdtempSync(join(tmpdir(), "pipedrive-planhat-mappings-"));
const account = await serveAccount(deals);
try {
  cpSync(`${packageRoot}mappings`, mappings, { recursive: true });
  const place = await syncPlace(account, "server", { mappings });
  try {
    await place.sync();
    account.stop();
    const measured: { name: string; runs: MeasuredRun[]; changes: number }[] = [];
    for (const { name, files } of edits) {
      cpSync(`${packageRoot}mappings`, mappings, { recursive: true });
      for (const [file, field] of Object.entries(files)) addConstant(join(mappings, file), field);
      const runs: MeasuredRun[] = [];
      for (let round = 0; round < rounds; round++) runs.push(await place.run("plan", "--remap", "--json"));
      const { counts } = JSON.parse(runs[0]!.stdout) as { counts: { changes: number } };
      measured.push({ name, runs, changes: counts.changes });
    }
    const figures = measured.map(
      ({ name, runs, changes }): Figure => ({
        figure: `plan --remap of ${deals.toLocaleString("en-US")} deals, ${name} edited: ${changes.toLocaleString("en-US")} changes`,
        measured: median(runs.map(({ seconds }) => seconds)),
        unit: "s",
        asked: { most: 2 },
        cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
        megabytes: Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes)),
      }),
    );
    const details = measured.map(({ name, runs, changes }) => ({
      name,
      changes,
      seconds: runs.map((run) => run.seconds),
    }));
    writeResults("plan-remap", figures, { details });
  } finally {
    await place.remove();
  }
} finally {
  account.stop();
  rmSync(mappings, { recursive: true, force: true });
}

/** Adds a constant to the last list of fields of a mapping file. */
function addConstant(file: string, field: string): void {
  const text = readFileSync(file, "utf8");
  const last = [...text.matchAll(/^( +)- planhat: /gm)].at(-1)!;
  const entry = `${last[1]}- planhat: ${field}\n${last[1]}  value: Pipedrive\n`;
  writeFileSync(file, text.slice(0, last.index) + entry + text.slice(last.index));
}
