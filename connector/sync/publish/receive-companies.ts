import type { Queryable } from "../../database/database.ts";
import { type Hold, readHolds } from "../../database/history/holds.ts";
import type { StoredRow } from "../../database/row.ts";
import { forgetPlanhatIds } from "../../database/rows/planhat-ids.ts";
import { readPublishedCompanies, storeReceived } from "../../database/rows/published.ts";
import { storeRows } from "../../database/rows/store-rows.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { recordConflicts } from "../../database/tables/conflicts.ts";
import { commitRun } from "../../database/tables/fence.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { fingerprintOf } from "../../mapping/fingerprint.ts";
import { creatingTerm, sendingFields, sendingTerms } from "../../mapping/sending.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { listRecent } from "../../planhat/lists.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { externalIdOf } from "../../source-id.ts";
import { harmOfFields } from "../brake/harm-of.ts";
import { companyEdit, fromPlanhat, type TakenBack } from "../decide/planhat-edits.ts";
import { editedCompany } from "../decide/planned-change.ts";
import { receivedObjects } from "../decide/received-objects.ts";
import type { PlanhatConnection, Run, RunRequest } from "../run-context.ts";
import { receiveMade } from "./receive-made.ts";

/** The catalog's key for the progress of reading companies back. */
const markKey = "planhat_companies_read";

interface Mark {
  /** The newest `updatedAt` among the read companies. */
  newest: string;
  /** The fields that were compared; includes the creating term if new companies were read. */
  fields: string[];
}

/** Returns the names of the companies' fields that may be sent from Planhat to Pipedrive. */
export function sentNames({ organizations }: CompiledMapping): string[] {
  return [...new Set(sendingFields(organizations).map(({ field }) => field))];
}

/**
 * Reads companies back that changed in Planhat, if the mapping sends any of their fields. An edit made in Planhat then
 * changes the row, and the three-way merge treats it as Planhat's. The API has no filter by time, so the list is read
 * latest change first, up to the start of the last run; completely if the mapping sends other fields.
 */
export async function receiveCompanies(run: Run<RunRequest>, { client }: PlanhatConnection): Promise<void> {
  const { database, mapping, signal } = run.request;
  const fields = sentNames(mapping);
  if (fields.length === 0) return;
  const mark = (await readCatalogEntry(database, markKey)) as unknown as Mark | string | null | undefined;
  const makes = sendingTerms(mapping.organizations).includes(creatingTerm);
  const looked = makes ? [...fields, creatingTerm] : fields;
  const since = isMark(mark) && looked.every((field) => mark.fields.includes(field)) ? mark.newest : undefined;
  const { path, things, largestPage } = modelPaths.company;
  const select = selected(fields);
  let newest: string | undefined;
  for await (const page of listRecent(client, path, { select, limit: largestPage }, { things, since })) {
    signal.throwIfAborted();
    for (const { updatedAt } of page) {
      if (typeof updatedAt === "string" && (newest === undefined || updatedAt > newest)) newest = updatedAt;
    }
    await receivePage(run, page, fields);
    if (makes) await receiveMade(run, page, fields);
  }
  if (newest !== undefined && (newest !== since || !isMark(mark) || mark.fields.length !== looked.length)) {
    await saveCatalogEntry(database, markKey, { newest, fields: looked } satisfies Mark);
  }
}

/** Returns whether a mark has the present form: earlier versions stored the time alone, or null. */
function isMark(mark: Mark | string | null | undefined): mark is Mark {
  return typeof mark === "object" && mark !== null;
}

/** Returns the `select` parameter for companies that are compared by these fields. */
export function selected(fields: readonly string[]): string {
  const columns = fields.map((field) => (field.startsWith("custom.") ? "custom" : field));
  return ["_id", "sourceId", "updatedAt", ...new Set(columns)].join(",");
}

async function receivePage(
  run: Run<RunRequest>,
  page: readonly JsonObject[],
  fields: readonly string[],
): Promise<void> {
  const { database, mapping } = run.request;
  const texts = (key: string) => page.flatMap((company) => (typeof company[key] === "string" ? [company[key]] : []));
  const { owned, strangers } = receivedObjects(
    page,
    await readPublishedCompanies(database, texts("_id"), texts("sourceId")),
  );
  // What goes both ways goes between Planhat and Pipedrive: a company of another source belongs to that.
  const published = owned.filter(({ one }) => externalIdOf(one.sourceId) === undefined);
  await forget(run, strangers);
  const rows = new Map<string, StoredRow>(
    (
      await readRows(
        database,
        "company",
        published.map(({ one }) => one.sourceId),
      )
    ).map((row) => [row.sourceId, row]),
  );
  const { prefer } = mapping.organizations;
  const look = (taken: ReadonlyMap<string, TakenBack>) =>
    published.flatMap(({ one, company }) => {
      const row = rows.get(one.sourceId);
      if (row === undefined) return [];
      const winner = prefer === "newest" ? (isNewer(company, row) ? "planhat" : "pipedrive") : prefer;
      return [
        { one, company, row, edit: companyEdit({ company, row, fields, winner, taken: taken.get(one.sourceId) }, one) },
      ];
    });
  const found = look(new Map()).filter(({ edit }) => edit.content !== undefined);
  const held = await takenBack(
    database,
    found.map(({ one }) => one.sourceId),
  );
  const changed = held.size === 0 ? found : look(held).filter(({ edit }) => edit.content !== undefined);
  if (changed.length === 0) return;
  const writes = changed.flatMap(({ edit }) => fromPlanhat(edit.write));
  const changes = changed.flatMap(({ row, edit }) => editedCompany(row, edit.write));
  const emptied = changes.filter(({ fields }) => harmOfFields(fields) === "always");
  const harm = run.brake?.attempt();
  let conflicts = 0;
  await commitRun(database, run.id, async (transaction) => {
    await harm?.add(
      transaction,
      emptied.map(({ source_id: sourceId }) => ({ model: "company", sourceId, gone: false })),
    );
    await storeRows(transaction, run.history, "company", writes);
    await run.request.onEdits?.(transaction, changes);
    await storeReceived(
      transaction,
      changed.map(({ one, edit }) => ({
        sourceId: one.sourceId,
        hash: fingerprintOf(edit.content!),
        content: edit.content!,
      })),
    );
    conflicts = 0;
    for (const { one, edit } of changed) {
      const record = { stream: "organizations", recordId: Number(one.sourceId) } as const;
      conflicts += await recordConflicts(transaction, run.id, record, edit.conflicts);
    }
  });
  harm?.commit();
  for (const { one, company, edit } of changed) {
    const { updatedAt } = company;
    if (edit.write !== undefined && typeof updatedAt === "string")
      run.changedInPlanhat.set(Number(one.sourceId), updatedAt);
  }
  run.summary.sent.organizations.conflicts += conflicts;
  if (run.summary.planhat !== undefined) run.summary.planhat.received.companies += writes.length;
}

/** Returns the values that an undo took back from companies, by source id. */
export async function takenBack(database: Queryable, sourceIds: readonly string[]): Promise<Map<string, TakenBack>> {
  const taken = new Map<string, Map<string, Pick<Hold, "taken" | "restored">>>();
  for (const hold of await readHolds(database, ["company"], sourceIds)) {
    if (hold.field === null) continue;
    const fields = taken.get(hold.sourceId) ?? new Map<string, Pick<Hold, "taken" | "restored">>();
    taken.set(hold.sourceId, fields.set(hold.field, hold));
  }
  return taken;
}

/**
 * Removes the ids of rows whose object was replaced: the new object is taken over, like a new company, when the run
 * publishes.
 */
async function forget(run: Run<RunRequest>, sourceIds: readonly string[]): Promise<void> {
  if (sourceIds.length === 0) return;
  await commitRun(run.request.database, run.id, async (transaction) => {
    await forgetPlanhatIds(transaction, "company", sourceIds);
  });
}

function isNewer({ updatedAt }: JsonObject, row: StoredRow): boolean {
  return typeof updatedAt === "string" && Date.parse(updatedAt) > Date.parse(row.updatedAt);
}
