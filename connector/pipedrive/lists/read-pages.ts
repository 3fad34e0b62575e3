import { oneAhead } from "../../concurrency.ts";
import { Failure } from "../../failure.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Client } from "../client/client.ts";
import { toRfc3339 } from "../client/rfc3339.ts";
import type { RejectedRecord, SourceRecord } from "../records/decode.ts";
import { type StreamList, streams } from "../records/streams.ts";
import { type AheadRecord, isAhead, type RestartedList } from "./ahead.ts";
import { type Bookmark, earlierOf, moved, reachOf, type StreamState, updatedSince } from "./bookmark.ts";
import type { ListPage, ListWalk } from "./list-page.ts";
import { walkByCursor } from "./walk-by-cursor.ts";
import { walkByOffset } from "./walk-by-offset.ts";

export type { StreamState } from "./bookmark.ts";

/** Records of a stream, and the state to save together with them. */
export interface Page {
  stream: StreamName;
  /** The key of the list they came from: `archived` for archived deals. */
  list: string;
  records: SourceRecord[];
  rejected: RejectedRecord[];
  /** Bytes of the answer. */
  size: number;
  /** The records whose update_time lies in the future. */
  ahead: readonly AheadRecord[];
  /** The lists whose saved position lay in the future, so that they are read from their beginning. */
  restarted?: readonly RestartedList[];
  /** The lists whose saved position lies in the future, so that nothing of them is read. */
  stalled?: readonly RestartedList[];
  /** The start of the next run, once this page and all before it are stored. */
  state: StreamState;
}

/** The start of a read. */
export interface ReadOptions {
  /** The state of the last stored page; undefined starts at the beginning. */
  state?: StreamState | undefined;
  /** Leave out records last updated before it (RFC 3339). */
  startDate?: string | undefined;
  /** Read everything, whatever the state says. */
  full?: boolean | undefined;
  /** Keep a saved position in the future and read nothing there; otherwise the list is read from its beginning. */
  keepFuture?: boolean | undefined;
}

/**
 * Reads the new records of a stream, page by page in ascending update_time. The state advances at page ends only, never
 * backwards, and never beyond the clock of the answer: a record of the future must not hide later changes. The next
 * page is fetched while the caller works on the last. N records cost ⌈N/500⌉ requests a list. A record may come twice;
 * none is left out. Throws a Failure of kind `usage` for an invalid state.
 */
export async function* readPages(
  client: Client,
  stream: StreamName,
  options: ReadOptions = {},
): AsyncGenerator<Page, void> {
  const abandoned = new AbortController();
  let state: StreamState = options.full ? {} : readableState(stream, options.state ?? {});
  try {
    for (const list of streams[stream].lists) {
      const walk: ListWalk = { client, stream, list, signal: abandoned.signal };
      let reached: string | null = null;
      let known: string | null = null;
      let from: Bookmark | undefined;
      for await (const page of walkFrom(walk, state[list.key], options)) {
        const { records, rejected, ahead, times, clock, isLast, size, restartedFrom, stalledAt } = page;
        from = page.bookmark;
        if (restartedFrom !== undefined) state = withoutBookmark(state, list);
        reached = reachOf(times, reached, isLast);
        known = earlierOf(reached, clock);
        state = withBookmark(state, list, moved(from, known, isLast && !mayLackRecords(list, from, options)));
        const told = {
          ...(restartedFrom === undefined ? {} : { restarted: [{ list: list.key, from: restartedFrom }] }),
          ...(stalledAt === undefined ? {} : { stalled: [{ list: list.key, from: stalledAt }] }),
        };
        yield { stream, list: list.key, records, rejected, size, ahead, state, ...told };
      }
      if (!mayLackRecords(list, from, options)) continue;
      for await (const { records, rejected, size, ahead } of withoutTime(walk))
        yield { stream, list: list.key, records, rejected, size, ahead, state };
      state = withBookmark(state, list, moved(from, known, true));
      yield { stream, list: list.key, records: [], rejected: [], size: 0, ahead: [], state };
    }
  } finally {
    abandoned.abort();
  }
}

/** A page, and the bookmark at which its walk began. */
interface PageFrom extends ListPage {
  bookmark: Bookmark | undefined;
  restartedFrom?: string;
  stalledAt?: string;
}

/**
 * Walks a list from its bookmark. If that is ahead of Pipedrive's clock, the changes since it was saved are unknown.
 * Then the list is walked from its beginning, unless `keepFuture` is set.
 */
async function* walkFrom(
  walk: ListWalk,
  bookmark: Bookmark | undefined,
  { startDate, keepFuture }: ReadOptions,
): AsyncGenerator<PageFrom, void> {
  const walkSince = (since: string | undefined) => oneAhead(walkList({ ...walk, since }));
  let restartedFrom: string | undefined;
  if (bookmark !== undefined) {
    for await (const page of walkSince(updatedSince(bookmark, startDate))) {
      const isFuture = isAhead(bookmark.update_time, page.clock);
      if (isFuture && keepFuture === true) {
        yield { ...page, bookmark, stalledAt: bookmark.update_time };
        continue;
      }
      if (isFuture) {
        restartedFrom = bookmark.update_time;
        break;
      }
      yield { ...page, bookmark };
    }
    if (restartedFrom === undefined) return;
  }
  for await (const page of walkSince(updatedSince(undefined, startDate))) {
    yield { ...page, bookmark: undefined, ...(restartedFrom === undefined ? {} : { restartedFrom }) };
    restartedFrom = undefined;
  }
}

/** Walks one list in the way that its pages follow each other. */
export function walkList(walk: ListWalk): AsyncGenerator<ListPage, void> {
  return walk.list.pageStyle === "cursor" ? walkByCursor(walk) : walkByOffset(walk);
}

/** Returns true if the first read of a list was interrupted, so that records without update_time may follow its end. */
function mayLackRecords(list: StreamList, bookmark: Bookmark | undefined, { startDate }: ReadOptions): boolean {
  return bookmark?.unfinished === true && list.pageStyle === "cursor" && startDate === undefined;
}

/**
 * Yields the records without update_time of a list that shows them last: in descending order they come first. A list
 * that shows them first has yielded them before anything else.
 */
async function* withoutTime(walk: ListWalk): AsyncGenerator<ListPage, void> {
  for await (const page of walkByCursor({ ...walk, query: { sort_direction: "desc" }, since: undefined })) {
    yield { ...page, records: page.records.filter(({ updateTime }) => updateTime === null) };
    if (page.times.some((time) => time !== null)) return;
  }
}

function withBookmark(state: StreamState, list: StreamList, bookmark: Bookmark | undefined): StreamState {
  return bookmark === undefined ? state : { ...state, [list.key]: bookmark };
}

function withoutBookmark(state: StreamState, { key }: StreamList): StreamState {
  return Object.fromEntries(Object.entries(state).filter(([list]) => list !== key));
}

/** Returns the state with its times validated and in comparable form. */
function readableState(stream: StreamName, state: StreamState): StreamState {
  const bookmarks = Object.entries(state).map(([list, bookmark]): [string, Bookmark] => {
    const given: unknown = bookmark?.update_time;
    const time = typeof given === "string" ? toRfc3339(given) : undefined;
    if (time === undefined) {
      throw new Failure("usage", `The saved state of ${stream} has no valid time for the list ${list}.`, {
        hint: "Run without the state, or with --full, to read everything again.",
      });
    }
    return [list, { ...bookmark, update_time: time }];
  });
  return Object.fromEntries(bookmarks);
}
