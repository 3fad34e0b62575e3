import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../database/open/open-database.ts";
import { openToRead } from "../../database/open/open-existing.ts";
import { writeLine } from "../../protocol/standard-output.ts";
import { describeAccount } from "../../sandbox/account/describe-account.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { changeSomeDeals } from "../../sandbox/store/changes.ts";
import { readStatus } from "../../sync/inspect/read-status.ts";
import type { CommonOptions } from "../common-options.ts";
import { tableLines } from "../look/table-lines.ts";
import { describeReasons } from "../status/status.ts";
import { syncOnce } from "../sync/sync-once.ts";
import { describeChange } from "../terminal/describe-change.ts";
import { describeSummary } from "../terminal/describe-summary.ts";
import { paint } from "../terminal/paint.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { table } from "../terminal/table.ts";

/** An example of a user's statement. */
const ownStatement =
  "select city, count(*) as companies from planhat.companies where city > '' group by city order by 2 desc, 1 limit 3";

/**
 * Shows the main job on an invented account: the sandbox, a first sync into an embedded database, some changes in
 * Pipedrive, a second sync, and its result. Needs no config. Returns the exit status.
 */
export async function demo(options: Omit<CommonOptions, "config"> & { keep?: true }): Promise<number> {
  const signal = stopSignal();
  const folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-demo-"));
  const sandbox = await startSandbox({ burstLimit: 1000 });
  try {
    const config = join(folder, "config.yaml");
    const database = join(folder, "planhat-data");
    writeFileSync(config, `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${database}\n`, {
      mode: 0o600,
    });
    const sync = async (changes?: string[]) => {
      const { summary, failure } = await syncOnce(
        { config, command: "demo", wait: 0, logLevel: options.logLevel, logFormat: options.logFormat },
        signal,
        (_transaction, decisions) => {
          for (const decision of decisions) changes?.push(...describeChange(decision));
        },
      );
      if (failure !== undefined) throw failure;
      return describeSummary(summary);
    };

    await show("1. A Pipedrive account, served by the sandbox on this machine", describeAccount(sandbox.account));
    await show("2. First sync: Fetch All into an embedded Postgres", await sync());
    await show(
      "3. What is in the Planhat tables now, and what was rejected, with the reason",
      await sampleRows(database),
    );
    await show(
      "4. Meanwhile, in Pipedrive",
      changeSomeDeals(sandbox.store).map((change) => `- ${change}`),
    );
    const changes: string[] = [];
    const summary = await sync(changes);
    await show("5. Second sync: only what changed", summary);
    await show("6. What changed in the Planhat tables", changes);
    const at = options.keep ? ` --config ${config}` : "";
    await show("7. Look at the rows with SQL", [
      `$ pipedrive-planhat query${at} "${ownStatement}"`,
      ...(await answerTo(ownStatement, database)),
    ]);
    await writeLine(
      options.keep
        ? `Kept in ${folder}`
        : 'demo --keep keeps its folder for statements of your own. Next: README, "Sync your own account".',
    );
    return 0;
  } catch (error) {
    return reportFailure(error);
  } finally {
    await sandbox.close();
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the lines that `query` prints for a statement on a terminal. */
async function answerTo(statement: string, location: string): Promise<string[]> {
  const reading = await openToRead(location);
  if (reading === undefined) throw new Error("The demo's database is gone.");
  try {
    return await reading.snapshot(async (snapshot) => {
      const { columns, pieces } = await snapshot.rows(statement);
      const lines: string[] = [];
      for await (const rows of pieces) lines.push(...tableLines(columns, rows, 0, undefined));
      return lines;
    });
  } finally {
    await reading.close();
  }
}

async function show(title: string, lines: readonly string[]): Promise<void> {
  await writeLine(paint(title, "strong"));
  for (const line of lines) await writeLine(line === "" ? "" : `   ${line}`);
  await writeLine("");
}

/** Returns the companies with the most licenses, with their other rows, and the reasons of rejections. */
async function sampleRows(location: string): Promise<string[]> {
  const database = await openDatabase(location);
  try {
    const rows = await database.query<Record<string, string | null>>(
      `select company.name, company.city,
         (select count(*) from planhat.endusers where company_id = company.id) as endusers,
         (select count(*) from planhat.notes where company_id = company.id) as notes,
         count(license.id) as licenses, sum(license.value) as value, min(license.currency) as currency
       from planhat.companies as company join planhat.licenses as license on license.company_id = company.id
       group by company.id order by count(license.id) desc, company.id limit 5`,
    );
    const { reasons } = await readStatus(database);
    const companies = table([
      ["company", "city", "end users", "notes", "licenses", "value", ""],
      ...rows.map(({ name, city, endusers, notes, licenses, value, currency }) => [
        name ?? "",
        city ?? "",
        Number(endusers),
        Number(notes),
        Number(licenses),
        Number(value),
        currency ?? "",
      ]),
    ]);
    return [...companies, "", ...describeReasons(reasons)];
  } finally {
    await database.close();
  }
}
