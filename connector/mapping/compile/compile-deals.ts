import type { FieldReference, RecordContext, StartDateStep } from "../compiled-mapping.ts";
import { dayOf } from "../day.ts";
import type { Source, SourceScope } from "../evaluate/source.ts";
import { below, keyPlace, type Located, listOf, type Place, plain } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import type { Outcome } from "../outcome.ts";
import { EMPTY, type JsonObject, NULL, present, type Value } from "../value.ts";
import { resolveSources } from "./compile-field.ts";
import { resolvePipelines } from "./pipelines.ts";

/** The rules of eligibility in deals.yaml. */
export interface DealRules {
  statuses: string[];
  pipelineIds: number[] | null;
  startDate(record: JsonObject, context: RecordContext): Value;
  startDateTrace(record: JsonObject, context: RecordContext): StartDateStep[];
  /** The Pipedrive fields that the start date is read from. */
  startDateReads: FieldReference[];
}

/** Compiles `statuses`, `pipelines` and `start_date`; undefined if one of them is wrong (reported). */
export function compileDealRules(
  root: Located,
  idle: boolean,
  scope: SourceScope,
  report: Report,
): DealRules | undefined {
  const statuses = below(root, "statuses");
  const pipelineIds = compilePipelines(below(root, "pipelines"), scope, report);
  const startDate = compileStartDate(root, idle, scope, report);
  if (pipelineIds === undefined || startDate === undefined) return undefined;
  return {
    statuses: statuses === undefined ? ["won"] : listOf(statuses).map((status) => String(plain(status))),
    pipelineIds: pipelineIds === "all" ? null : pipelineIds,
    startDate: startDate.find,
    startDateTrace: startDate.trace,
    startDateReads: startDate.reads,
  };
}

function compilePipelines(
  located: Located | undefined,
  scope: SourceScope,
  report: Report,
): number[] | "all" | undefined {
  const items = listOf(located);
  if (items.length === 0) return "all";
  const selected = resolvePipelines(items, scope, report);
  // A name that cannot be looked up selects nothing: selecting everything would be the greater mistake.
  return selected?.ids;
}

function compileStartDate(
  root: Located,
  idle: boolean,
  scope: SourceScope,
  report: Report,
): { find: DealRules["startDate"]; trace: DealRules["startDateTrace"]; reads: FieldReference[] } | undefined {
  const located = below(root, "start_date");
  if (located === undefined) {
    if (idle) return { find: () => EMPTY, trace: () => [], reads: [] };
    report.error(
      root,
      "`start_date` is missing: a deal syncs only when it has a valid start date.",
      "Add: start_date: [local_won_date, won_time]",
    );
    return undefined;
  }
  const sources = resolveSources(located, scope, report, (source, place) => holdsDates(source, place, report));
  if (sources === undefined) return undefined;
  return {
    find: firstDate(sources),
    trace: (record, context) =>
      sources.map(({ text, read }) => {
        const result = read(record, context);
        return { source: text, result, day: dayIn(result) ?? null };
      }),
    reads: sources.flatMap(({ reads }) => reads),
  };
}

function holdsDates({ kind, text, gone }: Source, place: Place, report: Report): boolean {
  if (gone === true) {
    // Skipping the deleted field would move every start date to the next source.
    report.error(
      place,
      `The field \`${text}\`, which start_date names, was deleted in Pipedrive.`,
      "Name another, or remove it.",
    );
    return false;
  }
  if (kind === "plain" || kind === "any" || kind === "object") return true;
  report.error(
    place,
    `\`${text}\` holds no date.`,
    kind === "range" ? `Write \`${text}.value\` for its start.` : undefined,
  );
  return false;
}

function firstDate(sources: readonly Source[]): DealRules["startDate"] {
  return (record, context) => {
    let absent: Value = EMPTY;
    for (const source of sources) {
      const value = source.read(record, context);
      if (value.state === "null") absent = NULL;
      const day = dayIn(value);
      if (day !== undefined) return present(day);
    }
    return absent;
  };
}

function dayIn(value: Outcome): string | undefined {
  return value.state === "present" && typeof value.value === "string" ? dayOf(value.value) : undefined;
}

/** Checks that the last entry of `models`, and no other, has no `when`. */
export function checkModelOrder(entries: readonly Located[], report: Report): boolean {
  let sound = true;
  for (const [index, entry] of entries.entries()) {
    const last = index === entries.length - 1;
    const hasCondition = below(entry, "when") !== undefined;
    if (!last && !hasCondition) {
      report.error(
        entry,
        "This entry has no `when`, so those after it would never be reached.",
        "Move it to the end, or give it a `when`.",
      );
      sound = false;
    } else if (last && hasCondition) {
      report.error(
        keyPlace(entry, "when"),
        "The last entry of `models` matches all remaining records, so it has no `when`.",
        "Remove it, or add an entry without `when`.",
      );
      sound = false;
    }
  }
  return sound;
}
