import { Hono } from "hono";
import { withLineage } from "../../alerts/with-lineage.ts";
import { chosenHolds } from "../../commands/history/holds.ts";
import { undoIn } from "../../commands/history/undo.ts";
import { chosenRejections } from "../../commands/rejections/chosen-rejections.ts";
import { retryIn } from "../../commands/rejections/rejections.ts";
import { countHolds, listHolds } from "../../database/history/holds.ts";
import { listRejectionsBy } from "../../database/lists/list-rejections.ts";
import { acquireRunLock } from "../../database/open/run-lock.ts";
import type { ConsentKind } from "../../database/tables/consents.ts";
import { dismissRejections } from "../../database/tables/dismissals.ts";
import { countRejections } from "../../database/tables/rejections.ts";
import { Failure } from "../../failure.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { createBudget } from "../../pipedrive/client/budget.ts";
import type { SyncJob } from "../../service/jobs/jobs.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { runRemap } from "../../sync/runs/run-remap.ts";
import { withHistory } from "../../sync/runs/with-history.ts";
import type { Summary } from "../../sync/summary.ts";
import { releaseHolds } from "../../sync/undo/release-holds.ts";
import type { UndoDetails, UndoSummary } from "../../sync/undo/undo-summary.ts";
import { answer } from "../answer.ts";
import { body, type Given, objectOf } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { log, needs } from "../guard.ts";
import { startedBy, underLock } from "../under-lock.ts";

/** A run that was asked for; it begins when no other goes on. */
export interface AskedRunAnswer {
  /** The id of the request. */
  request: string;
}

/** An undo as `undo --json` prints it, with the first restored values. */
export interface UndoAnswer extends UndoSummary {
  details: UndoDetails;
}

/** A retry of rejections, as `rejections retry --json` counts it. */
export interface RetryAnswer {
  run: string;
  status: Summary["status"];
  retried: number;
  mended: number;
  forgotten: number;
  left: number;
}

/** Which rejections: by their ids, or a group of them as the page of problems lists it; none: all open ones. */
interface Chosen {
  ids?: string[];
  stream?: StreamName;
  group?: string;
}

const ids = { type: "array", items: { type: "string", pattern: "^\\d{1,18}$" }, maxItems: 10_000 };
const texts = { type: "array", items: { type: "string" }, maxItems: 1_000 };
const chosen = { ids, stream: { enum: streamNames }, group: { type: "string" } };
const kinds: ConsentKind[] = ["sending", "publication", "twins", "clearing", "options", "brake", "brake_planhat"];
const undoChoice = objectOf({
  model: { type: "array", items: { enum: modelNames } },
  field: texts,
  id: texts,
  created: { type: "boolean" },
  sent: { type: "boolean" },
});
interface UndoBody {
  model?: ModelName[];
  field?: string[];
  id?: string[];
  created?: boolean;
  sent?: boolean;
}

/** Adds the routes that start runs and decide about problems. */
export function actRoutes(host: ConsoleHost) {
  const request = async (sync: SyncJob): Promise<string> => {
    const service = runningService(host);
    const id = await service.jobs.requestSync(sync);
    service.events.emit("work");
    return id;
  };
  return new Hono<ConsoleEnv>()
    .post(
      "/runs",
      needs("operator"),
      body<{ what: "full" | "sync" | "company"; organizations?: number[] }>(
        objectOf(
          {
            what: { enum: ["full", "sync", "company"] },
            organizations: { type: "array", items: { type: "integer", minimum: 1 }, minItems: 1, maxItems: 100 },
          },
          ["what"],
        ),
      ),
      async (context) => {
        const { name: user } = context.var.person;
        const { what, organizations = [] } = context.req.valid("json");
        const by = { by: "console", user } as const;
        if (what === "company" && organizations.length === 0)
          throw new Failure("usage", "A sync of a company names its organization.");
        let asked = "";
        if (what !== "company") asked = await request({ mode: what === "full" ? "full" : "incremental", ...by });
        else for (const company of organizations) asked = await request({ mode: "company", company, ...by });
        const action = what === "full" ? "sync --full" : what === "sync" ? "sync" : "sync --company";
        await log(host, user, { action, ...(what === "company" ? { subject: organizations.join(" ") } : {}) });
        return answer<AskedRunAnswer>(context, { request: asked });
      },
    )
    .post("/runs/:run/undo/preview", needs("operator"), body<UndoBody>(undoChoice), async (context) => {
      const asked = { user: context.var.person.name, run: context.req.param("run"), isDone: false };
      return answer<UndoAnswer>(context, await undo(host, asked, context.req.valid("json")));
    })
    .post("/runs/:run/undo", needs("editor"), body<UndoBody>(undoChoice), async (context) => {
      const { name } = context.var.person;
      const asked = { user: name, run: context.req.param("run"), isDone: true };
      const done = await undo(host, asked, context.req.valid("json"));
      await log(host, name, {
        action: "undo",
        subject: done.undoes,
        details: { run: done.run, restored: done.restored },
      });
      return answer<UndoAnswer>(context, done);
    })
    .post("/rejections/retry", needs("operator"), body<Chosen>(objectOf(chosen)), async (context) => {
      const { person } = context.var;
      const service = runningService(host);
      const given = context.req.valid("json");
      const outcome = await underLock(host, { writes: true, purpose: "to try again" }, async (landed, onProgress) => {
        const found = await rejectionsOf(host, given);
        const by = { ...service, startedBy: startedBy(person), onProgress };
        return retryIn(landed, by, found, isAll(given) ? [] : found.map(({ id }) => id));
      });
      const { summary, failure, mended, forgotten, left } = outcome;
      await log(host, person.name, { action: "rejections retry", subject: subjectOf(given) });
      if (failure !== undefined) throw failure;
      const retried = mended + forgotten + left.length;
      const told = { run: summary.run, status: summary.status, retried, mended, forgotten, left: left.length };
      return answer<RetryAnswer>(context, told);
    })
    .post(
      "/rejections/dismiss",
      needs("operator"),
      body<Chosen & { word?: string }>(objectOf({ ...chosen, word: { type: "string", maxLength: 500 } })),
      async (context) => {
        const { name } = context.var.person;
        const { database } = runningService(host);
        const { word, ...given } = context.req.valid("json");
        if (isAll(given)) throw new Failure("usage", "Name the rejections to dismiss.");
        const found = await rejectionsOf(host, given);
        const gone = await dismissRejections(
          database,
          found.map(({ id }) => id),
          name,
        );
        const details = { count: gone.length, ...(word === undefined ? {} : { word }) };
        await log(host, name, { action: "rejections dismiss", subject: subjectOf(given), details });
        host.live.tell("problems", null);
        const open = await countRejections(database);
        return answer<{ dismissed: number; open: number }>(context, { dismissed: gone.length, open });
      },
    )
    .post(
      "/holds/release",
      needs("operator"),
      body<{ ids?: string[]; all?: boolean }>(objectOf({ ids, all: { type: "boolean" } })),
      async (context) => {
        const { name } = context.var.person;
        const { database, signal } = runningService(host);
        const { ids: named = [], all = false } = context.req.valid("json");
        if (named.length === 0 && !all) throw new Failure("usage", "Name the holds to release, or all.");
        const lock = await acquireRunLock(database, { waitSeconds: 600, signal });
        let released: number;
        try {
          const holds = named.length === 0 ? await listHolds(database) : await chosenHolds(database, named);
          await releaseHolds(database, holds);
          released = holds.length;
        } finally {
          await lock.release();
        }
        await log(host, name, {
          action: "holds release",
          subject: named.join(" ") || "all",
          details: { released },
        });
        host.live.tell("problems", null);
        const left = await countHolds(database);
        return answer<{ released: number; left: number }>(context, { released, left });
      },
    )
    .post(
      "/consents",
      needs("editor"),
      body<{ kinds: ConsentKind[] }>(
        objectOf({ kinds: { type: "array", items: { enum: kinds }, minItems: 1, uniqueItems: true } }, ["kinds"]),
      ),
      async (context) => {
        const { person } = context.var;
        const { kinds: given } = context.req.valid("json");
        await log(host, person.name, { action: "sync --yes", subject: given.join(" ") });
        const agreed = given.filter((kind) => kind !== "clearing");
        if (given.includes("clearing")) await clear(host, person.name);
        const asked =
          agreed.length === 0 ? null : await request({ mode: "incremental", by: "console", user: person.name, agreed });
        return answer<{ request: string | null }>(context, { request: asked });
      },
    );
}

/** Clears the fields that are no longer mapped, as `remap --clear-unmapped --yes` does. */
async function clear(host: ConsoleHost, user: string): Promise<void> {
  const { config, logger, signal } = runningService(host);
  const { failure } = await underLock(host, { writes: true, purpose: "to map again" }, (landed, onProgress) =>
    runRemap({
      ...landed,
      ...withHistory(config, { by: "console", user }),
      ...withLineage(config, { warn: (message) => logger.warn(message), signal }),
      budget: createBudget({}),
      signal,
      onProgress,
      clearUnmapped: { agreement: { by: user } },
    }),
  );
  if (failure !== undefined) throw failure;
}

async function undo(
  host: ConsoleHost,
  { user, run, isDone }: { user: string; run: string; isDone: boolean },
  { sent = false, created = false, ...choice }: Given<UndoBody>,
): Promise<UndoAnswer> {
  const service = runningService(host);
  const { outcome } = await underLock(host, { writes: isDone, purpose: "to take back" }, (landed) =>
    undoIn(landed, { ...service, account: sent ? service : undefined, startedBy: { by: "console", user } }, run, {
      ...defined(choice),
      ...(created ? { created: true } : {}),
      ...(isDone ? { yes: true } : {}),
    }),
  );
  if (outcome.failure !== undefined) throw outcome.failure;
  if (outcome.rows === undefined) throw new Error("An undo ended without rows and without a failure.");
  const { summary, details } = outcome.rows;
  return { ...summary, run: isDone ? summary.run : null, details };
}

/** Returns an object without the keys that are undefined. */
function defined<Input extends object>(given: Input): { [Key in keyof Input]?: Exclude<Input[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

async function rejectionsOf(host: ConsoleHost, { ids: named = [], stream, group }: Given<Chosen>) {
  const { database } = runningService(host);
  if (group === undefined && stream === undefined) return chosenRejections(database, named);
  return (await listRejectionsBy(database, { stream, group })).rejections;
}

function isAll({ ids: named, stream, group }: Given<Chosen>): boolean {
  return named === undefined && stream === undefined && group === undefined;
}

function subjectOf({ ids: named, stream, group }: Given<Chosen>): string {
  return named?.join(" ") ?? [stream, group].filter((part) => part !== undefined).join(": ") ?? "all";
}
