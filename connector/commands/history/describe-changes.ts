import type { Change } from "../../database/history/changes.ts";
import type { ToldRun } from "../../database/history/told-runs.ts";
import type { StartedBy } from "../../database/tables/runs.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { shownValue } from "../terminal/describe-change.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint, type Style } from "../terminal/paint.ts";

/** A change under the names that scripts read. */
export interface ListedChange {
  /** A bigint as text. */
  id: string;
  run: string;
  at: string;
  action: Change["action"];
  model: ModelName;
  source_id: string | null;
  row_id: string | null;
  /** The last of several new rows, whose ids have no gap. */
  last_row_id?: string;
  fields: Record<string, { from?: Json; to?: Json }>;
  because: JsonObject | null;
}

/** Returns a change under the names that scripts read. */
export function listedChange({
  id,
  runId,
  at,
  action,
  model,
  sourceId,
  rowId,
  lastRowId,
  ...change
}: Change): ListedChange {
  const { before, after, because } = change;
  const range = lastRowId === null ? {} : { last_row_id: lastRowId };
  const own = { id, run: runId, at, action, model, source_id: sourceId, row_id: rowId, ...range };
  return {
    ...own,
    fields: action === "remove" ? fieldsOfChange(before, null) : fieldsOfChange(before, after),
    because,
  };
}

/**
 * Returns the fields of a change; `from` is absent if a custom field did not exist before, `to` if it no longer exists.
 */
export function fieldsOfChange(
  before: JsonObject | null,
  after: JsonObject | null,
): Record<string, { from?: Json; to?: Json }> {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const side = (values: JsonObject | null, name: string, key: "from" | "to") =>
    values !== null && Object.hasOwn(values, name) ? { [key]: values[name]! } : {};
  return Object.fromEntries(
    [...names].map((name) => [name, { ...side(before, name, "from"), ...side(after, name, "to") }]),
  );
}

/** Returns the starter of a run in a few words. */
export function describeStartedBy(startedBy: StartedBy | null): string {
  if (startedBy === null) return "";
  switch (startedBy.by) {
    case "command":
      return `${startedBy.command} by ${oneLine(startedBy.user)}`;
    case "console":
      return `console, ${oneLine(startedBy.user)}`;
    case "webhook":
      return startedBy.events === 1 ? "1 event" : `${startedBy.events} events`;
    case "post":
      return "POST /sync";
    case "schedule":
      return "schedule";
  }
}

/** Returns a run in a few words: the first characters of its id, and its starter. */
export function describeRun(id: string, run: ToldRun | undefined): string {
  const starter = run === undefined ? "" : describeStartedBy(run.startedBy);
  const undoes = run?.undoes == null ? "" : ` of ${run.undoes.slice(0, 8)}`;
  const what =
    starter === "" ? (run?.mode ?? "") : `${run!.mode === "undo" ? "" : `${run!.mode}, `}${starter}${undoes}`;
  return `run ${id.slice(0, 8)}${what === "" ? "" : ` (${what})`}`;
}

/** Returns the action of a change in a word or two, and its style. */
export function describeAction({ action, because }: Pick<Change, "action" | "because">): {
  text: string;
  style: Style;
} {
  const by = because?.["by"];
  if (action === "create") return { text: by === "undo" ? "came back" : "created", style: "good" };
  if (action === "update") return { text: "changed", style: "warning" };
  if (action === "remove") {
    const to = because?.["movedTo"];
    return {
      text: typeof to === "string" ? `removed: ${movedTo(to, because?.["ofDeal"])}` : "removed",
      style: "bad",
    };
  }
  if (action === "send") return { text: by === "created" ? "made in Pipedrive" : "sent to Pipedrive", style: "strong" };
  const how = { created: "made in Planhat", removed: "deleted in Planhat", taken_over: "taken over in Planhat" };
  return { text: how[by as keyof typeof how] ?? "updated in Planhat", style: "strong" };
}

/** The words for a row that rows of other source ids replaced, by what its deal has instead. */
const movedWords: Readonly<Record<string, string>> = {
  deal_products: "its deal's products are rows now",
  deal_row: "its deal is a row of its own now",
  deal: "its deal is a deal with line items now",
  lineitem: "its deal has line items now",
};

/** Returns the words for what the deal of a removed row has instead. */
function movedTo(to: string, ofDeal: unknown): string {
  // Before deals were a model, the word named the deal's own row.
  const word = to === "deal" && ofDeal === undefined ? "deal_row" : to;
  return movedWords[word] ?? `it is a ${to} now`;
}

const reasons: Readonly<Record<string, string>> = {
  adopted: "Planhat had it before",
  linked: "its organization was made in Pipedrive",
  cleared: "it is no longer mapped (remap --clear-unmapped)",
  ended: "the deal is lost or deleted (when_lost: end)",
  undo: "undo",
  object: "another source sent it",
};

/** Returns the reason of a write as one clause; empty if it is unknown. */
export function describeReason(because: JsonObject | null, titles: ReadonlyMap<number, string> = new Map()): string {
  if (because === null) return "";
  const parts: string[] = [];
  if (because["mapping"] === true) parts.push("the mapping changed");
  for (const [key, word] of [
    ["deals", "deal"],
    ["organizations", "organization"],
    ["persons", "person"],
    ["notes", "note"],
    ["deal_products", "product"],
  ] as const) {
    const ids = (because[key] ?? []) as number[];
    if (ids.length === 0) continue;
    const named = ids.slice(0, 3).map((id) => {
      const title = key === "deals" ? titles.get(id) : undefined;
      return title === undefined ? String(id) : `${id} ${shownValue(title)}`;
    });
    const more = ids.length > 3 ? ` and ${ids.length - 3} more` : "";
    parts.push(`${word}${ids.length > 1 ? "s" : ""} ${named.join(", ")}${more}`);
  }
  if (because["from"] === "planhat") parts.push("edited in Planhat");
  const by = reasons[String(because["by"])];
  if (by !== undefined) parts.push(by);
  return parts.join("; ");
}

/** Returns the fields of a change as lines. */
export function describeValues({ action, before, after }: Pick<Change, "action" | "before" | "after">): string[] {
  return Object.entries(fieldsOfChange(before, action === "remove" ? null : after)).map(([field, { from, to }]) => {
    const value = (one: Json | undefined) => (one === undefined ? paint("nothing", "quiet") : shownValue(one));
    if (action === "remove" || (to === undefined && after === null)) return `    ${oneLine(field)}: ${value(from)}`;
    if (before === null) return `    ${oneLine(field)}: ${value(to)}`;
    return `    ${oneLine(field)}: ${value(from)} → ${value(to)}`;
  });
}
