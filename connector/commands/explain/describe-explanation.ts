import { shown } from "../../mapping/outcome.ts";
import { streams } from "../../pipedrive/records/streams.ts";
import type { ExplainedRow, Explanation } from "../../sync/inspect/explain-record.ts";
import { counted } from "../../text/counted.ts";
import { formatInstant, instantAgo } from "../../text/instant.ts";
import { describeField } from "../mapping/describe-preview.ts";
import { oneLine, proseWidth, wrap } from "../terminal/display-text.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { skipWords } from "../terminal/skip-words.ts";

/** Returns the answer of `explain` as lines of text: the verdict first, then its reasons. */
export function describeExplanation(explanation: Explanation): string[] {
  const { text, style } = verdict(explanation);
  const { fields, row } = explanation;
  return [
    ...sentence(text, "", style),
    ...whereabouts(explanation).flatMap((line) => sentence(line, "  ")),
    ...section("Rules", rules(explanation)),
    ...section("Deals", deals(explanation)),
    ...section("Row", rowLines(explanation)),
    ...section("Rejections", rejections(explanation)),
    ...section("Conflicts", conflicts(explanation)),
    ...section("Held", held(explanation)),
    ...(fields.length === 0 ? [] : ["", paint(fieldsTitle(explanation), "strong")]),
    ...fields.flatMap(({ row: value, ...field }) => describeField(row === null ? field : { ...field, row: value })),
  ];
}

const marks = { good: "✓", bad: "✗" };

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", paint(title, "strong"), ...lines.flatMap((line) => sentence(line, "  "))];
}

/** Breaks a sentence into lines of at most the width of prose, indented by `indent`. */
function sentence(text: string, indent: string, style?: Style): string[] {
  const width = proseWidth();
  return wrap(oneLine(text), width === undefined ? undefined : Math.max(width - indent.length, 20)).map(
    (line) => indent + paint(line, style).replace(/^[✓✗]/, (mark) => paint(mark, mark === marks.good ? "good" : "bad")),
  );
}

function verdict(explanation: Explanation): { text: string; style: Style } {
  const { stream, id, name, eligible, reasons, row, action, not_landed: absent, rejections: refused } = explanation;
  const who = `The ${streams[stream].entity} ${id}${name === null ? "" : ` “${oneLine(name)}”`}`;
  const [reason] = reasons;
  const why = reason === undefined ? "" : `: it is ${skipWords[reason]}`;
  if (row !== null && eligible === true) {
    const now = { unchanged: ", and up to date", update: ", and a change waits", create: ", and moves", refuse: "" };
    const rest = action === null ? "" : now[action];
    return {
      text: `${who} is in Planhat as the ${row.model} ${row.id}${rest}.`,
      style: rest === now.unchanged ? "good" : "warning",
    };
  }
  if (row !== null) {
    return {
      text: `${who} has a row in Planhat, the ${row.model} ${row.id}, kept and not updated any more${why}.`,
      style: "warning",
    };
  }
  if (absent?.why === "forgotten") return { text: `${who} is not in Planhat: it was forgotten.`, style: "warning" };
  if (absent !== null) return { text: `${who} is not in Planhat: it has not landed.`, style: "warning" };
  if (eligible !== true) return { text: `${who} is not in Planhat${why}.`, style: "warning" };
  if (explanation.holds.some(({ field, stands }) => field === null && stands)) {
    return { text: `${who} is not in Planhat: it is eligible, and an undo has taken its row back.`, style: "warning" };
  }
  if (refused.some(({ field }) => field === null) || action === "refuse") {
    return { text: `${who} is not in Planhat: it is eligible, and was rejected.`, style: "bad" };
  }
  return { text: `${who} is not in Planhat yet: it is eligible, and the row is still to be made.`, style: "warning" };
}

function whereabouts(explanation: Explanation): string[] {
  const {
    landed,
    not_landed: absent,
    from,
    unlanded,
    pending,
    mapping_changed: mappingChanged,
    eligible,
  } = explanation;
  const lines: string[] = [];
  if (landed !== null) {
    const changed =
      landed.update_time === null ? "" : `; last changed in Pipedrive at ${instantAgo(landed.update_time)}`;
    lines.push(`Landed at ${instantAgo(landed.extracted_at)}${changed}.`);
    if (landed.lean) lines.push(leanWords(explanation));
    if (landed.archived) lines.push("It is archived, which makes no difference.");
    if (unlanded !== null) {
      lines.push(`A newer state of it could not be landed, since ${instantAgo(unlanded.since)}: ${unlanded.reason}.`);
    }
  }
  if (absent !== null) {
    lines.push(absent.because);
    if (from === "api" && eligible === true)
      lines.push("Once it has landed it is eligible: what follows is by its state in Pipedrive now.");
    else if (from === "api") lines.push("What follows is by its state in Pipedrive now.");
  }
  if (pending) lines.push("Work on it is pending: the next sync applies it.");
  if (mappingChanged) lines.push("The mapping changed since the last sync: the next one maps everything again.");
  return lines;
}

function leanWords({ eligible, landed }: Explanation): string {
  const kept = "Its copy is lean: only ids, references, states and times are kept";
  if (landed?.deleted) return `${kept}, because it was deleted.`;
  return eligible === true
    ? `${kept}. The next sync reads it whole.`
    : `${kept}, because no deal brings it that may sync (landing: eligible).`;
}

function rules({ rules: all }: Explanation): string[] {
  return all.map(({ holds, because }) => `${holds ? marks.good : marks.bad} ${because}`);
}

function deals({ ways }: Explanation): string[] {
  return ways.map((way) => {
    const what = {
      deal: `deal ${way.id}, which it is on,`,
      organization: `of organization ${way.id}`,
      person: `with person ${way.id} as their own`,
    }[way.by];
    if (way.by === "deal") {
      const [deal] = way.deals;
      if (deal === undefined) return `The ${what} has not landed.`;
      return `The ${what} is ${deal.reason === null ? "eligible" : skipWords[deal.reason]}.`;
    }
    const { length } = way.deals;
    if (length === 0) return `No deal ${what}.`;
    return `${counted(length, "deal")} ${what}: ${grouped(way.deals)}.`;
  });
}

const fewest = 5;

/** Returns deals by reason: `1 is eligible (deal 77), 2 are not won (deals 5, 6)`. */
function grouped(all: Explanation["ways"][number]["deals"]): string {
  const groups = new Map<string, number[]>();
  for (const { id, reason } of all) {
    const words = reason === null ? "eligible" : skipWords[reason];
    groups.set(words, [...(groups.get(words) ?? []), id]);
  }
  const eligibleFirst = [...groups].sort(([one], [other]) => Number(other === "eligible") - Number(one === "eligible"));
  return eligibleFirst
    .map(([words, ids]) => {
      const named = ids.slice(0, fewest).join(", ");
      const more = ids.length > fewest ? `, …` : "";
      return `${counted(ids.length, "is", "are")} ${words} (${ids.length === 1 ? "deal" : "deals"} ${named}${more})`;
    })
    .join(", ");
}

function rowLines(explanation: Explanation): string[] {
  const { row, last_run: run, moves_from: from, model, changes, kept, computed } = explanation;
  if (row === null) return [];
  const lines = [identityOf(row)];
  if (explanation.line_item !== null) lines.push(`Its line item: ${identityOf(explanation.line_item)}`);
  if (computed !== null) {
    const items = counted(computed.line_items, "line item");
    lines.push(`Its mrr, arr and total are computed by Planhat from ${items}, and not sent.`);
  }
  if (run !== null)
    lines.push(
      `Last written by run ${run.run} (${run.mode}, ${run.status}, started ${formatInstant(run.started_at)}).`,
    );
  if (kept) lines.push(...keptLines(explanation));
  if (from !== null)
    lines.push(`The record has become a ${model}: the next sync that applies it removes this ${from}.`);
  const changed = Object.entries(changes);
  if (changed.length > 0 && from === null) {
    lines.push(
      `It differs from what the mapping gives now: ${changed.map(([field, { from: old, to }]) => `${field} ${shown(old)} → ${shown(to)}`).join(", ")}.`,
      whyDifferent(explanation),
    );
  }
  return lines;
}

function keptLines({ kept_since: since, ends, ends_by: by, row }: Explanation): string[] {
  const known = since === null ? "" : `, since ${instantAgo(since)}`;
  const why = by === "when_removed" ? "the product was removed or disabled" : "the deal was lost or deleted";
  const end = `\`${by}: end\` ends it on ${ends}, when ${why}`;
  const toDate = row?.values["toDate"];
  const isEnded = typeof toDate === "string" && ends !== null && toDate <= ends;
  return [
    `It is kept as it was when the record was last eligible${known}.`,
    ...(ends === null ? [] : [isEnded ? `${end}: its toDate is ${toDate}.` : `${end}: the next sync does this.`]),
  ];
}

function identityOf({
  table,
  id,
  source_id: source,
  external_id: external,
  company,
  planhat_id: planhat,
  updated_at: at,
}: ExplainedRow): string {
  const belongs =
    company === null
      ? ""
      : `, of company ${company.id} (organization ${company.source_id}${company.name === null ? "" : `, “${oneLine(company.name)}”`})`;
  const outside = external === null ? "" : `, external id ${external}`;
  return `${table} ${id}, source id ${source}${outside}${belongs}; ${planhat === null ? "no Planhat id yet" : `Planhat id ${planhat}`}; updated at ${instantAgo(at)}.`;
}

/** Returns why a row differs from the result that a sync would give now. */
function whyDifferent({ stream, landed, row, pending, mapping_changed: mappingChanged }: Explanation): string {
  if (pending || mappingChanged) return "The next sync does this.";
  if (
    stream !== "deals" &&
    landed !== null &&
    row !== null &&
    Date.parse(landed.extracted_at) > Date.parse(row.updated_at)
  ) {
    return "The record changed alone, and such a change waits for one of a deal; sync --company or --full takes it now.";
  }
  return "The row, or a record that it takes values from, was changed meanwhile; sync --company or --full puts it right.";
}

function rejections({ rejections: all }: Explanation): string[] {
  return all.map(({ field, reason, since, stage, waiting_for: waiting, dismissed }) => {
    const what = field === null ? "The row" : `The field ${field}`;
    const until = waiting === null ? "" : ` It goes in by itself when organization ${waiting} has a company.`;
    const silent =
      dismissed === undefined
        ? ""
        : ` ${dismissed.by} dismissed that at ${formatInstant(dismissed.at)}, until the record changes.`;
    return `${what} was rejected (${stage}), since ${instantAgo(since)}: ${reason}.${until}${silent}`;
  });
}

function conflicts({ conflicts: all }: Explanation): string[] {
  return all.map(({ field, pipedrive, planhat, winner, at }) => {
    const sides = `Pipedrive ${shown(pipedrive)}, Planhat ${shown(planhat)}`;
    return `${field} was changed on both sides (${sides}) at ${instantAgo(at)}; ${winner === "planhat" ? "Planhat" : "Pipedrive"} won.`;
  });
}

function held({ holds, row }: Explanation): string[] {
  return holds.map(({ field, taken, restored, run, since, stands }) => {
    const by = `since undo ${run?.slice(0, 8) ?? "of an earlier run"} (${formatInstant(since)})`;
    const end = stands
      ? "until Pipedrive or the mapping says something else"
      : "and no longer than to the next sync that applies it";
    if (field !== null) return `${field} is held at ${shown(restored)} ${by}, ${end}; taken back: ${shown(taken)}.`;
    return `${row === null ? "The row stays away" : `It stays a ${row.model}`} ${by}, ${end}.`;
  });
}

function fieldsTitle({ model, stream, eligible }: Explanation): string {
  const title = `Fields, ${stream} → ${model}`;
  return eligible === true ? title : `${title}: what the mapping would give; none of it is written`;
}
