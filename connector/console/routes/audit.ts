import { Hono } from "hono";
import { auditIn } from "../../commands/audit/audit.ts";
import { unexplainedFailure } from "../../commands/audit/describe-audit.ts";
import { type FailureJson, withFailure } from "../../commands/terminal/failure-json.ts";
import { Failure } from "../../failure.ts";
import type { Difference } from "../../sync/audit/differences.ts";
import type { AuditOutcome } from "../../sync/audit/run-audit.ts";
import { answer } from "../answer.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { log, needs } from "../guard.ts";
import { underLock } from "../under-lock.ts";

/** Differences that a page gets; `audit --json` prints all. */
const mostDifferences = 2_000;

/** The audit of this console: whether one goes on, and the last one. */
export interface AuditAnswer {
  running: boolean;
  last: { at: string; by: string; result: AuditResult } | null;
}

/** The result of an audit, as `audit --json` prints it, with the first differences. */
export interface AuditResult extends Pick<AuditOutcome, "seconds" | "requests" | "streams" | "models"> {
  complete: boolean;
  planhat?: AuditOutcome["planhat"];
  count: number;
  unexplained: number;
  differences: Difference[];
  error?: { message: string; hint?: string };
}

/** Adds the routes of the audit, which goes on while people leave the page. */
export function auditRoutes(host: ConsoleHost) {
  let state: AuditAnswer = { running: false, last: null };
  const run = async (by: string) => {
    const service = runningService(host);
    const result = await underLock(host, { writes: false, purpose: "to compare" }, async (landed, onProgress) =>
      resultOf(await auditIn(landed, service, service.signal, onProgress)),
    ).catch((error: unknown): AuditResult => failedResult(error, host));
    state = { running: false, last: { at: new Date().toISOString(), by, result } };
    host.live.tell("audit", { running: false });
  };
  return new Hono<ConsoleEnv>()
    .get("/audit", (context) => answer<AuditAnswer>(context, state))
    .post("/audit", needs("operator"), async (context) => {
      const { name } = context.var.person;
      runningService(host);
      if (!state.running) {
        state = { ...state, running: true };
        host.live.tell("audit", { running: true });
        await log(host, name, { action: "audit" });
        void run(name);
      }
      return answer<AuditAnswer>(context, state);
    });
}

function resultOf(outcome: AuditOutcome): AuditResult {
  const { seconds, streams, models, differences, requests, planhat, failure: ended } = outcome;
  const { differences: count, unexplained } = differences.count();
  const shown: Difference[] = [];
  for (const difference of differences.all()) {
    shown.push(difference);
    if (shown.length >= mostDifferences) break;
  }
  const { error } = withFailure({}, ended ?? unexplainedFailure(outcome)) as Partial<FailureJson>;
  return {
    complete: ended === undefined,
    seconds,
    requests,
    ...(planhat === undefined ? {} : { planhat }),
    streams,
    models,
    count,
    unexplained,
    differences: shown,
    ...(error === undefined ? {} : { error }),
  };
}

function failedResult(error: unknown, host: ConsoleHost): AuditResult {
  if (!(error instanceof Failure)) host.onDefect(error);
  const message = error instanceof Failure ? error.message : "The audit failed; the log says why.";
  const hint = error instanceof Failure && error.hint !== undefined ? { hint: error.hint } : {};
  const none = { seconds: 0, requests: { count: 0, tokens: 0 }, streams: {}, models: {}, count: 0, unexplained: 0 };
  return { complete: false, ...none, differences: [], error: { message, ...hint } } as unknown as AuditResult;
}
