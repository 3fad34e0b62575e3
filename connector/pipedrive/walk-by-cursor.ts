import { additionalData, type ListPage, type ListWalk, pageSize, pagination, stuck } from "./list-page.ts";
import { type ListedRecords, readListed, readParsed } from "./listed-records.ts";

/**
 * Walks a v2 list by the cursor of each answer, which is null or missing on the last page. The cursor is a place in
 * (update_time, id) order: a record that changes meanwhile moves to the end and is met there. Throws a Failure of kind
 * `run` when a cursor comes back, or when there is more and no cursor.
 */
export async function* walkByCursor(walk: ListWalk): AsyncGenerator<ListPage, void> {
  const { client, stream, list, query, since, signal } = walk;
  const used = new Set<string>();
  let cursor: string | undefined;
  do {
    let listed: ListedRecords | undefined;
    const readBody = (bytes: Buffer) => {
      listed = readListed(stream, bytes);
      return listed?.envelope;
    };
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
    const { decoded, times } = listed ?? readParsed(stream, answer);
    yield { ...decoded, times, isLast: cursor === undefined, size: answer.bytes.length };
  } while (cursor !== undefined);
}
