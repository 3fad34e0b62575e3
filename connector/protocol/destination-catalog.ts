import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isModelName, type ModelName, modelNames } from "../model-name.ts";
import { type ObjectMode, objectModes } from "../object-mode.ts";
import { isStreamName, type StreamName } from "../stream-name.ts";
import { type ConfiguredStream, configuredStreams } from "./configured-catalog.ts";

/** The parts of a configured catalog's stream that a destination needs. */
export interface DestinationStream extends ConfiguredStream {
  /** The connector's stream for its records; undefined if there is none. */
  own: StreamName | undefined;
  /** The objects that its records become, of any source; undefined for records of Pipedrive. */
  object: ObjectTarget | undefined;
  /**
   * The source's number of the generation that replaces the landed records once this sync is complete; null if it has
   * no number. Undefined keeps the landed records.
   */
  replacedBy: number | null | undefined;
}

/** The model and the mode of a stream that names its `destination_object_name`. */
export interface ObjectTarget {
  model: ModelName;
  mode: ObjectMode;
}

/** The modes that `write` knows. A landed record has one place, so append and append_dedup are equal. */
const destinationModes = ["append", "append_dedup", "overwrite", "overwrite_dedup"];

/** Lists of other Pipedrive sources that are part of a stream here (Airbyte's source-pipedrive 3). */
const otherNames: Readonly<Record<string, StreamName>> = { deals_archived: "deals" };

/**
 * Returns the streams of a ConfiguredAirbyteCatalog for a destination (Airbyte protocol 0.18). Throws a Failure of kind
 * `usage` as `configuredStreams` does, and for an unknown destination sync mode, object or matching key. Objects are
 * matched by `key`.
 */
export function destinationStreams(document: Json, key: string): DestinationStream[] {
  const entries = (document as { streams?: JsonObject[] } | null)?.streams ?? [];
  return configuredStreams(document).map((stream, index) => {
    const entry = entries[index]!;
    const mode = entry["destination_sync_mode"];
    const name = entry["destination_object_name"];
    if (name !== undefined && name !== null) {
      return { ...stream, own: undefined, object: objectTarget(stream.name, entry, key), replacedBy: undefined };
    }
    if (!destinationModes.includes(mode as string)) {
      const given =
        mode === undefined ? "no destination_sync_mode" : `the destination_sync_mode ${JSON.stringify(mode)}`;
      throw new Failure("usage", `The catalog's stream ${stream.name} has ${given}.`, {
        hint: `It must be one of ${destinationModes.join(", ")}.`,
      });
    }
    const replaces = replacedBy(stream.name, entry);
    return { ...stream, own: ownStreamOf(stream.name), object: undefined, replacedBy: replaces };
  });
}

function objectTarget(stream: string, entry: JsonObject, key: string): ObjectTarget {
  const { destination_object_name: model, destination_sync_mode: given, primary_key: keys } = entry;
  const refuse = (has: string, hint: string) =>
    new Failure("usage", `The catalog's stream ${stream} has ${has}.`, { hint });
  if (!isModelName(model)) {
    throw refuse(
      `the destination_object_name ${JSON.stringify(model)}, which is no object of this destination`,
      `It must be one of ${modelNames.join(", ")}.`,
    );
  }
  const mode = objectModes.find((one) => one === given);
  if (mode === undefined) {
    throw refuse(
      given === undefined ? "no destination_sync_mode" : `the destination_sync_mode ${JSON.stringify(given)}`,
      `For an object it must be append_dedup (upsert), append (insert) or update: rows are never removed.`,
    );
  }
  const isMatched = JSON.stringify(keys) === JSON.stringify([[key]]);
  if (isMatched || (mode === "append" && (!Array.isArray(keys) || keys.length === 0))) return { model, mode };
  throw refuse(
    keys === undefined ? "no primary_key" : `the primary_key ${JSON.stringify(keys)}`,
    `Objects are matched by ${key} alone: [["${key}"]].`,
  );
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

/** Returns a model's JSON Schema; `isNew` says that records may make rows. */
export type SchemaOf = (model: ModelName, isNew: boolean) => JsonObject;

/**
 * Returns DESTINATION_CATALOG (Airbyte protocol 0.18): each model with each mode is an operation. Every mode matches by
 * `key`; for insert it tells what is there already.
 */
export function destinationCatalog(models: readonly ModelName[], key: string, schemaOf: SchemaOf): JsonObject {
  const operations = models.flatMap((model) =>
    objectModes.map((mode) => ({
      object_name: model,
      sync_mode: mode,
      json_schema: schemaOf(model, mode !== "update"),
      matching_keys: [[key]],
    })),
  );
  return { type: "DESTINATION_CATALOG", destination_catalog: { operations } };
}
