import type { JsonObject } from "../../connector/mapping/value.ts";
import type { Client } from "../../connector/pipedrive/client/client.ts";
import { type Page, type ReadOptions, readPages } from "../../connector/pipedrive/lists/read-pages.ts";
import type { StreamName } from "../../connector/stream-name.ts";
import { ListModel } from "./list-model.ts";

/** Reads a whole stream, and returns its pages. */
export async function readAll(client: Client, stream: StreamName, options: ReadOptions = {}): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of readPages(client, stream, options)) pages.push(page);
  return pages;
}

/** Returns the ids of all records of some pages, in order. */
export const idsOf = (pages: readonly Page[]) => pages.flatMap(({ records }) => records.map(({ id }) => id));

/** Returns a client that gives these bodies one after the other, whatever the request. */
export function scripted(...bodies: JsonObject[]): Client & { asked: JsonObject[] } {
  const model = new ListModel(1);
  const asked: JsonObject[] = [];
  return {
    ...model.client,
    asked,
    get: async (path, query) => {
      const body = bodies[Math.min(asked.length, bodies.length - 1)]!;
      asked.push({ path, ...(query as JsonObject) });
      const text = JSON.stringify(body);
      const headers = { date: new Date("2027-01-01T00:00:00Z").toUTCString() };
      return { status: 200, headers, text, bytes: Buffer.from(text), body };
    },
  };
}

/** The second of the first record, in epoch seconds. */
export const base = 1_790_000_000;
