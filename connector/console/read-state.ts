import { readPublishedTenant } from "../database/rows/tenants.ts";
import { readOwnAccount } from "../database/tables/account.ts";
import { countConflicts } from "../database/tables/conflicts.ts";
import { listWaiting } from "../database/tables/consents.ts";
import { countReasons, countRejections } from "../database/tables/rejections.ts";
import { killed, lastRuns } from "../database/tables/runs.ts";
import type { Service } from "../service/service.ts";

/** The state that every page shows in its head. */
export interface StateAnswer {
  /**
   * `not_set_up`: there is no config; `never`: no run yet; `failing`: the last run failed; `waiting`: somebody has to
   * decide.
   */
  word: "not_set_up" | "never" | "in_order" | "waiting" | "failing";
  /** The Pipedrive account; null before the first run that knew it. */
  account: { id: number; name: string; domain: string | null } | null;
  /** The Planhat tenant; null before the first publication. */
  tenant: string | null;
  /** The run that goes on; null if none does. */
  running: { run: string; mode: string; started_at: string } | null;
  /** Since when runs fail, an instant `…Z`, and the last error; null if the last one did not fail. */
  failing: { since: string; error: string | null; run: string } | null;
  /** The number of things that wait for consent. */
  waiting: number;
  /** The number of things to decide: what waits, and groups of rejections. */
  decisions: number;
  rejections: number;
  conflicts: number;
}

const runsLookedAt = 20;
const mostGroups = 50;

/** Reads the state; without a service it says so. */
export async function readState(host: { service(): Service | undefined }): Promise<StateAnswer> {
  const service = host.service();
  if (service === undefined) {
    const none = { account: null, tenant: null, running: null, failing: null };
    return { word: "not_set_up", ...none, waiting: 0, decisions: 0, rejections: 0, conflicts: 0 };
  }
  const { database } = service;
  const own = await readOwnAccount(database);
  const runs = await lastRuns(database, runsLookedAt);
  const open = runs.find(({ finishedAt, error }) => finishedAt === null && error !== killed);
  const ended = runs.filter(({ finishedAt }) => finishedAt !== null);
  const firstGood = ended.findIndex(({ status }) => status !== "failed");
  const failed = firstGood === -1 ? ended : ended.slice(0, firstGood);
  const failing = failed.length === 0 ? null : failed.at(-1)!;
  const waiting = (await listWaiting(database)).length;
  const groups = (await countReasons(database, mostGroups)).length;
  return {
    word: runs.length === 0 ? "never" : failing !== null ? "failing" : waiting + groups > 0 ? "waiting" : "in_order",
    account: own === undefined ? null : { id: own.companyId, name: own.companyName, domain: own.companyDomain },
    tenant: (await readPublishedTenant(database)) ?? null,
    running: open === undefined ? null : { run: open.id, mode: open.mode, started_at: open.startedAt },
    failing: failing === null ? null : { since: failing.startedAt, error: failed[0]!.error, run: failed[0]!.id },
    waiting,
    decisions: waiting + groups,
    rejections: await countRejections(database),
    conflicts: await countConflicts(database),
  };
}
