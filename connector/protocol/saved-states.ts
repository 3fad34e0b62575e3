import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";

/**
 * Returns the state of each stream, by name, from an orchestrator's state (Airbyte protocol 0.18). It may be a list of
 * STREAM or GLOBAL states, whole STATE messages, or the old plain object by stream name (LEGACY). `[]`, `{}`, null and
 * a null `stream_state` mean none. Throws a Failure of kind `usage` for anything else.
 */
export function savedStates(document: Json): Map<string, JsonObject> {
  if (Array.isArray(document)) return new Map(document.flatMap(statesOf));
  if (document === null) return new Map();
  if (!isObject(document)) throw unreadable("The state is not a list of Airbyte states.");
  return new Map(typeof document["type"] === "string" ? statesOf(document) : legacyStates(document));
}

/**
 * Returns the states from the documents of a file: one as above, or the lines that a destination printed. Of those the
 * last STATE of a stream counts, and other messages are ignored.
 */
export function printedStates(documents: readonly Json[]): Map<string, JsonObject> {
  return documents.length === 1
    ? savedStates(documents[0]!)
    : savedStates(documents.filter((line) => !(isObject(line) && otherMessages.includes(String(line["type"])))));
}

/** The other messages on a destination's stdout (Airbyte protocol 0.18). */
const otherMessages = ["TRACE", "LOG", "CONTROL"];

function statesOf(entry: Json): [string, JsonObject][] {
  if (!isObject(entry)) throw unreadable("The state has an entry that is not an Airbyte state.");
  const { type, state, global, data, stream } = entry;
  if (type === "STATE" && state !== undefined) return statesOf(state);
  if (type === "GLOBAL" || (type === undefined && global !== undefined)) {
    const streams = isObject(global) ? global["stream_states"] : undefined;
    if (!Array.isArray(streams)) throw unreadable("The state has a GLOBAL entry without global.stream_states.");
    return streams.flatMap(streamStateOf);
  }
  if (type === "LEGACY" || (type === undefined && data !== undefined)) {
    if (!isObject(data)) throw unreadable("The state has a LEGACY entry without data.");
    return legacyStates(data);
  }
  if (type !== undefined && type !== "STREAM")
    throw unreadable(`The state has an entry of the unknown type ${JSON.stringify(type)}.`);
  return streamStateOf(stream);
}

function streamStateOf(stream: Json | undefined): [string, JsonObject][] {
  const descriptor = isObject(stream) ? stream["stream_descriptor"] : undefined;
  const name = isObject(descriptor) ? descriptor["name"] : undefined;
  if (!isObject(stream) || typeof name !== "string")
    throw unreadable("The state has an entry without stream.stream_descriptor.name.");
  const state = stream["stream_state"];
  if (state === undefined || state === null) return [];
  if (!isObject(state)) throw unreadable(`The state of ${name} is not an object.`);
  return [[name, state]];
}

function legacyStates(data: JsonObject): [string, JsonObject][] {
  return Object.entries(data).flatMap(([name, state]): [string, JsonObject][] => {
    if (state === null) return [];
    if (!isObject(state)) throw unreadable(`The state of ${name} is not an object.`);
    return [[name, state]];
  });
}

function unreadable(message: string): Failure {
  return new Failure("usage", message, {
    hint: 'It looks like [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "deals"}, "stream_state": {…}}}], with what the last read printed. Leave --state out to read everything.',
  });
}
