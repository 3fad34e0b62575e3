import type { Json } from "../../mapping/value.ts";
import type { Decoded } from "../records/decode.ts";
import { clocked, type ListPage, type ListWalk, pageSize, pagination, stuck } from "./list-page.ts";
import { listReader } from "./listed-records.ts";
import { WalkProgress } from "./walk-progress.ts";

/** The number of times that a second with more notes than a page may shift while it is read. */
const mostShifts = 20;

interface Row {
  id: Json | undefined;
  time: string | null;
}

/**
 * Walks a v1 list in ascending update_time. An offset alone would skip records: one that changes or is deleted moves
 * all after it forward by one. So each page starts at the last second of the page before (`updated_since` is
 * inclusive), and the offset only counts within that second. A page repeats the last record of the page before. If
 * another record stands there, the list has shifted, and the second is read again. Records that were yielded before are
 * left out. Throws a Failure of kind `run` if the list makes no progress.
 */
export async function* walkByOffset(walk: ListWalk): AsyncGenerator<ListPage, void> {
  const { client, stream, list, query, signal } = walk;
  let { since } = walk;
  let start = 0;
  let previous: Row | undefined;
  let given = new Map<Json | undefined, string | null>();
  let progress = new WalkProgress(walk);
  for (let shifts = 0; ; ) {
    const { readBody, records } = listReader(stream);
    const answer = await client.get(
      list.path,
      { ...list.query, ...query, updated_since: since, start, limit: pageSize },
      { tokens: list.tokens, signal, readBody },
    );
    const { decoded, ids, times } = records(answer);
    const rows = ids.map((id, index): Row => ({ id, time: times[index]! }));
    const isLast = pagination(answer.body)["more_items_in_collection"] !== true;
    const failure = isLast ? undefined : progress.page(ids, times);
    if (start > 0 && rows[0]?.id !== previous?.id) {
      if (failure !== undefined) throw failure;
      if (++shifts > mostShifts) throw stuck(walk, "it changes faster than it can be read");
      // The records already read of this second come again now, which must not count as a standstill.
      if (isLast || progress.gotOn) progress = new WalkProgress(walk);
      start = 0;
      continue;
    }
    yield {
      ...withoutGiven(decoded, given),
      times,
      ...clocked(answer, ids, times),
      isLast,
      size: answer.bytes.length,
    };
    if (isLast) return;
    if (failure !== undefined) throw failure;
    previous = rows.at(-1);
    const second = inAscendingOrder(rows) ? secondOf(previous?.time ?? null) : null;
    if (second !== null && (since === undefined || second > since)) {
      since = second;
      // The page holds this second from its first record on, so the rest of it lies behind as many.
      const rest = rows.filter(({ time }) => secondOf(time) === second);
      given = new Map(rest.map(({ id, time }) => [id, time]));
      start = rest.length - 1;
      shifts = 0;
    } else {
      if (rows.length < 2) throw stuck(walk, "there is more, but a page brought nothing new");
      start += rows.length - 1;
      for (const { id, time } of rows) given.set(id, time);
    }
  }
}

function withoutGiven({ records, rejected }: Decoded, given: ReadonlyMap<Json | undefined, string | null>): Decoded {
  return {
    records: records.filter(({ id, updateTime }) => !given.has(id) || given.get(id) !== updateTime),
    rejected: rejected.filter(({ id }) => id === null || !given.has(id)),
  };
}

/**
 * Returns whether a page is sorted: without order its last time says nothing about the rest. Records without a time
 * come first.
 */
function inAscendingOrder(rows: readonly Row[]): boolean {
  return rows.every(({ time }, index) => index === 0 || (rows[index - 1]!.time ?? "") <= (time ?? ""));
}

/** Returns the whole second of a time, as `updated_since` accepts it. */
function secondOf(time: string | null): string | null {
  return time === null ? null : `${time.slice(0, 19)}Z`;
}
