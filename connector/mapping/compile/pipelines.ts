import { sameLabel, withUnseen } from "../../text/label-text.ts";
import { namedThings } from "../evaluate/named-things.ts";
import type { NamedThings, SourceScope } from "../evaluate/source.ts";
import { type Located, plain } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { meaningOf, thingHint } from "./compile-thing-condition.ts";

/** The pipelines that a mapping names. */
export interface SelectedPipelines {
  ids: number[];
  /** True if a name could not be looked up because the account is unknown. */
  unknown: boolean;
  /** The ids of all pipelines that the account has or had, as text; undefined if the account is unknown. */
  known: ReadonlySet<string> | undefined;
}

/** Returns the ids of pipelines given by name or id; undefined if one never existed or a name is shared (reported). */
export function resolvePipelines(
  items: readonly Located[],
  { catalog, words }: Pick<SourceScope, "catalog" | "words">,
  report: Report,
): SelectedPipelines | undefined {
  const named = catalog === undefined ? undefined : namedThings("pipeline", catalog);
  const known = named === undefined ? undefined : new Set(named.things.map(({ id }) => String(id)));
  const selected: SelectedPipelines = { ids: [], unknown: false, known };
  let sound = true;
  for (const item of items) {
    const value = plain(item);
    if (typeof value !== "string" && typeof value !== "number") continue;
    const ids = named === undefined ? idsWithoutAccount(value) : idsOf({ item, value }, named, words, report);
    if (ids === undefined) sound = false;
    else if (ids === "unknown") selected.unknown = true;
    else selected.ids.push(...ids);
  }
  return sound ? selected : undefined;
}

function idsWithoutAccount(value: string | number): number[] | "unknown" {
  return typeof value === "number" ? [value] : "unknown";
}

/** Returns the ids for one entry: a number is an id; a text is a name, else an id. */
function idsOf(
  { item, value }: { item: Located; value: string | number },
  named: NamedThings,
  words: SourceScope["words"],
  report: Report,
): number[] | undefined {
  const { of, things } = named;
  const text = String(value);
  const bearing = things.filter(({ label, gone }) => gone !== true && sameLabel(label, text));
  const byId = things.find(({ id }) => String(id) === text);
  const isName = (label: string) => sameLabel(label, text);
  const once = things.some(({ label, former }) => isName(label) || former?.some(isName) === true);
  if (byId !== undefined && (typeof value === "number" || !once)) {
    if (byId.gone) report.warning(item, `Pipeline ${text}, \`${byId.label}\`, was deleted in Pipedrive.`, "Remove it.");
    return [Number(byId.id)];
  }
  if (typeof value === "number") {
    report.error(item, `The account has no pipeline \`${text}\`.`, thingHint(text, named));
    return undefined;
  }
  if (bearing.length > 1 && !bearing.some(({ id }) => words.meant(of, text, id))) {
    const alike = new Set(bearing.map(({ label }) => label)).size === 1;
    const list = bearing.map(({ id, label }) => (alike ? id : `${id} (\`${withUnseen(label)}\`)`)).join(" and ");
    report.error(item, `Several pipelines are named \`${text}\`: ${list}.`, "Write the id of the one that you mean.");
    return undefined;
  }
  const meaning = meaningOf({ word: text, place: item }, named, words, report);
  return meaning === undefined ? undefined : [...meaning.ids].map(Number);
}
