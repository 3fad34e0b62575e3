import { missingReferences } from "../../database/landing/association.ts";
import { pendingOrganizations } from "../../database/landing/pending.ts";
import { readCatalogEntry } from "../../database/tables/catalog.ts";
import { type Held, listWaitingOf } from "../../database/tables/consents.ts";
import { fewRecords } from "../../pipedrive/lists/read-by-ids.ts";
import type { StreamName } from "../../stream-name.ts";
import { extractRecords } from "../land/extract-records.ts";
import { extractStream, readingOrder } from "../land/extract-stream.ts";
import { refreshAsked } from "../land/refresh-asked.ts";
import type { ChangedRecord, EventsRequest, Run, SyncOutcome } from "../run-context.ts";
import { isFirstRun } from "../stream-progress.ts";
import { someDealMaySync } from "./bringing-deals.ts";
import { extractProducts, extractToldProducts } from "./extract-products.ts";
import { gatherOlder } from "./gather-older.ts";
import { readLean } from "./read-lean.ts";
import { remapIfChanged } from "./remap-if-changed.ts";
import { carryOut, runSync } from "./run-sync.ts";

/**
 * Syncs the records named by events. Deals are fetched by id, 100 per request. If one of them may sync, the changes of
 * organizations, persons and notes are read from their lists, one request each, because the landing is a replica. A
 * deal that did not change, or does not sync, costs only its own request. Before the first Fetch All is complete, this
 * continues it.
 */
export async function runEvents(request: EventsRequest): Promise<SyncOutcome> {
  if (await isFirstRun(request.database)) return runSync({ ...request, full: false, companies: [] });
  return carryOut(request, "incremental", collect);
}

async function collect(run: Run<EventsRequest>): Promise<void> {
  const { database, changed } = run.request;
  const held = await heldRowsOf(run);
  await extractChanged(run);
  await extractProductsOfEvents(run);
  if (held.length > 0) run.besideHeld = { held, organizations: await pendingOrganizations(database, changed) };
}

/**
 * Returns the rows that the brake stopped in an earlier run. Until the user consents or the mapping changes, only the
 * organizations of new events are applied: the rest would be stopped again, event after event.
 */
async function heldRowsOf({ request: { database, mapping, brake } }: Run<EventsRequest>): Promise<Held[]> {
  if (brake?.countsOnce !== true || brake.agreement !== undefined) return [];
  if ((await readCatalogEntry(database, "mapping")) !== mapping.fingerprint) return [];
  return listWaitingOf(database, "brake");
}

/** An event of a product names its deal: whether the deal itself changes with it is not documented. */
async function extractProductsOfEvents(run: Run<EventsRequest>): Promise<void> {
  const asked = await extractProducts(run);
  const told = run.request.changed.flatMap(({ stream, id }) =>
    stream === "deal_products" && !asked.has(id) ? [id] : [],
  );
  if (told.length > 0) await extractToldProducts(run, [...new Set(told)]);
}

async function extractChanged(run: Run<EventsRequest>): Promise<void> {
  const { database, mapping, changed } = run.request;
  const begun = new Date().toISOString();
  await remapIfChanged(run);
  const order = readingOrder(mapping);
  const idsOf = (stream: StreamName, only: (one: ChangedRecord) => boolean) =>
    [...new Set(changed.filter((one) => one.stream === stream && only(one)).map(({ id }) => id))].sort((a, b) => a - b);
  for (const stream of order) {
    const gone = new Set(idsOf(stream, ({ deleted }) => deleted));
    // The lists of the other streams show changes, but not deletions (facts of the API: deleted records).
    await extractRecords(run, stream, stream === "deals" ? idsOf(stream, () => true) : [...gone], gone);
  }
  const everyStream = await someDealMaySync(database, mapping.deals);
  for (const stream of order) {
    if (stream === "deals") continue;
    const told = idsOf(stream, ({ deleted }) => !deleted);
    if (everyStream || told.length > fewRecords) await extractStream(run, stream);
    else await extractRecords(run, stream, told, new Set());
  }
  if (!everyStream) return readLean(run);
  const deals = idsOf("deals", () => true);
  // A new record may be missing from a list for some seconds, although its deal is there.
  for (const stream of ["organizations", "persons"] as const) {
    if (!order.includes(stream)) continue;
    const missing = await missingReferences(database, stream, deals);
    const wanted = stream === "persons" ? missing.filter((id) => run.forgotten?.person(id) === undefined) : missing;
    await extractRecords(run, stream, wanted, new Set());
  }
  await readLean(run);
  await gatherOlder(run);
  if (run.request.startDate !== undefined) await readLean(run);
  await refreshAsked(run, begun);
}
