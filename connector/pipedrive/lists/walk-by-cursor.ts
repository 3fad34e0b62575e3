import { additionalData, clocked, type ListPage, type ListWalk, pageSize, pagination, stuck } from "./list-page.ts";
import { listReader } from "./listed-records.ts";
import { WalkProgress } from "./walk-progress.ts";

/**
 * Walks a v2 list by the cursor of each answer, which is null or missing on the last page. The cursor is a position in
 * (update_time, id) order: a record that changes during the walk moves to the end and is met there. Throws a Failure of
 * kind `run` if a cursor repeats, if more records exist without a cursor, or if pages bring nothing new.
 */
export async function* walkByCursor(walk: ListWalk): AsyncGenerator<ListPage, void> {
  const { client, stream, list, query, since, signal } = walk;
  const used = new Set<string>();
  const progress = new WalkProgress(walk);
  let cursor: string | undefined;
  do {
    const { readBody, records } = listReader(stream);
    const answer = await client.get(
      list.path,
      { ...list.query, ...query, limit: pageSize, updated_since: since, cursor },
      { tokens: list.tokens, signal, readBody },
    );
    const next = additionalData(answer.body)["next_cursor"];
    cursor = typeof next === "string" && next !== "" ? next : undefined;
    if (cursor === undefined && pagination(answer.body)["more_items_in_collection"] === true) {
      throw stuck(walk, "there is more, but no cursor to go on with");
    }
    if (cursor !== undefined && used.has(cursor)) throw stuck(walk, "the same cursor came twice");
    if (cursor !== undefined) used.add(cursor);
    const { decoded, ids, times } = records(answer);
    const isLast = cursor === undefined;
    yield { ...decoded, times, ...clocked(answer, ids, times), isLast, size: answer.bytes.length };
    const failure = isLast ? undefined : progress.page(ids, times);
    if (failure !== undefined) throw failure;
  } while (cursor !== undefined);
}
