import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import type { Bookmark, StreamState } from "../pipedrive/bookmark.ts";
import { toRfc3339 } from "../pipedrive/rfc3339.ts";
import { streams } from "../pipedrive/streams.ts";
import type { StreamName } from "../stream-name.ts";

/** How far a full refresh has come; an incremental read has none. */
export interface FullRefresh {
  /** The sync it belongs to, where the orchestrator numbers them. */
  sync_id: number | null;
  complete: boolean;
}

/** What a `stream_state` says: how far each list has been read, and in which full refresh. */
export interface StreamPosition {
  lists: StreamState;
  fullRefresh?: FullRefresh;
}

/**
 * The position as `stream_state`: `{"deals": {"update_time": "2026-01-31T10:00:00Z"}, "archived": {"update_time": null}}`.
 * Every list is in it, so that its form is always the same.
 */
export function streamStateOf(stream: StreamName, { lists, fullRefresh }: StreamPosition): JsonObject {
  const bookmarks = streams[stream].lists.map(({ key }): [string, Json] => [
    key,
    { update_time: null, ...(lists[key] as JsonObject | undefined) },
  ]);
  return {
    ...Object.fromEntries(bookmarks),
    ...(fullRefresh === undefined ? {} : { full_refresh: { ...fullRefresh } }),
  };
}

/**
 * Reads a `stream_state`. Also taken are `{}`, and the single cursor `{"update_time": …}` that other Pipedrive sources
 * write. Other keys say nothing: orchestrators and other sources add their own (the Airbyte CDK passes over them too).
 * Throws a Failure of kind `usage` for a place in a list that cannot be read.
 */
export function streamPositionOf(stream: StreamName, state: JsonObject): StreamPosition {
  const lists = streams[stream].lists.map(({ key }) => key);
  const { full_refresh: fullRefresh, ...rest } = state;
  const keys = lists.filter((key) => Object.hasOwn(rest, key));
  if (keys.length === 0 && typeof rest["update_time"] === "string") {
    const bookmark = bookmarkOf(stream, "update_time", rest);
    return { lists: bookmark === undefined ? {} : Object.fromEntries(lists.map((list) => [list, bookmark])) };
  }
  const bookmarks = keys.flatMap((key): [string, Bookmark][] => {
    const bookmark = bookmarkOf(stream, key, rest[key]);
    return bookmark === undefined ? [] : [[key, bookmark]];
  });
  return {
    lists: Object.fromEntries(bookmarks),
    ...(fullRefresh === undefined || fullRefresh === null ? {} : { fullRefresh: fullRefreshOf(stream, fullRefresh) }),
  };
}

function bookmarkOf(stream: StreamName, key: string, given: Json | undefined): Bookmark | undefined {
  if (given === null) return undefined;
  const { update_time: text = null, unfinished } = isObject(given) ? given : { update_time: "" };
  if (text === null) return undefined;
  const time = typeof text === "string" ? toRfc3339(text) : undefined;
  if (time === undefined) {
    throw unreadable(
      `The state of ${stream} has no valid time in ${key}: ${JSON.stringify(given)} was found, {"update_time": "2026-01-31T10:00:00Z"} is expected.`,
    );
  }
  return unfinished === true ? { update_time: time, unfinished } : { update_time: time };
}

function fullRefreshOf(stream: StreamName, given: Json): FullRefresh {
  if (!isObject(given)) throw unreadable(`The state of ${stream} has a full_refresh that is no object.`);
  const { sync_id: syncId, complete } = given;
  return { sync_id: typeof syncId === "number" ? syncId : null, complete: complete === true };
}

function unreadable(message: string): Failure {
  return new Failure("usage", message, {
    hint: "Give back the stream_state that the last read printed, or leave it out to read everything.",
  });
}

function isObject(json: Json | undefined): json is JsonObject {
  return json !== null && typeof json === "object" && !Array.isArray(json);
}
