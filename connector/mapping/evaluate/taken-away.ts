import type { RecordContext } from "../compiled-mapping.ts";
import { instantOf } from "../day.ts";
import type { Json, JsonObject } from "../value.ts";
import type { NamedThing } from "../word-binder.ts";
import type { NamedThings, Source } from "./source.ts";

/** A source whose values are options, stages or pipelines. */
export type ThingSource = Source & { things: NamedThings };

/** Returns the reason why a record's value is unreliable, as the end of a sentence; undefined if it is reliable. */
export type Doubt = (record: JsonObject, context: RecordContext) => string | undefined;

/**
 * Milliseconds: Pipedrive may take a while to clear a deleted option from all records, and may change their
 * update_time.
 */
const clearing = 24 * 60 * 60 * 1000;

/**
 * Doubts records from which Pipedrive may have cleared a deleted option; undefined if no option was deleted. A record
 * edited after that is trusted: its editor saw it without the option. The `label` of a deleted thing is the mapping's
 * word for it, if the mapping names it; else any value counts.
 */
export function takenAway(
  { text, things, reads }: ThingSource,
  gone: readonly NamedThing[],
  named: "the mapping" | "its option",
): Doubt | undefined {
  if (gone.length === 0) return undefined;
  return (record, context) => {
    const read = things.readIds(record, context);
    if (read.state === "rejected") return undefined;
    const isPresent = read.state === "present";
    if (isPresent && (named === "its option" || things.several !== true)) return undefined;
    const editedAt = reads.length === 1 ? timeOf(record["update_time"]) : undefined;
    const lost = gone.find(
      ({ id, goneSince }) =>
        !isAfter(editedAt, goneSince) && !(isPresent && read.ids.some((held) => String(held.id) === String(id))),
    );
    if (lost === undefined) return undefined;
    if (isPresent)
      return `its \`${text}\` lacks \`${lost.label}\`, which the mapping names and which was deleted in Pipedrive`;
    return named === "the mapping"
      ? `its \`${text}\` is empty, and \`${lost.label}\`, which the mapping names, was deleted in Pipedrive`
      : `its \`${text}\` is empty, and its option \`${lost.label}\` was deleted in Pipedrive`;
  };
}

function timeOf(value: Json | undefined): number | undefined {
  const instant = typeof value === "string" ? instantOf(value) : undefined;
  return instant === undefined ? undefined : Date.parse(instant);
}

function isAfter(editedAt: number | undefined, goneSince: string | undefined): boolean {
  return editedAt !== undefined && goneSince !== undefined && editedAt > Date.parse(goneSince) + clearing;
}
