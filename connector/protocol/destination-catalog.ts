import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isStreamName, type StreamName } from "../stream-name.ts";
import { type ConfiguredStream, configuredStreams } from "./configured-catalog.ts";

/** A stream of the configured catalog, as far as a destination needs it. */
export interface DestinationStream extends ConfiguredStream {
  /** Our stream that takes its records; undefined: none does. */
  own: StreamName | undefined;
  /**
   * What is landed already goes once everything of this sync has come: the source's number of the generation that
   * replaces it, null where it numbers none; undefined: it stays.
   */
  replacedBy: number | null | undefined;
}

/** The modes that `write` knows. Landed records have one place each, so that append and append_dedup are the same. */
const destinationModes = ["append", "append_dedup", "overwrite", "overwrite_dedup"];

/** What other Pipedrive sources call a list that we have in one of our streams (Airbyte's source-pipedrive 3). */
const otherNames: Readonly<Record<string, StreamName>> = { deals_archived: "deals" };

/**
 * The streams of a ConfiguredAirbyteCatalog for a destination (Airbyte protocol 0.18). Throws a Failure of kind `usage`
 * where `configuredStreams` does, and for a destination sync mode that is none of ours.
 */
export function destinationStreams(document: Json): DestinationStream[] {
  const entries = (document as { streams?: JsonObject[] } | null)?.streams ?? [];
  return configuredStreams(document).map((stream, index) => {
    const mode = entries[index]!["destination_sync_mode"];
    if (!destinationModes.includes(mode as string)) {
      const given =
        mode === undefined ? "no destination_sync_mode" : `the destination_sync_mode ${JSON.stringify(mode)}`;
      throw new Failure("usage", `The catalog's stream ${stream.name} has ${given}.`, {
        hint: `It must be one of ${destinationModes.join(", ")}.`,
      });
    }
    return { ...stream, own: ownStreamOf(stream.name), replacedBy: replacedBy(stream.name, entries[index]!) };
  });
}

/**
 * `minimum_generation_id` says which generations may stay: 0 all of them, the newest nothing older. Without numbers the
 * mode says it.
 */
function replacedBy(name: string, entry: JsonObject): number | null | undefined {
  const { generation_id: newest, minimum_generation_id: oldest, destination_sync_mode: mode } = entry;
  if (typeof newest !== "number" || typeof oldest !== "number")
    return /^overwrite/.test(String(mode)) ? null : undefined;
  if (oldest === 0) return undefined;
  if (oldest === newest) return newest;
  throw new Failure(
    "usage",
    `The catalog's stream ${name} has minimum_generation_id ${oldest} and generation_id ${newest}.`,
    { hint: "All generations can be kept (0), or the newest alone (the same number)." },
  );
}

/** Our stream that takes the records of a source's stream. */
export function ownStreamOf(name: string): StreamName | undefined {
  return isStreamName(name) ? name : Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
}

/** The streams of ours that are replaced, each with its number, null without one, and the source's streams it takes. */
export function replacedStreams(
  streams: readonly DestinationStream[],
): Map<StreamName, { number: number | null; sources: string[] }> {
  const replaced = new Map<StreamName, { number: number | null; sources: string[] }>();
  for (const { own, replacedBy } of streams) {
    if (own === undefined || replacedBy === undefined || replaced.has(own)) continue;
    const parts = streams.filter((stream) => stream.own === own);
    // Where one part of a stream is added to, what it brought before must stay.
    if (parts.some((part) => part.replacedBy === undefined)) continue;
    replaced.set(own, { number: replacedBy, sources: parts.map(({ name }) => name) });
  }
  return replaced;
}
