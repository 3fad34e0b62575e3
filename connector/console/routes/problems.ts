import { Hono } from "hono";
import { listedHold } from "../../commands/history/holds.ts";
import type { Database } from "../../database/database.ts";
import type { Hold } from "../../database/history/holds.ts";
import { recordNames } from "../../database/landing/record-names.ts";
import { listHoldsBy } from "../../database/lists/list-holds.ts";
import { countDismissedBy, listRejectionsBy } from "../../database/lists/list-rejections.ts";
import { rowNames } from "../../database/rows/row-names.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { countConflicts, listConflictsBefore, type RecordedConflict } from "../../database/tables/conflicts.ts";
import { type Consent, type Held, listConsents, listWaitingKinds } from "../../database/tables/consents.ts";
import { countDismissed } from "../../database/tables/dismissals.ts";
import { countReasons, countRejections, type ReasonCount } from "../../database/tables/rejections.ts";
import type { ModelName } from "../../model-name.ts";
import { modelNames } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { type ConflictStand, standOf } from "../../sync/decide/other-value.ts";
import { type ListedRejection, listedRejection, toldRecord } from "../../sync/listed-rejection.ts";
import { answer } from "../answer.ts";
import { objectOf, query } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";

/** A thing that waits for a decision, as `status --json` lists it, with its kind. */
export interface WaitingAnswer extends Held {
  /** The kind of consent: `brake` and `brake_planhat` are the brake's. */
  kind: string;
  since: string;
  run: string | null;
}

/** A conflict with the name of its company. */
export interface ConflictAnswer
  extends Pick<RecordedConflict, "id" | "stream" | "field" | "base" | "pipedrive" | "planhat" | "winner"> {
  record_id: number;
  since: string;
  run: string;
  name: string | null;
  /** Which value the row has now: the one that won, the other one, or neither; null if there is no row. */
  now: ConflictStand | null;
}

/** A hold as `holds list --json` prints it, with the name of its row. */
export interface HoldAnswer extends ReturnType<typeof listedHold> {
  name: string | null;
}

/** Everything that waits for somebody. */
export interface ProblemsAnswer {
  /** The number of things to decide: what waits, groups of rejections. */
  decisions: number;
  waiting: WaitingAnswer[];
  /** Consents that were given, newest first. */
  consents: Consent[];
  rejections: { count: number; dismissed: number; groups: ReasonCount[] };
  conflicts: { count: number; latest: ConflictAnswer[] };
  holds: { count: number; latest: HoldAnswer[] };
}

/** A page of rejections, as `rejections list --json` prints them. */
export interface RejectionsAnswer {
  rejections: (ListedRejection & { name: string | null })[];
  count: number;
  /** The number of dismissed ones that the filter leaves out. */
  dismissed: number;
  /** The rejection to pass as `before` for the next page; null on the last page. */
  next: string | null;
}

const usualPage = 50;
const latest = 20;
const mostGroups = 50;
const limit = { type: "integer", minimum: 1, maximum: 500 };
const rowId = { type: "string", pattern: "^\\d{1,18}$" };
const whole = { type: "integer", minimum: 0 };

/** Adds the routes of rejections, conflicts, holds and what waits for consent. */
export function problemRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get("/problems", async (context) => {
      const { database } = runningService(host);
      const waiting = (await listWaitingKinds(database)).map(({ runId, ...one }) => ({ ...one, run: runId }));
      const groups = await countReasons(database, mostGroups);
      const conflicts = await listConflictsBefore(database, latest);
      const holds = await listHoldsBy(database, { limit: latest });
      return answer<ProblemsAnswer>(context, {
        decisions: waiting.length + groups.length,
        waiting,
        consents: await listConsents(database),
        rejections: { count: await countRejections(database), dismissed: await countDismissed(database), groups },
        conflicts: { count: await countConflicts(database), latest: await withNames(database, conflicts) },
        holds: { count: holds.count, latest: await namedHolds(database, holds.holds) },
      });
    })
    .get(
      "/rejections",
      query<{
        stream?: StreamName;
        model?: ModelName;
        record?: number;
        field?: string;
        reason?: string;
        group?: string;
        all?: boolean;
        limit?: number;
        before?: string;
      }>(
        objectOf({
          stream: { enum: streamNames },
          model: { enum: modelNames },
          record: whole,
          field: { type: "string" },
          reason: { type: "string" },
          group: { type: "string" },
          all: { type: "boolean" },
          limit,
          before: rowId,
        }),
      ),
      async (context) => {
        const { database } = runningService(host);
        const { all, limit: most = usualPage, ...rest } = context.req.valid("query");
        const filter = { ...rest, dismissed: all, limit: most + 1, sort: "id" as const };
        const { rejections: found, count } = await listRejectionsBy(database, filter);
        const rejections = found.slice(0, most);
        const dismissed = all === true ? 0 : await countDismissedBy(database, filter);
        const names = await recordNames(database, rejections.map(toldRecord));
        const listed = rejections.map((stored) => {
          const one = listedRejection(stored);
          return { ...one, name: names.get(`${one.stream} ${one.record_id}`) ?? null };
        });
        const next = found.length > most ? rejections.at(-1)!.id : null;
        return answer<RejectionsAnswer>(context, { rejections: listed, count, dismissed, next });
      },
    )
    .get("/conflicts", query<{ limit?: number; before?: string }>(page()), async (context) => {
      const { database } = runningService(host);
      const { limit: most = usualPage, before } = context.req.valid("query");
      const found = await listConflictsBefore(database, most + 1, before);
      const conflicts = await withNames(database, found.slice(0, most));
      const next = found.length > most ? conflicts.at(-1)!.id : null;
      return answer<{ conflicts: ConflictAnswer[]; next: string | null }>(context, { conflicts, next });
    })
    .get("/holds", query<{ limit?: number; before?: string }>(page()), async (context) => {
      const { database } = runningService(host);
      const { limit: most = usualPage, before } = context.req.valid("query");
      const { holds: found, count } = await listHoldsBy(database, { limit: most + 1, before });
      const holds = await namedHolds(database, found.slice(0, most));
      const next = found.length > most ? holds.at(-1)!.id : null;
      return answer<{ holds: HoldAnswer[]; count: number; next: string | null }>(context, { holds, count, next });
    });
}

function page() {
  return objectOf({ limit, before: rowId });
}

async function withNames(database: Database, conflicts: readonly RecordedConflict[]): Promise<ConflictAnswer[]> {
  const names = await recordNames(database, conflicts);
  const ids = [...new Set(conflicts.map(({ recordId }) => String(recordId)))];
  const rows = new Map((await readRows(database, "company", ids)).map((row) => [row.sourceId, row]));
  return conflicts.map(({ recordId, runId, at, ...one }) => {
    const name = names.get(`${one.stream} ${recordId}`) ?? null;
    const row = rows.get(String(recordId));
    return {
      ...one,
      record_id: recordId,
      run: runId,
      since: at,
      name,
      now: row === undefined ? null : standOf(one, row),
    };
  });
}

async function namedHolds(database: Database, holds: readonly Hold[]): Promise<HoldAnswer[]> {
  const names = new Map<string, Map<string, string>>();
  for (const model of new Set(holds.map((hold) => hold.model))) {
    const ids = holds.flatMap((hold) => (hold.model === model ? [hold.sourceId] : []));
    names.set(model, await rowNames(database, model, ids));
  }
  return holds.map((hold) => ({ ...listedHold(hold), name: names.get(hold.model)?.get(hold.sourceId) ?? null }));
}
