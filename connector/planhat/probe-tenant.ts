import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import type { PlanhatClient } from "./client.ts";
import type { Finding } from "./finding.ts";
import { listAll } from "./lists.ts";
import { modelPaths, publishingOrder } from "./model-paths.ts";
import { probedItems, testProduct } from "./points-of-deals.ts";
import type { ProbeTenant, UnverifiedPoint } from "./unverified-points.ts";

/** The result for a point: the finding, the failure, or that it has no probe. */
export type ProbeResult = { point: UnverifiedPoint } & (Finding | { failed: string } | { untried: true });

/** The key of everything that probes create, so that the remains of a killed probe are found. */
const mark = "pipedrive-planhat-probe";
const testCompany = { sourceId: mark, name: "Test company of pipedrive-planhat (may be deleted)" };

/**
 * Runs the probes of the given points one after the other on a test company, then removes it with everything that
 * belongs to it, whatever happens. A probe that fails is reported and the next one runs. The remains of an earlier run
 * that was killed are removed first. `remover` is a client that continues when the run is stopped. Throws a Failure if
 * the company can be neither created nor removed.
 */
export async function probeTenant(
  client: PlanhatClient,
  remover: PlanhatClient,
  points: readonly UnverifiedPoint[],
): Promise<ProbeResult[]> {
  await removeTestCompany(remover);
  const results: ProbeResult[] = [];
  try {
    const tenant = await makeTestCompany(client);
    for (const point of points) results.push(await probe(tenant, point));
  } finally {
    await removeTestCompany(remover);
  }
  return results;
}

async function probe(tenant: ProbeTenant, point: UnverifiedPoint): Promise<ProbeResult> {
  if (point.probe === undefined) return { point, untried: true };
  try {
    return { point, ...(await point.probe(tenant)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { message, quoted } = error;
    return { point, failed: quoted === undefined ? message : `${message} It said: ${quoted}` };
  }
}

async function makeTestCompany(client: PlanhatClient): Promise<ProbeTenant> {
  const put: ProbeTenant["put"] = async (model, items) => {
    const { path, things } = modelPaths[model];
    return (await client.upsert(path, JSON.stringify(items), things, { repeatable: true })).body;
  };
  const read: ProbeTenant["read"] = (model, key) =>
    client.find(modelPaths[model].path, `srcid-${mark}-${model}-${key}`, modelPaths[model].things);
  const readCompany = () => findTestCompany(client);
  const answer = await put("company", [testCompany]);
  const companyId = (await readCompany())?.["_id"];
  if (typeof companyId !== "string") {
    throw new Failure(
      "run",
      `Planhat (${client.host}) did not make the test company, or does not find it by its source id: ${JSON.stringify(answer).slice(0, 300)}.`,
      { hint: "Nothing was probed.", remedy: "report" },
    );
  }
  return {
    client,
    companyId,
    company: testCompany,
    item: (model, key, values = {}) => ({ sourceId: `${mark}-${model}-${key}`, companyId, ...values }),
    note: (key, values) => ({ type: "note", externalId: `${mark}-${key}`, companyId, ...values }),
    put,
    read,
    readCompany,
    notes: () => objectsOf(client, "note", companyId),
  };
}

/**
 * Removes the test company, its own objects first: whether Planhat deletes them with it is not documented. Does nothing
 * if it does not exist.
 */
async function removeTestCompany(client: PlanhatClient): Promise<void> {
  const companyId = (await findTestCompany(client))?.["_id"];
  if (typeof companyId !== "string") return;
  try {
    for (const model of publishingOrder.toReversed()) {
      const { path, things } = modelPaths[model];
      const ids = model === "company" ? [companyId] : (await objectsOf(client, model, companyId)).map(({ _id }) => _id);
      for (const id of ids) if (typeof id === "string") await client.delete(path, id, things);
      if (model === "lineitem") await removeItemsAndProduct(client);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.kind, `The test company could not be removed from Planhat. ${error.message}`, {
      hint: `Delete “${testCompany.name}” (${companyId}) there, or run the same again.`,
      remedy: "change",
      cause: error,
    });
  }
}

/**
 * Removes line items that the list of the company leaves out, because they have no company, or no deal, and the test
 * product. Does nothing if the tenant has no line items.
 */
async function removeItemsAndProduct(client: PlanhatClient): Promise<void> {
  const { path, things } = modelPaths.lineitem;
  if ((await client.probe(path, things)) !== "readable") return;
  const remove = async (where: { path: string; things: string }, sourceId: string) => {
    const id = (await client.find(where.path, `srcid-${sourceId}`, where.things))?.["_id"];
    if (typeof id === "string") await client.delete(where.path, id, where.things);
  };
  for (const key of probedItems) await remove(modelPaths.lineitem, `${mark}-lineitem-${key}`);
  await remove(testProduct, testProduct.sourceId);
}

function findTestCompany(client: PlanhatClient): Promise<JsonObject | undefined> {
  const { path, things } = modelPaths.company;
  return client.find(path, `srcid-${mark}`, things);
}

/** Returns the test company's objects of a model; none if the tenant has no such model. */
async function objectsOf(client: PlanhatClient, model: ModelName, companyId: string): Promise<JsonObject[]> {
  const { path, things, largestPage } = modelPaths[model];
  if ((await client.probe(path, things)) !== "readable") return [];
  const found: JsonObject[] = [];
  const query = { limit: largestPage, companyId, sort: "_id" };
  for await (const page of listAll(client, path, query, things)) {
    // A tenant that ignores the filter must not lose anything else.
    found.push(...page.filter((object) => object["companyId"] === companyId));
  }
  return found;
}
