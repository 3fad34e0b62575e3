import type { Session } from "../../database/database.ts";
import { countChanges } from "../../database/history/changes.ts";
import type { ToldRun } from "../../database/history/told-runs.ts";
import type { JsonObject } from "../../mapping/value.ts";

/** The numbers of rows that a run created, updated and removed, and of objects sent and published, by model. */
export type Changed = Record<string, Record<string, number>>;

/** Returns a run's counts from its summary; without one, and for an undo, from its changes. */
export async function changedBy(database: Session, { id, summary, mode }: ToldRun): Promise<Changed> {
  const changed: Changed = {};
  const add = (model: string, what: string, count: unknown) => {
    if (typeof count !== "number" || count === 0) return;
    changed[model] = { ...changed[model], [what]: (changed[model]?.[what] ?? 0) + count };
  };
  if (summary === null || mode === "undo") {
    for (const { model, action, count } of await countChanges(database, id)) add(model, changeWords[action], count);
    return changed;
  }
  for (const [model, counts] of Object.entries((summary["models"] ?? {}) as Record<string, JsonObject>)) {
    add(model, "created", counts["created"]);
    add(model, "updated", counts["updated"]);
  }
  const { created, updated } = ((summary["sent"] as JsonObject | undefined)?.["organizations"] ?? {}) as JsonObject;
  add("company", "sent", Number(created ?? 0) + Number(updated ?? 0));
  const published = (summary["planhat"] as JsonObject | undefined)?.["published"] as Record<string, JsonObject>;
  for (const [model, counts] of Object.entries(published ?? {})) {
    for (const what of ["created", "updated", "deleted"]) add(model, "published", counts[what]);
  }
  return changed;
}

/** The words for the actions of changes in counts. */
export const changeWords = {
  create: "created",
  update: "updated",
  remove: "removed",
  send: "sent",
  publish: "published",
} as const;

/** Returns a run under the names that scripts read. */
export function listedRun({
  id,
  mode,
  status,
  startedAt,
  finishedAt,
  error,
  startedBy,
  mapping,
  undoes,
  changesKept,
}: ToldRun) {
  const times = { started_at: startedAt, finished_at: finishedAt };
  return { run: id, mode, status, ...times, error, started_by: startedBy, mapping, undoes, changes_kept: changesKept };
}
