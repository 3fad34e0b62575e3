import type { StreamName } from "../stream-name.ts";
import { pageSize } from "./list-page.ts";
import { idsAtOnce } from "./read-by-ids.ts";
import { streams } from "./streams.ts";

/** The API tokens, at least, that asking for so many records of a stream by their ids costs: notes go one by one. */
export function askingCost(stream: StreamName, records: number): number {
  const { lists, one } = streams[stream];
  return stream === "notes" ? records * one.tokens : Math.ceil(records / idsAtOnce) * lists[0]!.tokens;
}

/** The API tokens, at most, that reading a stream's list whole costs, by the highest id in it. */
export function wholeCost(stream: StreamName, newestId: number): number {
  return Math.max(1, Math.ceil(newestId / pageSize)) * streams[stream].lists[0]!.tokens;
}
