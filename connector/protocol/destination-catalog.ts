import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isStreamName, type StreamName } from "../stream-name.ts";
import { type ConfiguredStream, configuredStreams } from "./configured-catalog.ts";

/** The parts of a configured catalog's stream that a destination needs. */
export interface DestinationStream extends ConfiguredStream {
  /** The connector's stream for its records; undefined if there is none. */
  own: StreamName | undefined;
  /**
   * The source's number of the generation that replaces the landed records once this sync is complete; null if it has
   * no number. Undefined keeps the landed records.
   */
  replacedBy: number | null | undefined;
}

/** The modes that `write` knows. A landed record has one place, so append and append_dedup are equal. */
const destinationModes = ["append", "append_dedup", "overwrite", "overwrite_dedup"];

/** Lists of other Pipedrive sources that are part of a stream here (Airbyte's source-pipedrive 3). */
const otherNames: Readonly<Record<string, StreamName>> = { deals_archived: "deals" };

/**
 * Returns the streams of a ConfiguredAirbyteCatalog for a destination (Airbyte protocol 0.18). Throws a Failure of kind
 * `usage` as `configuredStreams` does, and for an unknown destination sync mode.
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
 * Returns the generation that replaces earlier ones. `minimum_generation_id` is the oldest generation to keep: 0 keeps
 * all, the newest only itself. Without numbers the mode decides.
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

/** Returns the connector's stream for the records of a source's stream. */
export function ownStreamOf(name: string): StreamName | undefined {
  return isStreamName(name) ? name : Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
}

/**
 * Returns the connector's streams to be replaced, each with its number (null without one) and the source's streams in
 * it.
 */
export function replacedStreams(
  streams: readonly DestinationStream[],
): Map<StreamName, { number: number | null; sources: string[] }> {
  const replaced = new Map<StreamName, { number: number | null; sources: string[] }>();
  for (const { own, replacedBy } of streams) {
    if (own === undefined || replacedBy === undefined || replaced.has(own)) continue;
    const parts = streams.filter((stream) => stream.own === own);
    // If one part of a stream only appends, its earlier records must stay.
    if (parts.some((part) => part.replacedBy === undefined)) continue;
    replaced.set(own, { number: replacedBy, sources: parts.map(({ name }) => name) });
  }
  return replaced;
}
