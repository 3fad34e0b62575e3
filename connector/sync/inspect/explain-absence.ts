import type { Direction } from "../../mapping/compiled-mapping.ts";
import { formatInstant } from "../../text/instant.ts";
import type { ExplainMaterial } from "./explain-material.ts";

/** The reason why a record is not in the landing. */
export interface Absence {
  why:
    | "forgotten"
    | "direction_none"
    | "rejected"
    | "not_in_pipedrive"
    | "not_asked"
    | "unfit"
    | "never_synced"
    | "before_start_date"
    | "not_read_yet"
    | "changed_since"
    | "not_listed";
  /** The reason as a sentence, with the values that decided. */
  because: string;
}

/** The inputs of the judgement besides the record. */
export interface AbsenceRules {
  /** The stream's direction. */
  direction: Direction;
  /** True if deals have direction none: then no stream is read. */
  dealsIdle: boolean;
  /** `start_date` of the config, RFC 3339. */
  startDate: string | undefined;
}

/** Returns the first reason that applies why a record has not landed; undefined if it has. */
export function explainAbsence(
  { stream, id, found, extractedAt, answer, forgotten, known, unlanded, ways }: ExplainMaterial,
  { direction, dealsIdle, startDate }: AbsenceRules,
): Absence | undefined {
  if (extractedAt !== undefined) return undefined;
  if (forgotten !== undefined) {
    return { why: "forgotten", because: `It was forgotten at ${forgotten}, and no run takes it again.` };
  }
  if (unlanded !== undefined) {
    return { why: "rejected", because: `It could not be landed, since ${unlanded.since}: ${unlanded.reason}.` };
  }
  if (direction === "none" || dealsIdle) {
    const whose = direction === "none" ? stream : "deals";
    return { why: "direction_none", because: `The direction of ${whose} is none, so ${stream} are not read.` };
  }
  if (answer?.said === "nothing") {
    return { why: "not_asked", because: `Whether Pipedrive has it is not known: ${answer.because}` };
  }
  const refused = answer?.said === "record" ? answer.decoded.rejected[0] : undefined;
  if (refused !== undefined) return { why: "unfit", because: `It cannot be landed: ${refused.reason}.` };
  if (found === undefined) {
    return { why: "not_in_pipedrive", because: `Pipedrive has no such record, or the token's user may not see it.` };
  }
  const { updateTime } = found;
  const isLimited = startDate !== undefined && (stream === "deals" || !known.whole);
  if (isLimited && updateTime !== null && Date.parse(updateTime) < Date.parse(startDate)) {
    const because = `It was last changed at ${updateTime}, before ${startDate}, the start_date of the config`;
    if (stream === "deals") return { why: "before_start_date", because: `${because}.` };
    const deal = ways.flatMap(({ deals }) => deals).find(({ reason }) => reason === null);
    return deal === undefined
      ? { why: "before_start_date", because: `${because}, and no deal that syncs brings it.` }
      : {
          why: "not_read_yet",
          because: `${because}. Deal ${deal.id} brings it nevertheless: the next sync asks for it.`,
        };
  }
  if (known.upTo === null) return { why: "never_synced", because: `No sync has read any ${stream} yet.` };
  if (updateTime !== null && Date.parse(updateTime) >= Date.parse(known.upTo)) {
    return {
      why: "changed_since",
      because: `It was changed at ${formatInstant(updateTime)}, and ${stream} have been read up to ${formatInstant(known.upTo)}: the next sync reads it.`,
    };
  }
  if (known.fetchingAll) {
    return { why: "not_read_yet", because: "Fetch All has not reached its end; the next sync goes on with it." };
  }
  return {
    why: "not_listed",
    because: `Pipedrive knows ${id}, and did not list it up to ${known.upTo}: sync --full reads the whole list again.`,
  };
}
