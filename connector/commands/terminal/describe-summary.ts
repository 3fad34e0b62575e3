import { streams as pipedriveStreams } from "../../pipedrive/records/streams.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import type { SkipReason, StreamCounts, Summary } from "../../sync/summary.ts";
import { counted } from "../../text/counted.ts";
import { describeHeld, describeHolds } from "./describe-held.ts";
import { anyCount, shownModels } from "./shown-models.ts";
import { skipWords } from "./skip-words.ts";
import { type Cell, table } from "./table.ts";

/** Returns a run's summary as lines of text: the records read, the results by model, and what was left out and why. */
export function describeSummary(summary: Summary): string[] {
  if (endedEarly(summary) && !changedRows(summary)) {
    const ended = "It ended before it changed a row. What was read is kept.";
    return [describeReading(summary), ended, ...waiting(summary)];
  }
  return [describeReading(summary), ...describeRows(summary)];
}

function endedEarly({ status }: Summary): boolean {
  return status === "failed" || status === "held";
}

/** Returns whether a run created or changed any row. */
function changedRows({ models }: Summary): boolean {
  return Object.values(models).some(({ created, updated }) => created + updated > 0);
}

/** Returns a line with the records read and their cost. */
export function describeReading({ requests, seconds, streams }: Summary): string {
  const read = streamNames
    .flatMap((stream) => (streams[stream] === undefined ? [] : [readOf(stream, streams[stream])]))
    .join(", ");
  return `Read ${read} with ${counted(requests.count, "request")} (${counted(requests.tokens, "API token")}) in ${seconds} s.`;
}

/**
 * Returns the records of a stream that Pipedrive sent: `9 deals (1 of them refused)`. A run of an earlier version did
 * not count refused records.
 */
function readOf(stream: StreamName, counts: StreamCounts): string {
  const { rejected = 0 } = counts as Partial<StreamCounts>;
  const came = landedNow(counts) + rejected;
  const refused = rejected === 0 ? "" : ` (${rejected === came ? "all" : rejected} of them refused)`;
  return `${counted(came, pipedriveStreams[stream].entity)}${refused}`;
}

/** Returns the number of records of a stream that arrived in a run and landed. */
export function landedNow({ read, from_landing: before = 0 }: Pick<StreamCounts, "read" | "from_landing">): number {
  return read - before;
}

/** Returns the results by model, and what was left out and why, as lines of text. */
export function describeRows(summary: Summary): string[] {
  // Most runs refuse no field and need no column for it.
  const names = shownModels((model) => anyCount(summary.models[model]));
  const refusesFields = names.some((model) => summary.models[model].fields_rejected > 0);
  return [
    ...describeSelection(summary),
    "",
    ...table([
      ["rows", "created", "updated", "unchanged", "rejected", ...(refusesFields ? ["fields rejected"] : [])],
      ...names.map((model) => {
        const { created, updated, unchanged, rejected, fields_rejected: fields } = summary.models[model];
        const refused = refusesFields ? [rejected, fields] : [rejected];
        return [model, created, updated, unchanged, ...refused.map(warningCell)];
      }),
    ]),
    ...describeKept(summary.kept),
    ...describeHolds(summary),
    ...describeLean(summary),
    ...describeSent(summary),
    ...describePlanhat(summary),
    ...waiting(summary),
  ];
}

const upToDate = "Nothing was published: Planhat has everything already.";

/** Returns the work that waits for consent, as a paragraph. */
function waiting({ held }: Summary): string[] {
  return held.length === 0 ? [] : ["", ...describeHeld(held).slice(0, -1)];
}

/**
 * Returns a line with the number of rows that stay although their deal no longer syncs, by reason; none if there are
 * none.
 */
export function describeKept(kept: Summary["kept"]): string[] {
  const count = Object.values(kept).reduce((sum, number) => sum + number, 0);
  if (count === 0) return [];
  const rows = counted(count, "row stays as it was: its deal does", "rows stay as they were: their deals do");
  return ["", `${rows} not sync any more (${skippedText("", kept)}).`];
}

/** Returns a line with the records of which only ids, references and times are kept; none if there are none. */
function describeLean({ lean = {} }: Summary): string[] {
  const copies = streamNames.flatMap((stream) =>
    lean[stream] === undefined ? [] : [counted(lean[stream], pipedriveStreams[stream].entity)],
  );
  return copies.length === 0 ? [] : ["", `Kept lean, with ids, references and times only: ${copies.join(", ")}.`];
}

function warningCell(count: number): Cell {
  return { cell: count, style: count > 0 ? "warning" : undefined };
}

/** Returns the actions in Planhat as lines of text; none if its API is not configured. */
function describePlanhat({ planhat, status, held }: Summary): string[] {
  if (planhat === undefined) return [];
  const { published, received, requests } = planhat;
  const rows = shownModels((model) => anyCount(published[model])).flatMap((model) => {
    const { created, updated, unchanged, rejected, deleted } = published[model];
    const counts = [created, updated, unchanged, rejected, deleted];
    return counts.every((count) => count === 0) ? [] : [[model, ...counts]];
  });
  return [
    "",
    `Planhat: ${counted(requests.count, "request")}${received.companies === 0 ? "" : `, ${counted(received.companies, "company", "companies")} changed there`}.`,
    ...(rows.length === 0
      ? [status === "failed" || held.length > 0 ? "Nothing was published." : upToDate]
      : table([["published", "created", "updated", "the same", "rejected", "removed"], ...rows])),
  ];
}

/** Returns a line with the changes in Pipedrive; none if there are none. */
function describeSent({ sent }: Summary): string[] {
  const { created, updated, conflicts } = sent.organizations;
  if (created + updated + conflicts === 0) return [];
  return ["", `Sent to Pipedrive: organizations changed ${updated}, created ${created}; conflicts ${conflicts}.`];
}

/** Returns lines with the number of eligible deals, and with what was left out and why. */
export function describeSelection(summary: Summary): string[] {
  const { streams } = summary;
  return [
    ...describeDeals(streams.deals, endedEarly(summary)),
    ...(streams.organizations.skipped === undefined
      ? []
      : [`Organizations left out: ${skippedText("", streams.organizations.skipped)}.`]),
  ];
}

/** Returns the counts of deals; for a run that ended early, of the deals applied until then. */
function describeDeals({ read, eligible = 0, skipped = {}, unchanged = 0, ...rest }: StreamCounts, early: boolean) {
  const applied = Object.values(skipped).reduce((sum, count) => sum + count, eligible);
  if (applied === 0 && !early)
    return [
      landedNow({ read, ...rest }) === 0 ? "No deal has changed." : "No deal has changed since it was last read.",
    ];
  const same = unchanged === 0 ? "" : `; unchanged since they were last read: ${unchanged}`;
  const before = rest.from_landing ?? 0;
  return [
    `${early ? "Until it ended, " : ""}${counted(eligible, "deal is eligible", "deals are eligible")}${skippedText("; left out: ", skipped)}${same}.`,
    ...(before === 0 || before === applied
      ? []
      : [`${before} of them had landed before: they were applied again, not read again.`]),
  ];
}

function skippedText(introduction: string, skipped: Partial<Record<SkipReason, number>> | undefined): string {
  const parts = Object.entries(skipWords).flatMap(([reason, words]) => {
    const count = skipped?.[reason as SkipReason];
    return count === undefined || count === 0 ? [] : [`${count} ${words}`];
  });
  return parts.length === 0 ? "" : introduction + parts.join(", ");
}
