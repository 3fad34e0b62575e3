import { oneAhead } from "../../concurrency.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { Page } from "../../pipedrive/lists/read-pages.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import { glanceKeys } from "../../pipedrive/records/streams.ts";

/** Approximate bytes of pages per transaction: enough that its statements cost little beside the records. */
const landedAtOnce = 1_000_000;

/** Yields pages for landing, several joined into one, in their order. The next ones are read in the meantime. */
export function readToLand(pages: AsyncGenerator<Page, void>): AsyncGenerator<Page, void> {
  return oneAhead(inGroups(pages));
}

async function* inGroups(pages: AsyncGenerator<Page, void>): AsyncGenerator<Page, void> {
  let group: Page[] = [];
  try {
    for await (const page of pages) {
      if (group.length > 0 && !mayJoin(group, page)) {
        yield joined(group);
        group = [];
      }
      group.push({ ...page, records: page.records.map(lightened) });
    }
  } catch (error) {
    // Pages before the failure land all the same.
    if (group.length > 0) yield joined(group);
    throw error;
  }
  if (group.length > 0) yield joined(group);
}

/** Returns whether a page may join a group. A repeated record must land after its earlier copy, in another group. */
function mayJoin(pages: readonly Page[], next: Page): boolean {
  if (pages.reduce((sum, { size }) => sum + size, next.size) > landedAtOnce) return false;
  return !pages.some((page) => shareRecords(page, next));
}

/** Returns whether two pages share a record: then one must land after the other. */
export function shareRecords(one: Page, other: Page): boolean {
  const known = new Set(idsOf(one));
  return idsOf(other).some((id) => known.has(id));
}

/** Joins pages into one: the last page's state, with the records and notices of all. */
function joined(pages: readonly Page[]): Page {
  const restarted = pages.flatMap((page) => page.restarted ?? []);
  return {
    ...pages.at(-1)!,
    records: pages.flatMap(({ records }) => records),
    rejected: pages.flatMap(({ rejected }) => rejected),
    ahead: pages.flatMap(({ ahead }) => ahead),
    ...(restarted.length === 0 ? {} : { restarted }),
  };
}

/** Returns the ids of a page's records, including rejected ones. */
export function idsOf({ records, rejected }: Page): number[] {
  return [...records, ...rejected].flatMap(({ id }) => id ?? []);
}

/**
 * Returns a record reduced to the bytes that land and the keys that landing reads. Its parsed objects take several
 * times the memory, and creating and collecting them took longer than landing.
 */
function lightened(one: SourceRecord): SourceRecord {
  const { id, updateTime, deleted } = one;
  const record = one.glance ?? onlyGlanceKeys(one.record);
  return { id, updateTime, deleted, record, bytes: one.bytes ?? Buffer.from(JSON.stringify(one.record)) };
}

function onlyGlanceKeys(record: JsonObject): JsonObject {
  return Object.fromEntries(glanceKeys.filter((key) => Object.hasOwn(record, key)).map((key) => [key, record[key]!]));
}
