import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "../connector/package-root.ts";
import { streamNames } from "../connector/stream-name.ts";
import { migratedLocation, removeLocation } from "../test/databases.ts";
import { serveAccount } from "./account-server.ts";
import { median } from "./measured-run.ts";
import { writeResults } from "./results.ts";

/**
 * Measures `write` beside `sync` on a server: the same account, once from the API and once from a file of `read`'s
 * messages. Target: at least 80 % of sync's rate. Arguments: the number of deals and of rounds.
 */
const deals = Number(process.argv[2] ?? 20_000);
const rounds = Number(process.argv[3] ?? 3);
const bin = `${packageRoot}dist/main.js`;
const account = await serveAccount(deals);
const place = mkdtempSync(join(tmpdir(), "pipedrive-planhat-bench-"));
const file = (name: string, text: string) => {
  writeFileSync(join(place, name), text, { mode: 0o600 });
  return join(place, name);
};
const config = (database: string) =>
  file("config.json", JSON.stringify({ company_url: account.url, api_token: account.token, database }));
const catalog = file(
  "catalog.json",
  JSON.stringify({
    streams: streamNames.map((name) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ["incremental"] },
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
    })),
  }),
);
try {
  const messages = join(place, "messages.jsonl");
  const records = await readInto(messages);
  const seconds: Record<"sync" | "write", number[]> = { sync: [], write: [] };
  for (let round = 0; round < rounds; round++) {
    for (const verb of ["sync", "write"] as const) {
      const location = await migratedLocation("server");
      try {
        const started = performance.now();
        const more = verb === "write" ? ["--catalog", catalog] : [];
        const child = spawn(
          process.execPath,
          [bin, verb, "--config", config(location), "--log-level", "warn", ...more],
          {
            stdio: ["pipe", "ignore", "inherit"],
          },
        );
        if (verb === "write") createReadStream(messages).pipe(child.stdin!);
        else child.stdin!.end();
        const [status] = await once(child, "close");
        if (status !== 0) throw new Error(`${verb} exited with ${status}`);
        seconds[verb].push((performance.now() - started) / 1000);
      } finally {
        await removeLocation(location);
      }
    }
  }
  const rate = (verb: "sync" | "write") => records / median(seconds[verb]);
  writeResults(
    "write",
    [
      {
        figure: `write of ${records.toLocaleString("en-US")} records, median of ${rounds}`,
        measured: rate("write"),
        unit: "records/s",
      },
      {
        figure: "- beside sync of the same, from the API",
        measured: rate("write") / rate("sync"),
        unit: "of its rate",
        asked: { least: 0.8 },
      },
    ],
    { records, seconds },
  );
} finally {
  account.stop();
  rmSync(place, { recursive: true, force: true });
}

/** Runs `read` of all streams into a file; returns the number of records. */
async function readInto(path: string): Promise<number> {
  const output = openSync(path, "w");
  const args = [bin, "read", "--config", config("unused"), "--catalog", catalog];
  const [status] = await once(spawn(process.execPath, args, { stdio: ["ignore", output, "inherit"] }), "close");
  closeSync(output);
  if (status !== 0) throw new Error(`read exited with ${status}`);
  let records = 0;
  for await (const line of createInterface(createReadStream(path))) if (line.startsWith('{"type":"RECORD"')) records++;
  return records;
}
