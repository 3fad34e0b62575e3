import { recordConflicts } from "../database/conflicts.ts";
import { holdFence } from "../database/fence.ts";
import { readLanded } from "../database/landing.ts";
import { readLinks } from "../database/links.ts";
import { storePublished, type UnknownCompany, unknownCompanies } from "../database/published.ts";
import { readRows, storeRows } from "../database/rows.ts";
import { fingerprintOf } from "../mapping/fingerprint.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { PlanhatClient } from "../planhat/client.ts";
import { listAll } from "../planhat/lists.ts";
import { modelPaths } from "../planhat/model-paths.ts";
import type { PlanhatConnection } from "./planhat-connection.ts";
import { adoptedEdit } from "./planhat-edits.ts";
import { selected, sentNames } from "./receive-companies.ts";
import type { Run, RunRequest } from "./run-sync.ts";
import { winnerOf } from "./three-way-merge.ts";

/** So many companies are asked for one by one; where more are new, all are listed, 5,000 a page. */
const mostSingly = 20;
/** Companies whose edits are stored in one transaction. */
const companiesAtOnce = 500;

/**
 * Takes in what Planhat holds of companies that are published for the first time, where the mapping sends any of their
 * fields: Planhat may have had them before, from its own integration. Where Pipedrive has another value `prefer` decides,
 * and the conflict is recorded; what Pipedrive says nothing of is taken. What the row takes travels to Pipedrive with the
 * next run, so that a plan shows it before.
 */
export async function adoptCompanies(run: Run<RunRequest>, { client }: PlanhatConnection): Promise<void> {
  const { database, mapping, signal } = run.request;
  const fields = sentNames(mapping);
  if (fields.length === 0) return;
  const unknown = await unknownCompanies(database);
  for await (const companies of readKnownThere(client, unknown, selected(fields))) {
    signal.throwIfAborted();
    await adopt(run, companies, fields);
  }
}

/** Those of the companies that Planhat has, with the source id that each has here. */
async function* readKnownThere(
  client: PlanhatClient,
  unknown: readonly UnknownCompany[],
  select: string,
): AsyncGenerator<Map<string, JsonObject>, void> {
  const { path, things, largestPage } = modelPaths.company;
  if (unknown.length <= mostSingly) {
    const found = new Map<string, JsonObject>();
    for (const { sourceId, planhatId } of unknown) {
      const company = await client.find(path, planhatId ?? `srcid-${sourceId}`, things);
      if (company !== undefined) found.set(sourceId, company);
    }
    if (found.size > 0) yield found;
    return;
  }
  const bySourceId = new Set(unknown.filter(({ planhatId }) => planhatId === null).map(({ sourceId }) => sourceId));
  const byPlanhatId = new Map(unknown.map(({ planhatId, sourceId }) => [planhatId, sourceId]));
  for await (const page of listAll(client, path, { limit: largestPage, select, sort: "_id" }, things)) {
    let found = new Map<string, JsonObject>();
    for (const company of page) {
      const { _id, sourceId } = company;
      const own = byPlanhatId.get(String(_id)) ?? (bySourceId.has(String(sourceId)) ? String(sourceId) : undefined);
      if (own !== undefined) found.set(own, company);
      if (found.size < companiesAtOnce) continue;
      yield found;
      found = new Map();
    }
    if (found.size > 0) yield found;
  }
}

async function adopt(
  run: Run<RunRequest>,
  companies: ReadonlyMap<string, JsonObject>,
  fields: readonly string[],
): Promise<void> {
  const { database, mapping } = run.request;
  const recordIds = [...companies.keys()].map(Number).filter(Number.isSafeInteger);
  const rows = await readRows(database, "company", [...companies.keys()]);
  const links = new Map((await readLinks(database, "organizations", recordIds)).map((one) => [one.recordId, one]));
  const landed = new Map((await readLanded(database, "organizations", recordIds)).map((one) => [one.id, one]));
  const adopted = rows.map((row) => {
    const company = companies.get(row.sourceId)!;
    const { updatedAt } = company;
    const winner = winnerOf(mapping.organizations, {
      pipedrive: landed.get(Number(row.sourceId))?.updateTime ?? null,
      planhat: typeof updatedAt === "string" ? updatedAt : null,
    });
    const base = links.get(Number(row.sourceId))?.base ?? undefined;
    return { row, company, edit: adoptedEdit(company, base, row, fields, winner) };
  });
  const writes = adopted.flatMap(({ edit }) => edit.write ?? []);
  let conflicts = 0;
  await database.transaction(async (transaction) => {
    await storeRows(transaction, "company", writes);
    await storePublished(
      transaction,
      "company",
      adopted.map(({ row, company, edit }) => ({
        sourceId: row.sourceId,
        planhatId: typeof company["_id"] === "string" ? company["_id"] : null,
        companyPlanhatId: null,
        version: null,
        // Not null, which says that Planhat refused it, and then it would be looked for by a key that it may not have yet.
        hash: fingerprintOf(edit.content ?? {}),
        fields: [],
        content: edit.content ?? {},
      })),
    );
    conflicts = 0;
    for (const { row, edit } of adopted) {
      const recordId = Number(row.sourceId);
      conflicts += await recordConflicts(transaction, run.id, "organizations", recordId, edit.conflicts);
    }
    await holdFence(transaction, run.id);
  });
  run.summary.sent.organizations.conflicts += conflicts;
  if (run.summary.planhat !== undefined) run.summary.planhat.received.companies += writes.length;
}
