import { oneAhead } from "../../concurrency.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { SourceRecord } from "../../pipedrive/decode.ts";
import type { Page } from "../../pipedrive/read-pages.ts";
import { glanceKeys } from "../../pipedrive/streams.ts";

/** Bytes of pages, about, that are landed in one transaction: enough that its statements cost little beside the records. */
const landedAtOnce = 1_000_000;

/** Pages as they are to be landed, several as one, in the order in which they came. The next are read meanwhile. */
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
    // What came before it is landed all the same.
    if (group.length > 0) yield joined(group);
    throw error;
  }
  if (group.length > 0) yield joined(group);
}

/** A record that came again must not meet itself: it is landed after what came before. */
function mayJoin(pages: readonly Page[], next: Page): boolean {
  if (pages.reduce((sum, { size }) => sum + size, next.size) > landedAtOnce) return false;
  return !pages.some((page) => shareRecords(page, next));
}

/** True where a record is in both pages: then one is landed after the other. */
export function shareRecords(one: Page, other: Page): boolean {
  const known = new Set(idsOf(one));
  return idsOf(other).some((id) => known.has(id));
}

/** Pages as the last one of them, with the records of all, and with what there is to tell of any. */
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

/** The ids of a page's records, those whose content was refused too. */
export function idsOf({ records, rejected }: Page): number[] {
  return [...records, ...rejected].flatMap(({ id }) => id ?? []);
}

/**
 * A record waits for its turn as the bytes that it lands as, and what landing looks at: the objects that it is parsed into
 * take several times the memory, and making them and looking after them took longer than landing.
 */
function lightened(one: SourceRecord): SourceRecord {
  const { id, updateTime, deleted } = one;
  const record = one.glance ?? onlyGlanceKeys(one.record);
  return { id, updateTime, deleted, record, bytes: one.bytes ?? Buffer.from(JSON.stringify(one.record)) };
}

function onlyGlanceKeys(record: JsonObject): JsonObject {
  return Object.fromEntries(glanceKeys.filter((key) => Object.hasOwn(record, key)).map((key) => [key, record[key]!]));
}
