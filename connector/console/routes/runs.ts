import { Hono } from "hono";
import { type ListedChange, listedChange } from "../../commands/history/describe-changes.ts";
import { readChanges } from "../../database/history/changes.ts";
import { findRun } from "../../database/history/told-runs.ts";
import { listRuns } from "../../database/lists/list-runs.ts";
import { rowNames } from "../../database/rows/row-names.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { type Changed, changedBy, listedRun } from "../../sync/inspect/listed-run.ts";
import { answer } from "../answer.ts";
import { objectOf, query } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";

/** A run as `runs --json` prints it, with its summary. */
export interface RunAnswer extends ReturnType<typeof listedRun> {
  changed: Changed;
  /** The output of `sync --json`; null while it runs. */
  summary: JsonObject | null;
}

/** A page of the runs, newest first. */
export interface RunsAnswer {
  runs: RunAnswer[];
  /** The run to pass as `before` for the next page; null on the last page. */
  next: string | null;
}

/** A change of a run as `runs <run> --json` prints it, with the name of its row. */
export interface ChangeAnswer extends ListedChange {
  name: string | null;
}

/** A page of a run's changes, in the order of writing. */
export interface ChangesAnswer {
  changes: ChangeAnswer[];
  /** The change to pass as `after` for the next page; null on the last page. */
  next: string | null;
}

const usualPage = 50;
const limit = { type: "integer", minimum: 1, maximum: 500 };
const words = { type: "array", items: { type: "string" } };

/** Adds the routes of the runs and their changes. */
export function runRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get(
      "/runs",
      query<{ limit?: number; before?: string; since?: string; status?: string[]; mode?: string[] }>(
        objectOf({ limit, before: { type: "string" }, since: { type: "string" }, status: words, mode: words }),
      ),
      async (context) => {
        const { database } = runningService(host);
        const { limit: most = usualPage, status, mode, ...filter } = context.req.valid("query");
        const found = await listRuns(database, { ...filter, statuses: status, modes: mode, limit: most + 1 });
        const runs: RunAnswer[] = [];
        for (const run of found.slice(0, most))
          runs.push({ ...listedRun(run), changed: await changedBy(database, run), summary: run.summary });
        return answer<RunsAnswer>(context, { runs, next: found.length > most ? runs.at(-1)!.run : null });
      },
    )
    .get("/runs/:run", async (context) => {
      const { database } = runningService(host);
      const run = await findRun(database, context.req.param("run"));
      const changed = await changedBy(database, run);
      return answer<RunAnswer>(context, { ...listedRun(run), changed, summary: run.summary });
    })
    .get(
      "/runs/:run/changes",
      query<{ limit?: number; after?: string }>(objectOf({ limit, after: { type: "string", pattern: "^\\d{1,18}$" } })),
      async (context) => {
        const { database } = runningService(host);
        const run = await findRun(database, context.req.param("run"));
        const { limit: most = usualPage, after } = context.req.valid("query");
        const found = await readChanges(database, run.id, {
          most: most + 1,
          ...(after === undefined ? {} : { after }),
        });
        const shown = found.slice(0, most);
        const names = new Map<ModelName, Map<string, string>>();
        for (const model of new Set(shown.map((change) => change.model))) {
          const ids = shown.flatMap((one) => (one.model === model && one.sourceId !== null ? [one.sourceId] : []));
          names.set(model, await rowNames(database, model, ids));
        }
        const changes = shown.map((change) => ({
          ...listedChange(change),
          name: (change.sourceId === null ? undefined : names.get(change.model)?.get(change.sourceId)) ?? null,
        }));
        return answer<ChangesAnswer>(context, { changes, next: found.length > most ? shown.at(-1)!.id : null });
      },
    );
}
