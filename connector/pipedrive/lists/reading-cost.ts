import type { StreamName } from "../../stream-name.ts";
import { streams } from "../records/streams.ts";
import { pageSize } from "./list-page.ts";
import { idsAtOnce } from "./read-by-ids.ts";

/** Returns the minimum of API tokens that requesting this many records by id costs: notes are read one by one. */
export function askingCost(stream: StreamName, records: number): number {
  const { lists, one } = streams[stream];
  return stream === "notes" ? records * one.tokens : Math.ceil(records / idsAtOnce) * lists[0]!.tokens;
}

/** Returns the maximum of API tokens that reading a stream's whole list costs, by the highest id in it. */
export function wholeCost(stream: StreamName, newestId: number): number {
  return Math.max(1, Math.ceil(newestId / pageSize)) * streams[stream].lists[0]!.tokens;
}
