import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import { toRfc3339 } from "../pipedrive/client/rfc3339.ts";
import type { Bookmark, StreamState } from "../pipedrive/lists/bookmark.ts";
import { streams } from "../pipedrive/records/streams.ts";
import type { StreamName } from "../stream-name.ts";

/** The progress of a full refresh; an incremental read has none. */
export interface FullRefresh {
  /** The sync it belongs to, if the orchestrator numbers syncs. */
  sync_id: number | null;
  complete: boolean;
}

/** The content of a `stream_state`: the position in each list, and the full refresh it belongs to. */
export interface StreamPosition {
  lists: StreamState;
  fullRefresh?: FullRefresh;
}

/**
 * Writes the position as `stream_state`: `{"deals": {"update_time": "2026-01-31T10:00:00Z"}, "archived":
 * {"update_time": null}}`. It contains every list, so that its form is always the same.
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
 * Reads a `stream_state`. It also accepts `{}`, and the single cursor `{"update_time": …}` of other Pipedrive sources.
 * Other keys are ignored, as in the Airbyte CDK: orchestrators and other sources add their own. Throws a Failure of
 * kind `usage` for a position that cannot be read.
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
  if (!isObject(given)) throw unreadable(`The state of ${stream} has a full_refresh that is not an object.`);
  const { sync_id: syncId, complete } = given;
  return { sync_id: typeof syncId === "number" ? syncId : null, complete: complete === true };
}

function unreadable(message: string): Failure {
  return new Failure("usage", message, {
    hint: "Give back the stream_state that the last read printed, or leave it out to read everything.",
  });
}
