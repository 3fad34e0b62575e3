import type { AlertCondition } from "../config/alert-channels.ts";
import type { JsonObject } from "../mapping/value.ts";
import { counted } from "../text/counted.ts";

/** The words of a message, all of them ours: a title, and what to know and do. */
export interface AlertWords {
  title: string;
  text: string;
}

const whys: Readonly<Record<string, string>> = {
  surroundings: "Pipedrive, Planhat or the database could not be had, or did not take the token.",
  usage: "The config or the mapping is wrong, so no sync could begin.",
  run: "It ended with an error.",
  defect: "It ended with an error.",
};

/** Words for what waits for consent, by its kind. */
const kinds: Readonly<Record<string, [one: string, several: string]>> = {
  sending: ["change of a company for Pipedrive", "changes of companies for Pipedrive"],
  publication: ["object for Planhat", "objects for Planhat"],
  twins: ["twin in Planhat", "twins in Planhat"],
  clearing: ["value to be cleared", "values to be cleared"],
  options: ["option of a field", "options of fields"],
  brake: ["row that the brake stopped", "rows that the brake stopped"],
  brake_planhat: ["object in Planhat that the brake stopped", "objects in Planhat that the brake stopped"],
};

const number = (said: JsonObject, key: string) => Number(said[key] ?? 0);
const runOf = (said: JsonObject) => String(said["run"] ?? "").slice(0, 8);

const begins: Record<AlertCondition, (said: JsonObject) => AlertWords> = {
  failed: (said) => ({
    title: "The sync fails",
    text: `${whys[String(said["kind"])] ?? whys["run"]} ${
      said["run"] === null
        ? "The log says more, and so does `pipedrive-planhat check`."
        : `\`pipedrive-planhat status\` and the log say why; it is run ${runOf(said)}.`
    }`,
  }),
  held: (said) => ({
    title: "Something waits until somebody agrees",
    text: `${listWaiting(said)}. \`pipedrive-planhat plan\` shows it, and \`pipedrive-planhat sync --yes\` agrees to it.`,
  }),
  rejections: (said) => ({
    title: "Records are rejected",
    text: `${counted(number(said, "recent"), "new rejection")} in a day, of ${counted(number(said, "records"), "record")}; ${number(said, "open")} are open in all. \`pipedrive-planhat rejections list\` shows them.`,
  }),
  stale: (said) => ({
    title: "Nothing was synced for long",
    text: `${
      said["last_success"] === null
        ? "No sync has ever ended well"
        : `The last sync that ended well did so at ${said["last_success"]}`
    }: more than ${hours(number(said, "hours"))} ago. Does \`serve\` or the scheduler still run?`,
  }),
  conflicts: (said) => ({
    title: "Pipedrive and Planhat disagree",
    text: `${counted(number(said, "recent"), "field was", "fields were")} changed on both sides within a day. \`pipedrive-planhat status\` shows them, with which side won.`,
  }),
  budget: (said) => ({
    title: "The day's API tokens run out",
    text: `${used(said)} A sync stops when they are used up and goes on the next day.`,
  }),
  nothing_read: (said) => ({
    title: "Fetch All brought nothing",
    text: `It read ${counted(number(said, "deals"), "deal")} and ${counted(number(said, "records"), "record")} in all (run ${runOf(said)}). May the token's user still see them? \`pipedrive-planhat check\` says what it sees.`,
  }),
  webhook: (said) => ({
    title: "The webhook does not work",
    text:
      said["found"] === "refused"
        ? "Pipedrive does not let the connector make it, so no events come in. The log of `serve` says why."
        : `It was ${said["found"] === "banned" ? "switched off by Pipedrive after failed deliveries" : "not there any more"}.`,
  }),
};

const ends: Record<AlertCondition, (said: JsonObject) => AlertWords> = {
  failed: (said) => ({ title: "The sync works again", text: `Run ${runOf(said)} ended well.` }),
  held: () => ({ title: "Nothing waits for agreement any more", text: "It was agreed to, or is not needed any more." }),
  rejections: (said) => ({
    title: "No more records are rejected",
    text: `${counted(number(said, "recent"), "new rejection")} in a day; ${number(said, "open")} are open in all.`,
  }),
  stale: (said) => ({ title: "The sync runs again", text: `A sync ended well at ${said["last_success"]}.` }),
  conflicts: (said) => ({
    title: "Pipedrive and Planhat agree again",
    text: `${counted(number(said, "recent"), "field was", "fields were")} changed on both sides within a day.`,
  }),
  budget: (said) => ({ title: "There are API tokens again", text: used(said) }),
  nothing_read: (said) => ({
    title: "Fetch All brings records again",
    text: `It read ${counted(number(said, "deals"), "deal")} and ${counted(number(said, "records"), "record")} in all.`,
  }),
  webhook: () => ({ title: "The webhook works", text: "It is there. A sync brings what was missed." }),
};

/** Says that a condition began. */
export function describeBegin(condition: AlertCondition, said: JsonObject): AlertWords {
  return begins[condition](said);
}

/** Says that a condition is over. */
export function describeEnd(condition: AlertCondition, said: JsonObject): AlertWords {
  return ends[condition](said);
}

function listWaiting(said: JsonObject): string {
  return Object.entries((said["waiting"] ?? {}) as Record<string, number>)
    .map(([kind, count]) => counted(count, ...(kinds[kind] ?? ["thing", "things"])))
    .join(", ");
}

function hours(count: number): string {
  return count < 1 ? counted(Math.round(count * 60), "minute") : counted(Math.round(count * 10) / 10, "hour");
}

function used(said: JsonObject): string {
  const tokens = number(said, "tokens").toLocaleString("en-US");
  if (said["of"] === null || said["of"] === undefined) return `${tokens} are used today (UTC).`;
  return `${tokens} of ${number(said, "of").toLocaleString("en-US")} are used today (UTC).`;
}
