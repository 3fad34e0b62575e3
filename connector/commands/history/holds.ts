import { loadConfig } from "../../config/load-config.ts";
import type { Database } from "../../database/database.ts";
import { countHolds, type Hold, listHolds } from "../../database/history/holds.ts";
import { listHoldsBy } from "../../database/lists/list-holds.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { acquireRunLock } from "../../database/open/run-lock.ts";
import { Failure } from "../../failure.ts";
import type { ModelName } from "../../model-name.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { releaseHolds } from "../../sync/undo/release-holds.ts";
import { counted } from "../../text/counted.ts";
import { instantAgo } from "../../text/instant.ts";
import type { CommonOptions } from "../common-options.ts";
import { neverSynced } from "../opening/with-database.ts";
import { shownValue } from "../terminal/describe-change.ts";
import { table } from "../terminal/table.ts";

/** The options of `holds list`. */
export interface HoldsListOptions extends CommonOptions {
  model?: ModelName;
  /** The record's id in Pipedrive. */
  record?: number;
  field?: string;
  /** The maximum number of holds shown in text. */
  limit: number;
  json?: true;
}

/** The options of `holds release`. */
export interface HoldsReleaseOptions extends CommonOptions {
  /** The longest wait for the database, in seconds. */
  wait: number;
  /** True to release all holds without asking. */
  yes?: true;
  json?: true;
}

/** Prints the holds, newest first; with `--json` all of them. Returns the exit status. */
export async function holdsList(options: HoldsListOptions): Promise<number> {
  const database = await opened(options);
  try {
    const { model, record, field, limit, json } = options;
    const { holds, count } = await listHoldsBy(database, { model, record, field, limit: json ? undefined : limit });
    if (json) await writeMessage(holds.map(listedHold));
    else for (const line of describeHolds(holds, count)) await writeLine(line);
    return 0;
  } finally {
    await database.close();
  }
}

/** Releases holds: those with the given ids or, with `--yes`, all. Returns the exit status. */
export async function holdsRelease(ids: readonly string[], options: HoldsReleaseOptions): Promise<number> {
  const database = await opened(options);
  try {
    const lock = await acquireRunLock(database, { waitSeconds: options.wait });
    try {
      const holds = ids.length === 0 ? await listHolds(database) : await chosenHolds(database, ids);
      const isAsked = ids.length === 0 && holds.length > 0 && options.yes !== true;
      if (!isAsked) await releaseHolds(database, holds);
      const released = isAsked ? 0 : holds.length;
      const left = await countHolds(database);
      if (options.json) await writeMessage({ released, left });
      else if (isAsked) {
        for (const line of describeHolds(holds.slice(0, 20), holds.length)) await writeLine(line);
        await writeLine("\nNothing was released. `pipedrive-planhat holds release --yes` releases all.");
      } else if (released === 0) await writeLine("Nothing is held.");
      else {
        const more = left === 0 ? "" : ` ${left} are left.`;
        await writeLine(`Released ${counted(released, "hold")}: the next sync writes what the mapping says.${more}`);
      }
      return 0;
    } finally {
      await lock.release();
    }
  } finally {
    await database.close();
  }
}

async function opened(options: CommonOptions & { wait?: number }) {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const patience = options.wait === undefined ? {} : { waitSeconds: options.wait };
  const database = await openExisting(config.database, patience);
  if (database !== undefined) return database;
  throw neverSynced(config.database);
}

/** Reads the holds with the given ids. Throws a Failure that names ids without a hold. */
export async function chosenHolds(database: Database, ids: readonly string[]): Promise<Hold[]> {
  const possible = ids.filter((id) => /^\d{1,18}$/.test(id)).map((id) => String(Number(id)));
  const found = await listHolds(database, { ids: possible });
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(String(Number(id))));
  if (unknown.length === 0) return found;
  const which = unknown.length === 1 ? `is no hold ${unknown[0]}` : `are no holds ${unknown.join(", ")}`;
  throw new Failure("usage", `There ${which}.`, {
    hint: "List the ids: pipedrive-planhat holds list. An ended hold leaves the list.",
  });
}

/** Returns a hold under the names that scripts read. */
export function listedHold({ id, model, sourceId, field, taken, restored, runId, since }: Hold) {
  return { id, model, source_id: sourceId, field, taken, restored, run: runId, since };
}

function describeHolds(holds: readonly Hold[], total: number): string[] {
  if (total === 0) return ["Nothing is held."];
  const heads = ["id", "since", "undo", "row", "field", "stands", "taken back"];
  const rows = holds.map(({ id, since, runId, model, sourceId, field, restored, taken }) => [
    id,
    instantAgo(since),
    runId?.slice(0, 8) ?? "",
    `${model} ${sourceId}`,
    field ?? "the row",
    field === null ? (isMove(taken) ? `stays a ${model}` : "removed") : shownValue(restored),
    field === null ? (isMove(taken) ? `becoming a ${taken.model}` : "coming back") : shownValue(taken),
  ]);
  const more = total > holds.length ? [`… and ${total - holds.length} more: --limit <n> or --json shows them.`] : [];
  return [
    ...table([heads, ...rows]),
    ...more,
    "",
    `${counted(total, "hold")} in all. Each ends when Pipedrive or the mapping says something else, or with holds release.`,
  ];
}

function isMove(taken: Hold["taken"]): taken is { model: string } {
  return typeof taken === "object" && taken !== null && "model" in taken;
}
