import type { Json, JsonObject } from "../../mapping/value.ts";
import { ownerIds } from "./account-people.ts";
import { type AccountSetting, DAY, importTime, wasImported } from "./account-setting.ts";
import { inventCustomFields } from "./custom-value.ts";
import { customFieldCode } from "./field-definition.ts";
import { identityOf } from "./identity.ts";
import { toDay, toInstant } from "./instant.ts";
import { Random } from "./random.ts";
import { caseOfDeal, type DealCase, partiesOfDeal } from "./relations.ts";
import { localDay } from "./time-zone.ts";

const contractStart = customFieldCode("deals", "Contract start");
const contractEnd = customFieldCode("deals", "Contract end");
const subjects: readonly string[] = [
  "yearly plan",
  "rollout",
  "pilot",
  "extension",
  "training days",
  "migration",
  "add-on",
];
const lostReasons: readonly (string | null)[] = ["Price", "Chose a competitor", "No answer", "Budget cut, again", null];
const wholePeriods: readonly number[] = [12, 12, 24, 36];

function statusOf(kind: DealCase, random: Random): "open" | "won" | "lost" {
  if (kind === "lost" || kind === "archived lost") return "lost";
  if (kind === "open" || kind === "open without organization") return "open";
  return kind === "deleted" ? random.pick(["open", "won", "lost"]) : "won";
}

function dealValue(kind: DealCase, random: Random): number {
  if (kind === "negative value") return -random.integer(1, 90) * 10;
  if (kind === "zero value") return 0;
  return random.integer(2, 900) * 50 + (random.chance(0.2) ? 0.25 : 0);
}

/**
 * Invents the deal with this number, as `GET /api/v2/deals/{id}` gives it; its particular case is `caseOfDeal(number)`.
 */
export function inventDeal(setting: AccountSetting, number: number): JsonObject {
  const random = new Random(setting.seed, "deal", number);
  const kind = caseOfDeal(number);
  const { organization, person } = partiesOfDeal(setting, number);
  const identity = identityOf(setting, organization ?? number);
  const status = statusOf(kind, random);
  const pipeline = random.chance(0.6) ? 1 : random.chance(0.6) ? 2 : 3;
  const stages = setting.stageIds.get(pipeline) ?? [];
  const latest = wasImported(number) ? importTime : setting.now - 3600;
  const added = latest - random.integer(155, 2200) * DAY - random.integer(0, DAY);
  const closed = Math.min(added + random.integer(5, 150) * DAY + random.integer(0, DAY), latest);
  const changed = wasImported(number) ? importTime : random.integer(closed, Math.min(closed + 300 * DAY, latest));
  const updated = kind === "deleted" ? setting.now - random.integer(1, 40) * DAY - random.integer(1, 3600) : changed;
  const won = status === "won" && kind !== "without any date" ? closed : null;
  const lost = status === "lost" ? closed : null;
  const close = won ?? lost;
  const archived = kind === "archived won" || kind === "archived lost";
  return {
    id: number,
    title: `${identity.name} – ${random.pick(subjects)} ${2018 + random.integer(0, 8)}`,
    creator_user_id: random.pick(ownerIds),
    owner_id: random.pick(ownerIds),
    value: dealValue(kind, random),
    currency: random.chance(0.7) ? "EUR" : identity.place.currency,
    person_id: person,
    org_id: organization,
    pipeline_id: pipeline,
    stage_id: status === "won" ? stages.at(-1)! : random.pick(stages),
    status,
    probability: pipeline === 1 && random.chance(0.3) ? random.integer(1, 10) * 10 : null,
    lost_reason: status === "lost" ? random.pick(lostReasons) : null,
    visible_to: 3,
    label_ids: random.chance(0.25) ? random.some([1, 2, 3], 2) : [],
    add_time: toInstant(added),
    update_time: kind === "never updated" ? null : toInstant(updated),
    stage_change_time: random.chance(0.8) ? toInstant(random.integer(added, closed)) : null,
    close_time: close === null ? null : toInstant(close),
    won_time: won === null ? null : toInstant(won),
    lost_time: lost === null ? null : toInstant(lost),
    local_won_date: won === null ? null : localDay(won, setting.timeZone),
    local_lost_date: lost === null ? null : localDay(lost, setting.timeZone),
    local_close_date: close === null ? null : localDay(close, setting.timeZone),
    expected_close_date: random.chance(0.6) ? toDay(added + random.integer(20, 120) * DAY) : null,
    is_archived: archived,
    archive_time: archived ? toInstant(changed) : null,
    is_deleted: kind === "deleted",
    origin: number % 6 === 0 ? "API" : "ManuallyCreated",
    origin_id: null,
    channel: null,
    channel_id: null,
    arr: null,
    mrr: null,
    acv: null,
    custom_fields: inventBlock({ setting, number, kind, added, closed }, random),
  };
}

/** The deal whose custom fields are invented. */
interface DealOfBlock {
  setting: AccountSetting;
  number: number;
  kind: DealCase;
  added: number;
  closed: number;
}

function inventBlock({ setting, number, kind, added, closed }: DealOfBlock, random: Random): Json {
  const identity = identityOf(setting, number);
  const block = inventCustomFields("deals", { setting, identity, number, added }, random);
  if (kind === "no custom fields") return null;
  const starts = closed + random.integer(0, 45) * DAY;
  const started = kind !== "without any date" && random.chance(0.65);
  block[contractStart] = started ? toDay(starts) : null;
  block[contractEnd] = started && random.chance(0.7) ? toDay(starts + random.pick(wholePeriods) * 30 * DAY) : null;
  if (kind === "missing keys") for (const code of Object.keys(block).slice(0, 5)) delete block[code];
  return block;
}
