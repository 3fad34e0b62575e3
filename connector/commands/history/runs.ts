import type { Session } from "../../database/database.ts";
import { type Change, countChanges, readChanges } from "../../database/history/changes.ts";
import { findRun, type ToldRun } from "../../database/history/told-runs.ts";
import { listRuns } from "../../database/lists/list-runs.ts";
import { companyNames, readTitles } from "../../database/rows/row-names.ts";
import { writeLine, writeMessage, writeText } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import { type Changed, changedBy, changeWords, listedRun } from "../../sync/inspect/listed-run.ts";
import { counted } from "../../text/counted.ts";
import { formatInstant, instantAgo } from "../../text/instant.ts";
import type { CommonOptions } from "../common-options.ts";
import { withHistoryOf } from "../opening/with-database.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { describeAction, describeReason, describeStartedBy, describeValues, listedChange } from "./describe-changes.ts";

/** The options of `runs`. */
export interface RunsOptions extends CommonOptions {
  /** The number of runs listed, or of one run's changes shown in text. */
  limit?: number;
  /** Only runs with these statuses, of these modes, that started then or later, and before this run. */
  status?: string[];
  mode?: string[];
  since?: string;
  before?: string;
  json?: true;
}

const usualRuns = 20;
const usualChanges = 50;
const changesAtOnce = 1000;

/** Lists the last runs, or shows the changes of one, field by field. Returns the exit status. */
export async function runs(wanted: string | undefined, options: RunsOptions): Promise<number> {
  return withHistoryOf(options, async (database) => {
    if (wanted === undefined) await showRuns(database, options);
    else await showRun(database, await findRun(database, wanted), options);
    return 0;
  });
}

async function showRuns(
  database: Session,
  { limit = usualRuns, json, status: statuses, mode: modes, since, before }: RunsOptions,
): Promise<void> {
  const all = await listRuns(database, { statuses, modes, since, before, limit });
  const changed = new Map<string, Changed>();
  for (const run of all) changed.set(run.id, await changedBy(database, run));
  if (json) {
    await writeMessage(all.map((run) => ({ ...listedRun(run), changed: changed.get(run.id)! })));
    return;
  }
  const isPart = [statuses, modes, since, before].some((given) => given !== undefined);
  if (all.length === 0) return writeLine(isPart ? "There is no such run." : "There is no run yet.");
  const rows = all.map((run) => [
    run.id.slice(0, 8),
    instantAgo(run.startedAt),
    run.mode,
    describeStartedBy(run.startedBy),
    { cell: run.status, style: styles[run.status] },
    describeChanged(changed.get(run.id)!) || (run.undoes === null ? "" : `of ${run.undoes.slice(0, 8)}`),
  ]);
  for (const line of table([["run", "when", "mode", "who", "status", "changed"], ...rows])) await writeLine(line);
  if (all.length === limit && limit > 0) {
    const next = `--before ${all.at(-1)!.id.slice(0, 8)} those before`;
    await writeLine(`\nThe last ${limit}; --limit shows more, ${next}, runs <run> what one changed.`);
  }
}

const styles: Readonly<Record<string, Style>> = { succeeded: "good", partial: "warning", failed: "bad", held: "bad" };

function describeChanged(changed: Changed): string {
  return Object.entries(changed)
    .map(([model, counts]) => {
      const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
      return `${model} ${told.join(", ")}`;
    })
    .join(" · ");
}

async function showRun(database: Session, run: ToldRun, { limit = usualChanges, json }: RunsOptions): Promise<void> {
  if (json) return writeRunJson(database, run);
  const counts = await countChanges(database, run.id);
  const { startedAt, finishedAt, status, mode } = run;
  const starter = describeStartedBy(run.startedBy);
  const undoes = run.undoes === null ? "" : `, takes back ${run.undoes}`;
  await writeLine(`Run ${run.id}: ${mode}${starter === "" ? "" : `, ${starter}`}${undoes}`);
  await writeLine(
    `${instantAgo(startedAt)} to ${finishedAt === null ? "now" : formatInstant(finishedAt)}: ${paint(status, styles[status])}`,
  );
  if (run.error !== null) await writeLine(withoutSecrets(oneLine(run.error)));
  for (const { model, action, count } of counts)
    await writeLine(`  ${counted(count, `${model} ${changeWords[action]}`, `${model} ${changeWords[action]}`)}`);
  const told = toldWithout(run, counts.length);
  if (told !== undefined) return writeLine(`\n${told}`);
  const changes = await readChanges(database, run.id, { most: limit + 1 });
  const shownChanges = changes.slice(0, limit);
  const deals = shownChanges.flatMap(({ because }) => (because?.["deals"] ?? []) as number[]);
  const titles = await readTitles(database, [...new Set(deals)]);
  const names = await namesOf(database, shownChanges);
  await writeLine("");
  for (const change of shownChanges) {
    const { text, style } = describeAction(change);
    const reason = describeReason(change.because, titles);
    const name = change.rowId === null ? undefined : names.get(change.rowId);
    const called = name === undefined || change.model !== "company" ? "" : ` ${oneLine(name)}`;
    await writeLine(`${rowsOf(change)}${called}: ${paint(text, style)}${reason === "" ? "" : ` (${reason})`}`);
    const values = change.action === "create" ? [] : describeValues(change);
    for (const line of values) await writeLine(withoutSecrets(line));
  }
  if (changes.length > limit)
    await writeLine(
      `\nThe first ${limit}; --limit shows more, and --json all. \`history <model> <id>\` tells one row's story.`,
    );
}

/** Returns why a run has no changes to show. */
function toldWithout({ changesKept, finishedAt }: ToldRun, kinds: number): string | undefined {
  if (changesKept === "pruned")
    return kinds > 0
      ? "Some of its changes were forgotten, being older than they are kept; undo cannot take it back."
      : "Its changes are forgotten: they are older than they are kept (`history: {keep_days: …}` of the config).";
  if (kinds > 0) return undefined;
  if (changesKept === "none")
    return "Its changes were not kept: an earlier version ran it, or the config said `history: {keep_days: 0}`.";
  return finishedAt === null ? "It has changed nothing so far." : "It changed nothing.";
}

function rowsOf({ model, sourceId, rowId, lastRowId }: Change): string {
  if (lastRowId === null) return `${model} ${sourceId ?? `row ${rowId}`}`;
  return `${BigInt(lastRowId) - BigInt(rowId!) + 1n} of ${model} (rows ${rowId} to ${lastRowId})`;
}

async function namesOf(database: Session, changes: readonly Change[]): Promise<Map<string, string>> {
  const ids = changes.flatMap(({ model, rowId }) => (model === "company" && rowId !== null ? [rowId] : []));
  const companies = await companyNames(database, [...new Set(ids)]);
  return new Map([...companies].flatMap(([id, { name }]) => (name === null ? [] : [[id, name] as const])));
}

/** Writes the changes of a run in batches: there may be a million. */
async function writeRunJson(database: Session, run: ToldRun): Promise<void> {
  const counts = await changedBy(database, run);
  const head = JSON.stringify({ ...listedRun(run), changed: counts });
  await writeText(`${head.slice(0, -1)},"changes":[`);
  let after: string | undefined;
  for (;;) {
    const changes = await readChanges(database, run.id, {
      most: changesAtOnce,
      ...(after === undefined ? {} : { after }),
    });
    if (changes.length === 0) break;
    const texts = changes.map((change) => withoutSecrets(JSON.stringify(listedChange(change))));
    await writeText(`${after === undefined ? "" : ","}${texts.join(",")}`);
    after = changes.at(-1)!.id;
  }
  await writeText("]}\n");
}
