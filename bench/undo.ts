import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../connector/package-root.ts";
import { serveAccount } from "./account-server.ts";
import { writeResults } from "./results.ts";
import { syncPlace } from "./sync-place.ts";

/**
 * Measures the undo of a run against the run itself, on a server. `remap`, the quickest way to change every row,
 * applies a mapping with names, subjects and products in capitals, and that is undone. Argument: the number of
 * deals (20,000).
 */
const deals = Number(process.argv[2] ?? 20_000);
const mappings = mkdtempSync(join(tmpdir(), "pipedrive-planhat-mappings-"));
const account = await serveAccount(deals);
try {
  cpSync(`${packageRoot}mappings`, mappings, { recursive: true });
  const place = await syncPlace(account, "server", { mappings, brake: "off" });
  try {
    await place.sync();
    for (const source of ["first_name", "last_name"]) {
      change("persons.yaml", `pipedrive: ${source}\n`, `pipedrive: ${source}\n    transform: [uppercase]\n`);
    }
    change("organizations.yaml", "pipedrive: name\n", "pipedrive: name\n    transform: [uppercase]\n");
    change("notes.yaml", "{default: Pipedrive note}]", "{default: Pipedrive note}, uppercase]");
    change("deals.yaml", "        value: License Fee", "        value: LICENSE FEE");
    const run = await place.run("remap", "--json");
    const { run: id, models } = JSON.parse(run.stdout) as { run: string; models: Record<string, { updated: number }> };
    const changed = Object.values(models).reduce((sum, { updated }) => sum + updated, 0);
    const shown = await place.run("undo", id, "--json");
    const undo = await place.run("undo", id, "--yes", "--json");
    const summary = JSON.parse(undo.stdout) as { restored: number; held: number };
    const held = await place.sync();
    writeResults(
      "undo",
      [
        {
          figure: `undo of a run that changed ${changed.toLocaleString("en-US")} rows`,
          measured: undo.seconds,
          unit: "s",
          ratio: { of: "the time that the run took", value: undo.seconds / run.seconds },
          asked: { most: run.seconds },
          cpuSeconds: undo.cpuSeconds,
          megabytes: undo.peakMegabytes,
        },
        { figure: "its preview", measured: shown.seconds, unit: "s", cpuSeconds: shown.cpuSeconds },
      ],
      { deals, changed, summary, run: run.seconds, undo: undo.seconds, nothingNew: held.seconds },
    );
  } finally {
    await place.remove();
  }
} finally {
  account.stop();
  rmSync(mappings, { recursive: true, force: true });
}

function change(file: string, from: string, to: string): void {
  const path = join(mappings, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not say ${JSON.stringify(from)}.`);
  writeFileSync(path, text.replace(from, to));
}
