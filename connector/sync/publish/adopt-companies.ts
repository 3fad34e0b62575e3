import { readLanded } from "../../database/landing/landing.ts";
import { readLinks } from "../../database/rows/links.ts";
import { storePublished } from "../../database/rows/published.ts";
import { storeRows } from "../../database/rows/store-rows.ts";
import { readRows } from "../../database/rows/stored-row.ts";
import { recordConflicts } from "../../database/tables/conflicts.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { fingerprintOf } from "../../mapping/fingerprint.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { companyKeys } from "../../planhat/company-keys.ts";
import { listAll } from "../../planhat/lists.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { externalIdOf } from "../../source-id.ts";
import { adoptedEdit, fromPlanhat } from "../decide/planhat-edits.ts";
import { editedCompany } from "../decide/planned-change.ts";
import { winnerOf } from "../decide/three-way-merge.ts";
import type { Twin } from "../planned.ts";
import type { PlanhatConnection, Run, RunRequest } from "../run-context.ts";
import { Newcomers } from "./newcomers.ts";
import { selected, sentNames, takenBack } from "./receive-companies.ts";

/** Companies whose edits are stored in one transaction. */
const companiesAtOnce = 500;

/** The result of comparing new companies with Planhat's. */
export interface Survey {
  /** Companies that would be created there, and seem to exist already. */
  twins: Twin[];
  /**
   * Planhat's ids of existing companies, by source id; filled only in a dry run, where Planhat's answers do not give
   * them.
   */
  taken: ReadonlyMap<string, string>;
}

/**
 * Searches Planhat's companies for those that are published for the first time. Companies that exist, by Planhat's own
 * integration, are taken over: if the mapping sends any of their fields, Planhat's values go into the row. If Pipedrive
 * has another value, `prefer` decides and the conflict is recorded. The row's new values go to Pipedrive in the next
 * run, so that a plan shows them first. No request is sent if no company is new.
 */
export async function adoptCompanies(run: Run<RunRequest>, { client }: PlanhatConnection): Promise<Survey> {
  const { database, mapping, signal } = run.request;
  const fields = sentNames(mapping);
  const newcomers = await Newcomers.read(database);
  const taken = new Map<string, string>();
  if (newcomers.isEmpty) return { twins: [], taken };
  const { path, things, largestPage } = modelPaths.company;
  const select = selected([...new Set([...fields, "name", "web", "domains"])]);
  for await (const page of listAll(client, path, { limit: largestPage, select, sort: "_id" }, things)) {
    signal.throwIfAborted();
    const found: [string, JsonObject][] = [];
    const others: JsonObject[] = [];
    for (const company of page) {
      const own = newcomers.find(company);
      if (own === undefined) others.push(company);
      else found.push([own, company]);
    }
    await findTwins(run, newcomers, others);
    for (let start = 0; fields.length > 0 && start < found.length; start += companiesAtOnce) {
      await adopt(run, new Map(found.slice(start, start + companiesAtOnce)), fields);
    }
    if (database.rehearsal) for (const [own, { _id }] of found) taken.set(own, String(_id));
  }
  return { twins: newcomers.twins, taken };
}

/** Compares a page's companies without an owner with the new companies that may be the same. */
async function findTwins(
  { request: { database } }: Run<RunRequest>,
  newcomers: Newcomers,
  page: readonly JsonObject[],
): Promise<void> {
  const pairs = page.flatMap((company) => newcomers.likely(company).map((sourceId) => ({ sourceId, company })));
  if (pairs.length === 0) return;
  const ids = [...new Set(pairs.map(({ sourceId }) => sourceId))];
  const rows = new Map((await readRows(database, "company", ids)).map((row) => [row.sourceId, row]));
  for (const { sourceId, company } of pairs) {
    const { name = null, web, domains = null } = rows.get(sourceId)?.columns ?? {};
    const own = companyKeys({ name, web, domains: domains === null ? null : (JSON.parse(domains) as Json) });
    if (!companyKeys(company).some((key) => own.includes(key))) continue;
    const planhatName = typeof company["name"] === "string" ? company["name"] : null;
    newcomers.addTwin({ sourceId, name, planhatId: String(company["_id"]), planhatName });
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
  const held = await takenBack(database, [...companies.keys()]);
  const adopted = rows.map((row) => {
    const company = companies.get(row.sourceId)!;
    const { updatedAt } = company;
    const winner = winnerOf(mapping.organizations, {
      pipedrive: landed.get(Number(row.sourceId))?.updateTime ?? null,
      planhat: typeof updatedAt === "string" ? updatedAt : null,
    });
    const base = links.get(Number(row.sourceId))?.base ?? undefined;
    return { row, company, edit: adoptedEdit({ company, row, fields, winner, taken: held.get(row.sourceId) }, base) };
  });
  const writes = adopted.flatMap(({ edit }) => fromPlanhat(edit.write, "adopted"));
  let conflicts = 0;
  await commitRun(database, run.id, async (transaction) => {
    await storeRows(transaction, run.history, "company", writes);
    const changes = adopted.flatMap(({ row, edit }) => editedCompany(row, edit.write));
    await run.request.onEdits?.(transaction, changes);
    await storePublished(
      transaction,
      "company",
      adopted.map(({ row, company, edit }) => ({
        sourceId: row.sourceId,
        planhatId: typeof company["_id"] === "string" ? company["_id"] : null,
        parentPlanhatId: null,
        version: null,
        // Not null: that would mean that Planhat refused it, and it would be looked up by a key that it may not have
        // yet.
        hash: fingerprintOf(edit.content ?? {}),
        fields: [],
        content: edit.content ?? {},
      })),
    );
    conflicts = 0;
    for (const { row, edit } of adopted) {
      if (externalIdOf(row.sourceId) !== undefined) continue;
      const recordId = Number(row.sourceId);
      conflicts += await recordConflicts(transaction, run.id, { stream: "organizations", recordId }, edit.conflicts);
    }
  });
  run.summary.sent.organizations.conflicts += conflicts;
  if (run.summary.planhat !== undefined) run.summary.planhat.received.companies += writes.length;
}
