import { pageSize } from "../connector/pipedrive/lists/list-page.ts";
import { fewRecords, idsAtOnce } from "../connector/pipedrive/lists/read-by-ids.ts";
import { streams } from "../connector/pipedrive/records/streams.ts";
import { tokenCost } from "../connector/sandbox/pipedrive/rate-limit.ts";

/** The size of an account, as its lists show it. */
export interface AccountShape {
  /** Without archived ones. */
  deals: number;
  archivedDeals: number;
  organizations: number;
  persons: number;
  notes: number;
}

/** The changes and runs of a day. */
export interface Day {
  /** The part of the records of each stream that changes within a day: 0.01 is one in a hundred. */
  changeRate: number;
  /** Scheduled syncs; every 15 minutes are 96. */
  runs: number;
  /**
   * The part of the changed deals that may sync: won, in a selected pipeline, with an organization and a start date.
   */
  eligible: number;
  /** Hours within which all changes of a day come, evenly. */
  hours: number;
}

/** API tokens a day, by the way of keeping up. */
export interface TokensPerDay {
  /** This connector's `sync` on the schedule. */
  schedule: number;
  /**
   * `sync` on the schedule with `landing: eligible`, if every changed deal that may sync needs all that it brings: more
   * than it comes to, because a record is read once.
   */
  scheduleLean: number;
  /** `serve` with a webhook and no schedule: an event within seconds. */
  serve: number;
  /** `serve` with a webhook and the schedule. */
  both: number;
  /** On the schedule, the changed deals' list, then for each that may sync its organization, persons and notes. */
  requestPerDeal: number;
  /** All lists at each scheduled run. */
  fullRefreshes: number;
}

/** API tokens of one seat a day on the smallest plan (Pipedrive, rate limiting: 30,000 × 1 on Lite). */
export const smallestBudget = 30_000;

/** API tokens by which each run reads whose token it has. */
export const ownerTokens = tokenCost("GET", "/v1/users/me");

/** API tokens of reading the account, once an hour: the users, pipelines, stages and three lists of fields. */
export const catalogTokens =
  tokenCost("GET", "/v1/users") +
  tokenCost("GET", "/api/v2/pipelines") +
  tokenCost("GET", "/api/v2/stages") +
  3 * tokenCost("GET", "/api/v2/dealFields");

const [dealsList, archivedList] = streams.deals.lists;
const [organizationsList] = streams.organizations.lists;
const [personsList] = streams.persons.lists;
const [notesList] = streams.notes.lists;
const listTokens = {
  deals: dealsList!.tokens,
  archivedDeals: archivedList!.tokens,
  organizations: organizationsList!.tokens,
  persons: personsList!.tokens,
  notes: notesList!.tokens,
};

/** Returns the requests for a list of this many records; an empty list takes one too. */
export function pages(list: keyof AccountShape, records: number): number {
  // Each page of notes after the first repeats a record of the one before, so that nothing is missed
  // (walk-by-offset.ts).
  const [whole, each] = list === "notes" ? [records - 1, pageSize - 1] : [records, pageSize];
  return Math.max(1, Math.ceil(whole / each));
}

/** Returns the API tokens of a walk through all lists with these sizes. */
export function walkTokens(shown: AccountShape): number {
  return (Object.keys(listTokens) as (keyof AccountShape)[]).reduce(
    (sum, list) => sum + listTokens[list] * pages(list, shown[list]),
    0,
  );
}

/** Returns the API tokens of a `sync` of these records that reads the account: the first one, and one every hour. */
export function syncTokens(shown: AccountShape): number {
  return catalogTokens + syncAgainTokens(shown);
}

/** Returns the API tokens of a `sync` of these changes within an hour of one that read the account. */
export function syncAgainTokens(shown: AccountShape): number {
  return ownerTokens + walkTokens(shown);
}

/** API tokens to read a deal's organization, the persons of that organization and the deal's notes by themselves. */
export const tokensOfOneDeal = streams.organizations.one.tokens + listTokens.persons + listTokens.notes;

/** Returns the API tokens of reading this many records by their ids; notes are read one by one. */
export function tokensByIds(stream: "deals" | "organizations" | "persons" | "notes", records: number): number {
  const { lists, one } = streams[stream];
  if (stream === "notes") return records * one.tokens;
  const rest = records % idsAtOnce;
  const whole = Math.floor(records / idsAtOnce) * lists[0]!.tokens;
  return whole + (rest <= fewRecords ? rest * one.tokens : lists[0]!.tokens);
}

/** Returns the API tokens of reading by ids what deals bring, each of an organization of its own. */
function tokensOfBrought(account: AccountShape, deals: number): number {
  const { organizations, persons, notes } = account;
  const ofEach = (records: number) => (organizations === 0 ? 0 : (deals * records) / organizations);
  return (
    tokensByIds("organizations", deals) + tokensByIds("persons", ofEach(persons)) + tokensByIds("notes", ofEach(notes))
  );
}

/** Seconds, at least, between the starts of two runs that events cause (docs/serve.md). */
const pace = 2;
/** Seconds after which events make the account's fields be read again, and between checks of the webhook. */
const [catalogAge, webhookLook] = [3_600, 1_800];
/** Walks through the whole lists, by `serve`: once a week. */
const sweepsPerDay = 1 / 7;

/** Returns the API tokens a day for an account of this size with these changes. */
export function tokensPerDay(account: AccountShape, day: Day): TokensPerDay {
  const changed = (records: number) => records * day.changeRate;
  const changes: AccountShape = {
    deals: changed(account.deals),
    // An archived deal cannot be edited.
    archivedDeals: 0,
    organizations: changed(account.organizations),
    persons: changed(account.persons),
    notes: changed(account.notes),
  };
  const aRun = shareOf(changes, day.runs);
  const hours = 86_400 / catalogAge;
  const schedule = day.runs * syncAgainTokens(aRun) + Math.min(day.runs, hours) * catalogTokens;
  const upkeep = serveUpkeep(account);
  return {
    schedule,
    scheduleLean: schedule + day.runs * tokensOfBrought(account, aRun.deals * day.eligible),
    serve: upkeep + eventTokens(changes, day),
    // What the account has is read once an hour for both.
    both: schedule + upkeep + eventTokens(changes, day) - Math.min(day.runs, hours) * catalogTokens,
    requestPerDeal:
      day.runs * listTokens.deals * pages("deals", aRun.deals) + changes.deals * day.eligible * tokensOfOneDeal,
    fullRefreshes: day.runs * syncTokens(account),
  };
}

/** Returns the API tokens of `serve` on a day without any event. */
function serveUpkeep(account: AccountShape): number {
  return (
    (86_400 / catalogAge) * catalogTokens +
    (86_400 / webhookLook) * tokenCost("GET", "/v1/webhooks") +
    sweepsPerDay * walkTokens(account)
  );
}

/**
 * Returns the API tokens of a day's events in `serve`. Events within two seconds are one run, which reads its deals by
 * id, and the three other lists once if one of the deals may sync.
 */
function eventTokens({ deals }: AccountShape, { hours, eligible }: Day): number {
  const perSecond = deals / (hours * 3_600);
  const together = 1 + perSecond * pace;
  const runs = deals / together;
  // Up to two deals are read one by one, for one token each; more are a list of up to a hundred.
  const read = together <= 2 ? together * streams.deals.one.tokens : listTokens.deals * Math.ceil(together / 100);
  const lists = listTokens.organizations + listTokens.persons + listTokens.notes;
  return runs * (read + lists * (1 - (1 - eligible) ** together));
}

function shareOf(changes: AccountShape, parts: number): AccountShape {
  return Object.fromEntries(
    Object.entries(changes).map(([list, number]) => [list, number / parts]),
  ) as unknown as AccountShape;
}

/** Returns the largest account, in deals and in the proportions of `shapeOf`, whose day fits into a budget. */
export function largestAccount(
  budget: number,
  shapeOf: (deals: number) => AccountShape,
  costOf: (account: AccountShape) => number,
): number {
  let [fits, tooLarge] = [0, 2 ** 40];
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (costOf(shapeOf(middle)) <= budget) fits = middle;
    else tooLarge = middle;
  }
  return fits;
}
