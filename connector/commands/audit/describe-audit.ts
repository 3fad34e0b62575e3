import { Failure } from "../../failure.ts";
import { listedStreams, streamNames } from "../../stream-name.ts";
import { type DifferenceGroup, type DifferenceKind, unexplained } from "../../sync/audit/differences.ts";
import type { AuditOutcome } from "../../sync/audit/run-audit.ts";
import { counted } from "../../text/counted.ts";
import { paint } from "../terminal/paint.ts";
import { anyCount, shownModels } from "../terminal/shown-models.ts";
import { skipWords } from "../terminal/skip-words.ts";
import { table } from "../terminal/table.ts";

const readsAgain = "pipedrive-planhat sync --full reads and maps everything again.";

const kindWords: Record<DifferenceKind, string> = {
  not_landed: "in Pipedrive, not landed",
  record_differs: "landed otherwise than Pipedrive has it",
  not_in_pipedrive: "landed, not in Pipedrive",
  deleted_not_marked: "deleted in Pipedrive, not marked as deleted",
  does_not_sync: "landed, no row",
  row_missing: "row missing",
  value_differs: "row differs from its record",
  rejected: "refused",
  own_change: "changed in Planhat",
  kept: "row kept",
  duplicate: "rows in two models",
  no_record: "row without a record",
  made_in_planhat: "made in Planhat",
  of_another_source: "of another source",
  not_in_planhat: "row, not in Planhat",
  id_differs: "in Planhat under another id",
  only_in_planhat: "in Planhat, no row",
  no_link: "row without a link",
  link_without_row: "link without a row",
};

/** Ids of a group that are shown in text. */
const mostIds = 5;

/** Returns an audit's outcome as lines of text: the counts first, then the differences, unexplained ones first. */
export function describeAudit(outcome: AuditOutcome): string[] {
  const { seconds, streams, models, differences, requests, planhat, failure } = outcome;
  const isLean = streamNames.some((stream) => streams[stream]?.lean !== undefined);
  const streamRows = streamNames.flatMap((stream) => {
    const counts = streams[stream];
    if (counts === undefined) return [];
    const { pipedrive, landed, lean = 0, deleted, eligible, rows, differences: all, unexplained: open } = counts;
    return [[stream, pipedrive ?? "not read", landed, ...(isLean ? [lean] : []), deleted, eligible, rows, all, open]];
  });
  const modelRows = shownModels((model) => anyCount(models[model])).map((model) => {
    const { expected, rows, planhat: objects, differences: all, unexplained: open } = models[model];
    return [model, expected, rows, ...(planhat === undefined ? [] : [objects ?? "not read"]), all, open];
  });
  return [
    `Compared Pipedrive, the landing${planhat === undefined ? " and the tables" : ", the tables and Planhat"} in ${seconds} s, with ${requests.count} requests (${requests.tokens} API tokens)${planhat === undefined ? "" : ` and ${planhat.requests.count} to Planhat`}.`,
    "",
    ...table([
      [
        "stream",
        "Pipedrive",
        "landed",
        ...(isLean ? ["lean"] : []),
        "deleted",
        "eligible",
        "with row",
        "differences",
        "unexplained",
      ],
      ...streamRows,
    ]),
    "",
    ...table([
      ["model", "expected", "rows", ...(planhat === undefined ? [] : ["Planhat"]), "differences", "unexplained"],
      ...modelRows,
    ]),
    ...describeGroups(differences.groups()),
    "",
    verdict(differences.count(), failure === undefined ? undefined : unread(outcome)),
  ];
}

/** Returns the groups of differences as text; groups that differ only in numbers or field names are merged. */
function describeGroups(groups: readonly DifferenceGroup[]): string[] {
  const merged = new Map<string, { cells: string[]; ids: DifferenceGroup["ids"]; open: boolean }>();
  for (const { place, kind, reason, ids } of groups) {
    const where = "stream" in place ? place.stream : place.model;
    const why = reasonWords(reason);
    const key = JSON.stringify([where, kind, why]);
    const group = merged.get(key) ?? { cells: [where, kindWords[kind], why], ids: [], open: reason === unexplained };
    for (const id of ids) group.ids.push(id);
    merged.set(key, group);
  }
  if (merged.size === 0) return [];
  const ordered = [...merged.values()].sort((one, other) => Number(other.open) - Number(one.open));
  const rows = ordered.map(({ cells: [where, what, why], ids, open }) => {
    const reason = { cell: why!, style: open ? ("bad" as const) : undefined };
    return [ids.length, where!, what!, someIds(ids), reason];
  });
  return ["", ...table([["count", "where", "what", "ids", "reason"], ...rows])];
}

function reasonWords(reason: string): string {
  const skip = /^(kept though it does not sync any more: )?([a-z_]+)$/.exec(reason);
  const words = skip === null ? undefined : skipWords[skip[2] as keyof typeof skipWords];
  if (words !== undefined) return `${skip![1] ?? ""}${words}`;
  return reason.replace(/^(rejected: .*)$/s, (text) => text.replace(/\b\d+\b/g, "…"));
}

function someIds(ids: DifferenceGroup["ids"]): string {
  const shown = ids.slice(0, mostIds).map((id) => id ?? "without id");
  return `${shown.join(", ")}${ids.length > mostIds ? ", …" : ""}`;
}

/** Returns the side that was not read completely. Planhat is read after Pipedrive, even if that failed. */
function unread({ streams, planhat }: AuditOutcome): string {
  const isRead = listedStreams.every((stream) => streams[stream].pipedrive !== null);
  return planhat !== undefined && !planhat.complete && isRead ? "Planhat" : "Pipedrive";
}

function unexplainedWords(open: number): string {
  return `${counted(open, "difference is", "differences are")} unexplained.`;
}

/** Returns the failure of an audit that found unexplained differences; undefined if there are none. */
export function unexplainedFailure({ differences }: AuditOutcome): Failure | undefined {
  const { unexplained: open } = differences.count();
  return open === 0 ? undefined : new Failure("run", unexplainedWords(open), { hint: readsAgain });
}

function verdict(counts: { differences: number; unexplained: number }, incomplete: string | undefined): string {
  const { differences, unexplained: open } = counts;
  if (open > 0) return paint(`${unexplainedWords(open)} ${readsAgain}`, "bad");
  if (incomplete !== undefined)
    return `Nothing is missing in what was compared; ${incomplete} was not read to the end.`;
  const every = differences === 0 ? "" : " Every difference has its reason.";
  return paint(`Nothing is missing.${every}`, "good");
}
