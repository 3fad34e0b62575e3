import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { ConfiguredStream } from "./airbyte.ts";

/** The streams of a ConfiguredAirbyteCatalog. Throws a Failure of kind `usage` when the document is none. */
export function configuredStreams(document: unknown): ConfiguredStream[] {
  const streams = (document as { streams?: unknown } | null)?.streams;
  if (!Array.isArray(streams)) {
    throw new Failure("usage", "The catalog is no configured Airbyte catalog: it has no list `streams`.", {
      hint: 'Take what discover prints and wrap each stream: {"streams": [{"stream": {…}, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}]}.',
    });
  }
  for (const [index, entry] of streams.entries()) {
    const { stream, sync_mode: mode } = (entry ?? {}) as Partial<ConfiguredStream>;
    if (typeof stream?.name !== "string") {
      throw new Failure(
        "usage",
        `The catalog's stream number ${index + 1} has no name (streams[${index}].stream.name).`,
      );
    }
    if (mode !== "full_refresh" && mode !== "incremental") {
      throw new Failure("usage", `The catalog's stream ${stream.name} has the sync_mode ${JSON.stringify(mode)}.`, {
        hint: "It must be full_refresh or incremental.",
      });
    }
  }
  return streams as ConfiguredStream[];
}

/** The state of each stream, by name, from an array of Airbyte STATE payloads. `[]` and `{}` mean none. */
export function savedStates(document: unknown): Map<string, Record<string, { update_time: string }>> {
  const states = new Map<string, Record<string, { update_time: string }>>();
  if (!Array.isArray(document)) {
    if (document !== null && typeof document === "object" && Object.keys(document).length === 0) return states;
    throw new Failure("usage", "The state is no list of Airbyte STREAM states.", {
      hint: 'It looks like [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "deals"}, "stream_state": {…}}}].',
    });
  }
  for (const entry of document) {
    const stream = (
      entry as { stream?: { stream_descriptor?: { name?: unknown }; stream_state?: JsonObject | null } } | null
    )?.stream;
    if (typeof stream?.stream_descriptor?.name !== "string") {
      throw new Failure("usage", "The state has an entry without stream.stream_descriptor.name.", {
        hint: "Only STREAM states are read; give the state that the last read or write printed.",
      });
    }
    if (stream.stream_state !== null && stream.stream_state !== undefined) {
      states.set(stream.stream_descriptor.name, stream.stream_state as Record<string, { update_time: string }>);
    }
  }
  return states;
}
