import { isDeepStrictEqual } from "node:util";
import type { Queryable } from "../../database/database.ts";
import { rewriteTables } from "../../database/forget/rewrite-tables.ts";
import { broughtAmong, dealsBringing, notesOn, personsOfOrganizations } from "../../database/landing/association.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { countLean, idsWithRows, makeLean, namersOf, nextWhole } from "../../database/landing/lean-copies.ts";
import { productsOfDeals } from "../../database/landing/product-deals.ts";
import { ageCatalogEntry, readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { CompiledDeals } from "../../mapping/compiled-mapping.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { counted } from "../../text/counted.ts";
import { earlySkipReason } from "../decide/eligibility.ts";
import { noteArrived } from "../land/land.ts";
import { references } from "../land/record-graph.ts";
import type { Run, RunRequest } from "../run-context.ts";

/** Records looked at together. */
const recordsAtOnce = 2000;

/** Seconds for which a look at the whole landing holds: it meets records that lost their deal in another way. */
const wholeLookHolds = 86_400;

/** The part of a table's records from which it is rewritten, so that their dead copies leave its file. */
const rewrittenFrom = 0.1;

const lookKey = "thinned";

/**
 * Prepares a run with `landing: eligible`: it notes what lands, or, if it reads whole lists, looks at everything at its
 * end, and so does the run after it if it does not come that far.
 */
export async function beginThinning(run: Run<RunRequest>): Promise<void> {
  const { request, summary } = run;
  if (request.landing !== "eligible" || request.database.rehearsal) return;
  if (summary.mode === "full" || summary.mode === "sweep")
    await ageCatalogEntry(request.database, lookKey, wholeLookHolds);
  run.arrived = new Map();
}

/**
 * With `landing: eligible`, takes the landed copies of records that no deal brings which may sync down to ids,
 * references, states and times. A copy stays whole if it became a row, which is kept, or if one that stays whole names
 * it. Looks at what has landed in this run and at what lost its deal; at the whole landing after whole lists, for
 * another choice of deals, and once a day.
 */
export async function thinLanding(run: Run<RunRequest>): Promise<void> {
  const { arrived, request } = run;
  if (arrived === undefined) return;
  const { database, mapping, signal } = request;
  const { direction, statuses, pipelineIds } = mapping.deals;
  const choice = { direction, statuses, pipelineIds };
  const last = await readCatalogEntry(database, lookKey, wholeLookHolds);
  const isWhole = !isDeepStrictEqual(last, JSON.parse(JSON.stringify(choice)));
  if (!isWhole) await noteLeft(run);
  const rewritten: string[] = [];
  for (const stream of streamNames) {
    let thinned = 0;
    let looked = 0;
    const ids = isWhole ? wholeCopies(database, stream) : inParts([...(arrived.get(stream) ?? [])]);
    for await (const some of ids) {
      // Who stops a run does not wait for this: the next run looks at everything.
      if (signal.aborted) return ageCatalogEntry(database, lookKey, wholeLookHolds);
      const reached = await reachedAmong(database, mapping.deals, stream, some);
      const left = some.filter((id) => !reached.has(id));
      looked += some.length;
      if (left.length === 0) continue;
      thinned += await commitRun(database, run.id, (transaction) => makeLean(transaction, stream, left));
    }
    if (isWhole && thinned > looked * rewrittenFrom) rewritten.push(`pipedrive.${stream}`);
  }
  if (!isWhole) return;
  await saveCatalogEntry(database, lookKey, choice);
  if (rewritten.length > 0) await rewriteTables(database, rewritten);
}

/** Counts the lean copies, and says how they become whole if the config no longer wants them. */
export async function tellLean({ arrived, anyLean, request, summary }: Run<RunRequest>): Promise<void> {
  if (anyLean !== true && arrived === undefined) return;
  const lean = await countLean(request.database);
  const records = Object.values(lean).reduce((sum, count) => sum + count, 0);
  if (records === 0) return;
  summary.lean = lean;
  if (request.landing !== "full") return;
  const what = `Of ${counted(records, "record")} only ids, references and times are kept, since landing was eligible.`;
  request.onWarning?.(`${what} What deals need is read by ids; \`pipedrive-planhat sync --full\` reads all whole.`);
}

/** Adds to what has landed what the deals among it may have brought before they changed. */
async function noteLeft(run: Run<RunRequest>): Promise<void> {
  const { database, mapping } = run.request;
  for (const ids of inParts([...(run.arrived?.get("deals") ?? [])])) {
    const landed = await readLanded(database, "deals", ids, ["custom_fields"]);
    const left = landed.filter(({ record, deleted }) => earlySkipReason(mapping.deals, record, deleted) !== undefined);
    const organizations = references(left, "org_id");
    const persons = [...references(left, "person_id"), ...(await personsOfOrganizations(database, organizations))];
    const deals = left.map(({ id }) => id);
    const notes = await notesOn(database, { deals, organizations, persons });
    const products = await productsOfDeals(database, deals);
    noteArrived(run, "organizations", organizations);
    noteArrived(run, "persons", persons);
    for (const [stream, found] of [
      ["notes", notes],
      ["deal_products", products],
    ] as const) {
      noteArrived(
        run,
        stream,
        found.map(({ id }) => id),
      );
    }
  }
  for (const persons of inParts([...(run.arrived?.get("persons") ?? [])])) {
    const notes = await notesOn(database, { deals: [], organizations: [], persons });
    noteArrived(
      run,
      "notes",
      notes.map(({ id }) => id),
    );
  }
}

/** Returns those of the given records that stay whole. */
export async function reachedAmong(
  queryable: Queryable,
  deals: CompiledDeals,
  stream: StreamName,
  ids: readonly number[],
): Promise<Set<number>> {
  const reached = await ownReachedAmong(queryable, deals, stream, ids);
  const namers = await namersOf(
    queryable,
    stream,
    ids.filter((id) => !reached.has(id)),
  );
  for (const from of ["persons", "notes"] as const) {
    const naming = namers.filter((one) => one.from === from);
    for (const some of inParts([...new Set(naming.map(({ id }) => id))])) {
      const whole = await ownReachedAmong(queryable, deals, from, some);
      for (const { id, named } of naming) if (whole.has(id)) reached.add(named);
    }
  }
  return reached;
}

/** Returns those of the given records that a deal brings which may sync, or that became rows. */
async function ownReachedAmong(
  queryable: Queryable,
  deals: CompiledDeals,
  stream: StreamName,
  ids: readonly number[],
): Promise<Set<number>> {
  const bringing = [...new Set((await dealsBringing(queryable, stream, ids)).map(({ dealId }) => dealId))];
  const landed = await readLanded(queryable, "deals", bringing, ["custom_fields"]);
  const eligible = landed.filter(({ record, deleted }) => earlySkipReason(deals, record, deleted) === undefined);
  const reached = await idsWithRows(queryable, stream, ids);
  const dealIds = eligible.map(({ id }) => id);
  for (const id of await broughtAmong(queryable, stream, ids, dealIds)) reached.add(id);
  return reached;
}

async function* wholeCopies(queryable: Queryable, stream: StreamName): AsyncGenerator<number[], void> {
  for (let after = 0; ; ) {
    const ids = await nextWhole(queryable, stream, { after, limit: recordsAtOnce });
    if (ids.length === 0) return;
    yield ids;
    after = ids.at(-1)!;
  }
}

function* inParts(ids: readonly number[]): Generator<number[], void> {
  for (let start = 0; start < ids.length; start += recordsAtOnce) yield ids.slice(start, start + recordsAtOnce);
}
