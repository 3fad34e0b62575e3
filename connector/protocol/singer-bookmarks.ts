import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import type { StreamState } from "../pipedrive/lists/bookmark.ts";
import { streams } from "../pipedrive/records/streams.ts";
import { isStreamName, type StreamName } from "../stream-name.ts";
import { replicationKey } from "./singer.ts";
import { streamPositionOf, streamStateOf } from "./stream-position.ts";

/**
 * The bookmarks of a Singer state: `{"deals": {"update_time": …, "lists": {…}}}`. `update_time` is the time up to which
 * the whole stream has been read, as every tap writes it; `lists` has the position in each of Pipedrive's lists.
 */
export class SingerBookmarks {
  readonly #bookmarks: JsonObject;

  /**
   * Reads the value of the last STATE, or the whole message; `{}` and null mean none. Bookmarks of other streams stay
   * unchanged. Throws a Failure of kind `usage` for anything that is not a Singer state.
   */
  constructor(document: Json) {
    const message = isObject(document) && document["type"] === "STATE" ? document["value"] : document;
    const value = message ?? {};
    const bookmarks = isObject(value) ? (value["bookmarks"] ?? {}) : undefined;
    if (!isObject(value) || !isObject(bookmarks) || (Object.keys(value).length > 0 && !("bookmarks" in value))) {
      throw new Failure("usage", "The state is not a Singer state: it has no object `bookmarks`.", {
        hint: 'It looks like {"bookmarks": {"deals": {"update_time": "2026-01-31T10:00:00Z"}}}: the last line that the target printed. Leave --state out to read everything.',
      });
    }
    this.#bookmarks = { ...bookmarks };
    for (const name of Object.keys(bookmarks)) if (isStreamName(name)) this.listsOf(name);
  }

  /** Returns the position in the stream's lists. Throws a Failure of kind `usage` for an invalid bookmark. */
  listsOf(stream: StreamName): StreamState {
    const bookmark = this.#bookmarks[stream];
    if (!isObject(bookmark)) return {};
    const { lists, [replicationKey]: time } = bookmark;
    if (isObject(lists)) return streamPositionOf(stream, lists).lists;
    return time === undefined || time === null ? {} : streamPositionOf(stream, { update_time: time }).lists;
  }

  /** Advances the stream's bookmark. */
  move(stream: StreamName, lists: StreamState): void {
    const times = streams[stream].lists.map(({ key }) => lists[key]?.update_time ?? null);
    const earliest = times.includes(null) ? null : (times.toSorted()[0] ?? null);
    this.#bookmarks[stream] = {
      ...(earliest === null ? {} : { [replicationKey]: earliest }),
      lists: streamStateOf(stream, { lists }),
    };
  }

  /** Returns the value of a STATE while `current` is being read; null for none. */
  value(current: StreamName | null): JsonObject {
    return { bookmarks: { ...this.#bookmarks }, currently_syncing: current };
  }
}
