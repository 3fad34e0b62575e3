import type { StreamName } from "../../stream-name.ts";
import type { Client } from "../client/client.ts";
import { elementsOf } from "../records/decode.ts";
import { streams } from "../records/streams.ts";
import { idOf } from "./list-page.ts";

/** Reads the highest id in a stream's list, which bounds the number of its records. 0 for an empty list. */
export async function readNewestId(client: Client, stream: StreamName): Promise<number> {
  const [list] = streams[stream].lists;
  const { path, pageStyle, query, tokens } = list!;
  const order = pageStyle === "cursor" ? { sort_by: "id", sort_direction: "desc" } : { sort: "id DESC", start: 0 };
  const answer = await client.get(path, { ...query, ...order, limit: 1 }, { tokens });
  const [id] = elementsOf(stream, answer.body).map(idOf);
  return typeof id === "number" ? id : 0;
}
