import { Failure } from "../failure.ts";
import type { Json } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import { streamNames } from "../stream-name.ts";

/** The parts of a configured catalog's stream that a read needs. */
export interface ConfiguredStream {
  name: string;
  syncMode: "full_refresh" | "incremental";
  /** The top-level fields that may be sent; undefined allows all. */
  fields: ReadonlySet<string> | undefined;
  /** The orchestrator's number of this sync, the same in each attempt at it; null if it gives none. */
  syncId: number | null;
}

/**
 * Returns the streams of a ConfiguredAirbyteCatalog (Airbyte protocol 0.18). Throws a Failure of kind `usage` for any
 * other document, for a stream named twice, and for an unknown sync_mode.
 */
export function configuredStreams(document: Json): ConfiguredStream[] {
  const entries = isObject(document) ? document["streams"] : undefined;
  if (!Array.isArray(entries)) {
    throw new Failure("usage", "The catalog is not a configured Airbyte catalog: it has no list `streams`.", {
      hint: 'Take what discover prints and wrap each stream: {"streams": [{"stream": {…}, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}]}.',
    });
  }
  const streams = entries.map(configuredStream);
  for (const [index, { name }] of streams.entries()) {
    if (streams.findIndex((other) => other.name === name) < index)
      throw new Failure("usage", `The catalog has the stream ${name} twice.`, { hint: "Leave one of them out." });
  }
  return streams;
}

/**
 * Throws a Failure of kind `usage` if the catalog names streams but `isOurs` accepts none of them: the run would
 * silently do nothing.
 */
export function requireOwnStream(names: readonly string[], isOurs: (name: string) => boolean): void {
  if (names.length === 0 || names.some(isOurs)) return;
  const shown = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  const list = shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
  const prefix = commonPrefix(names);
  throw new Failure("usage", `The catalog has no stream that this connector knows: it names ${list}.`, {
    hint: `The streams are ${streamNames.join(", ")}. A stream prefix${prefix === undefined ? "" : ` (here ${prefix})`} changes their names: take it out of the connection's settings.`,
  });
}

/** Returns the text before one of the connector's stream names; undefined if no name ends in one. */
function commonPrefix(names: readonly string[]): string | undefined {
  for (const name of names) {
    const own = streamNames.find((stream) => name.endsWith(stream));
    if (own !== undefined) return name.slice(0, -own.length);
  }
  return undefined;
}

function configuredStream(entry: Json, index: number): ConfiguredStream {
  const stream = isObject(entry) && isObject(entry["stream"]) ? entry["stream"] : {};
  const name = stream["name"];
  if (!isObject(entry) || typeof name !== "string" || name === "") {
    throw new Failure("usage", `The catalog's stream number ${index + 1} has no name (streams[${index}].stream.name).`);
  }
  const mode = entry["sync_mode"];
  if (mode !== "full_refresh" && mode !== "incremental") {
    const given = mode === undefined ? "no sync_mode" : `the sync_mode ${JSON.stringify(mode)}`;
    throw new Failure("usage", `The catalog's stream ${name} has ${given}.`, {
      hint: "It must be full_refresh or incremental.",
    });
  }
  const syncId = entry["sync_id"];
  return {
    name,
    syncMode: mode,
    fields: fieldsOf(stream["json_schema"]),
    syncId: typeof syncId === "number" ? syncId : null,
  };
}

/**
 * Returns the selected fields. Fields that the user deselected are missing in the schema; key and cursor are needed to
 * tell records apart.
 */
function fieldsOf(schema: Json | undefined): Set<string> | undefined {
  const properties = isObject(schema) ? schema["properties"] : undefined;
  if (!isObject(properties) || Object.keys(properties).length === 0) return undefined;
  return new Set([...Object.keys(properties), "id", "update_time"]);
}
