import type { AccountCatalog } from "../account-catalog.ts";
import { nearestWord } from "../nearest-word.ts";
import { type Located, plain } from "./located.ts";
import type { Report } from "./report.ts";

/** Pipelines that a mapping names. */
export interface SelectedPipelines {
  ids: number[];
  /** True when a name could not be looked up because the account is not known. */
  unknown: boolean;
}

/** The ids of pipelines given by name or id; undefined when one does not exist or a name is shared (reported). */
export function resolvePipelines(
  items: readonly Located[],
  catalog: AccountCatalog | undefined,
  report: Report,
): SelectedPipelines | undefined {
  const selected: SelectedPipelines = { ids: [], unknown: false };
  let sound = true;
  for (const item of items) {
    const value = plain(item);
    if (typeof value !== "string" && typeof value !== "number") continue;
    if (catalog === undefined) {
      if (typeof value === "number") selected.ids.push(value);
      else selected.unknown = true;
      continue;
    }
    const { pipelines } = catalog;
    const named = pipelines.filter(({ name }) => name === value);
    const found = named.length > 0 ? named : pipelines.filter(({ id }) => String(id) === String(value));
    if (found.length === 1) {
      selected.ids.push(found[0]!.id);
      continue;
    }
    sound = false;
    if (found.length > 1) {
      const ids = found.map(({ id }) => id).join(" and ");
      report.error(item, `Several pipelines are named \`${value}\`: ${ids}.`, "Write the id of the one that you mean.");
      continue;
    }
    const names = pipelines.map(({ name }) => name);
    const near = nearestWord(String(value), names);
    const hint = near === undefined ? `The account has: ${names.join(", ")}.` : `Did you mean \`${near}\`?`;
    report.error(item, `The account has no pipeline \`${value}\`.`, hint);
  }
  return sound ? selected : undefined;
}
