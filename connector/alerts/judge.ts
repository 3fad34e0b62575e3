import type { AlertCondition, AlertLimits } from "../config/alert-channels.ts";
import type { AlertFacts } from "../database/alerts/facts.ts";
import type { FailureKind } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";

/** Facts that the database does not know, by the process that judges. */
export interface OwnFacts {
  /** The failure that kept a sync from beginning at all. */
  failure?: { kind: FailureKind | "defect" };
  /** Tokens that Pipedrive or the config leave for today; undefined: unknown. */
  tokensLeft?: number | undefined;
  /** The limit of the config. */
  dailyTokens?: number | undefined;
  /** The state in which the connector's webhook was found last. */
  webhook?: WebhookState;
}

/**
 * The webhook works, could not be made, or was found `missing` or `banned` and was made anew at once: `mended`.
 */
export type WebhookState =
  | { is: "well" }
  | { is: "missing" | "banned"; mended: true }
  | { is: "refused"; mended: false };

/**
 * Says whether a condition is met now: `on`, `off`, `passed` (met and over at once), or `unknown`, which leaves it as
 * it is. `said` are numbers and words of ours.
 */
export type AlertVerdict = { is: "on" | "off" | "passed"; said: JsonObject } | { is: "unknown" };

/** All that a condition is judged by. */
export interface Judged {
  facts: AlertFacts;
  own: OwnFacts;
  limits: AlertLimits;
  /** Since when (`…Z`) it is met, where it is. */
  since: string | undefined;
}

const unknown: AlertVerdict = { is: "unknown" };
const when = (isOn: boolean, said: JsonObject): AlertVerdict => ({ is: isOn ? "on" : "off", said });

const judges: Record<AlertCondition, (judged: Judged) => AlertVerdict> = {
  failed({ facts: { lastSync }, own: { failure }, since }) {
    if (lastSync?.status === "failed") return { is: "on", said: { run: lastSync.id, kind: failure?.kind ?? "run" } };
    if (failure !== undefined) return { is: "on", said: { run: null, kind: failure.kind } };
    if (lastSync === null) return unknown;
    const { id, finishedAt } = lastSync;
    // A sync that could not begin has no run: an earlier one that ended well does not end what began after it.
    return since !== undefined && Date.parse(finishedAt) <= Date.parse(since)
      ? unknown
      : { is: "off", said: { run: id } };
  },
  held({ facts: { waiting } }) {
    const count = Object.values(waiting).reduce((sum, one) => sum + one, 0);
    return when(count > 0, { count, waiting });
  },
  rejections({ facts: { rejections, taken }, limits: { rejections: limit } }) {
    const { open, recent, records } = rejections;
    const enough = limit.count === undefined || recent >= limit.count;
    const share = taken === 0 ? 0 : Math.min(1, records / taken);
    const often = limit.share === undefined || (taken > 0 && share >= limit.share);
    return when(recent > 0 && enough && often, { recent, open, records, taken });
  },
  stale({ facts: { now, lastSuccess, firstRun }, limits }) {
    const last = lastSuccess ?? firstRun;
    if (last === null) return { is: "off", said: {} };
    const { after } = limits.stale;
    return when(Date.parse(now) - Date.parse(last) >= after, { last_success: lastSuccess, hours: after / 3_600_000 });
  },
  conflicts: ({ facts: { conflicts }, limits }) => when(conflicts >= limits.conflicts.count, { recent: conflicts }),
  budget({ facts: { now, tokens }, own: { dailyTokens, tokensLeft }, limits, since }) {
    const limit = dailyTokens ?? (tokensLeft === undefined ? undefined : tokens + tokensLeft);
    const isNewDay = since !== undefined && since.slice(0, 10) !== now.slice(0, 10);
    if (limit === undefined || limit === 0) return isNewDay ? { is: "off", said: { tokens, of: null } } : unknown;
    return when(tokens / limit >= limits.budget.share, { tokens, of: limit });
  },
  nothing_read({ facts: { lastFull } }) {
    if (lastFull === null) return unknown;
    const { id, deals, records, dealsBefore } = lastFull;
    return when(records === 0 || (deals === 0 && dealsBefore), { run: id, deals, records });
  },
  webhook({ own: { webhook } }) {
    if (webhook === undefined) return unknown;
    if (webhook.is === "well") return { is: "off", said: {} };
    return { is: webhook.mended ? "passed" : "on", said: { found: webhook.is } };
  },
};

/** Judges one condition for one channel. */
export function judge(condition: AlertCondition, judged: Judged): AlertVerdict {
  return judges[condition](judged);
}
