import type { Database } from "../../database/database.ts";
import { readHolds } from "../../database/history/holds.ts";
import { movedObjects } from "../../database/rows/published.ts";
import { type PublishedMark, publishedAmong, scanPublished } from "../../database/rows/published-scan.ts";
import { listRefusedObjects } from "../../database/tables/object-rejections.ts";
import { listRejections, publishStage } from "../../database/tables/rejections.ts";
import type { ModelName } from "../../model-name.ts";
import type { PlanhatClient } from "../../planhat/client.ts";
import { listAll } from "../../planhat/lists.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { dealOfProduct, externalIdOf, objectSourceId, sourceOf, streamsOf } from "../../source-id.ts";
import { toldRejection } from "../listed-rejection.ts";
import { type Difference, type Differences, unexplained } from "./differences.ts";

/** The inputs of comparing a model's table with Planhat. */
export interface PlanhatComparison {
  database: Database;
  client: PlanhatClient;
  signal: AbortSignal;
  differences: Differences;
}

/** Planhat's objects of one model by `_id`: the key by which each is found, or null for none. */
type Objects = Map<string, string | null>;

const otherId = "it was made again, or merged, in Planhat: sync --full takes the object over that has its key";
const keyPrefix = "pipedrive-note-";
const idsAtOnce = 5000;

/**
 * Reads the whole list of a model in Planhat and compares it with the table. Adds a difference for each row without an
 * object or with another id than known, and for each object without a row. Returns the number of objects in Planhat.
 * Throws a Failure if Planhat cannot be read completely; then it adds nothing.
 */
export async function comparePlanhat(comparison: PlanhatComparison, model: ModelName): Promise<number> {
  const objects = await readObjects(comparison, model);
  const count = objects.size;
  const idOfKey = new Map([...objects].flatMap(([id, key]) => (key === null ? [] : [[key, id] as const])));
  const matched = new Map<string, PublishedMark>();
  for await (const marks of scanPublished(comparison.database, model)) {
    comparison.signal.throwIfAborted();
    const absent: PublishedMark[] = [];
    for (const mark of marks) {
      const known = mark.planhatId !== null && objects.has(mark.planhatId) ? mark.planhatId : undefined;
      const id = known ?? idOfKey.get(mark.key ?? "");
      const other = id === undefined ? undefined : matched.get(id);
      // Two objects were merged in Planhat: the result belongs to the row whose key it has.
      const isTaken = other !== undefined && objects.get(id!) === other.key;
      if (id !== undefined && !isTaken) matched.set(id, mark);
      const lacking = id === undefined || isTaken ? mark : other;
      if (lacking !== undefined && lacking.sourceId !== null) absent.push(lacking);
      if (id === undefined || isTaken || mark.planhatId === null || id === mark.planhatId) continue;
      comparison.differences.add({ model, id: idOf(mark.sourceId!), kind: "id_differs", reason: otherId });
    }
    await addAbsent(comparison, model, absent);
  }
  for (const id of matched.keys()) objects.delete(id);
  await addRowless(comparison, model, objects);
  return count;
}

async function readObjects({ client, signal }: PlanhatComparison, model: ModelName): Promise<Objects> {
  const { path, things, largestPage } = modelPaths[model];
  const isNote = model === "note";
  const key = isNote ? "externalId" : "sourceId";
  // Emails and chats are conversations too (Planhat API, Note).
  const select = isNote ? `_id,${key},type` : `_id,${key}`;
  const objects: Objects = new Map();
  for await (const page of listAll(client, path, { limit: largestPage, select, sort: "_id" }, things)) {
    signal.throwIfAborted();
    for (const object of page) {
      const { _id, type } = object;
      const value = object[key];
      if (typeof _id !== "string" || (isNote && type !== "note")) continue;
      objects.set(_id, typeof value === "string" && value !== "" ? value : null);
    }
  }
  return objects;
}

/** Adds the rows that Planhat lacks. A row that Planhat accepted and that has not changed since is unexplained. */
async function addAbsent(
  { database, differences }: PlanhatComparison,
  model: ModelName,
  rows: readonly PublishedMark[],
): Promise<void> {
  if (rows.length === 0) return;
  const sources = rows.map(({ sourceId }) => sourceOf(model, sourceId!));
  const recorded = new Map<string, string>();
  for (const stream of streamsOf[model]) {
    const recordIds = sources.flatMap((one) =>
      one.stream === stream && Number.isSafeInteger(one.recordId) ? [one.recordId] : [],
    );
    for (const one of recordIds.length === 0 ? [] : await listRejections(database, { stream, recordIds })) {
      if (one.stage !== publishStage || one.model !== model) continue;
      recorded.set(`${stream} ${one.recordId}`, toldRejection(one));
    }
  }
  const externalIds = rows.flatMap(({ sourceId }) => externalIdOf(sourceId!) ?? []);
  const ofObjects = await listRefusedObjects(database, model, externalIds);
  const told = new Map(ofObjects.map((one) => [objectSourceId(one.externalId), toldRejection(one)]));
  for (const { sourceId, taken, waiting } of rows) {
    const pending = waiting && !taken ? "pending: it has not been published yet" : undefined;
    const { stream, recordId } = sourceOf(model, sourceId!);
    const reason = told.get(sourceId!) ?? recorded.get(`${stream} ${recordId}`) ?? pending ?? unexplained;
    differences.add({ model, id: idOf(sourceId!), kind: "not_in_planhat", reason });
  }
}

/** Adds the objects without a row. A published one is unexplained, unless its deal became the other model. */
async function addRowless({ database, differences }: PlanhatComparison, model: ModelName, objects: Objects) {
  const other = model === "license" ? "sale" : model === "sale" ? "license" : undefined;
  const moves = other === undefined ? [] : await movedObjects(database, model, other);
  const moved = new Set(moves.map(({ sourceId }) => sourceId));
  const all = [...objects];
  for (let start = 0; start < all.length; start += idsAtOnce) {
    const some = all.slice(start, start + idsAtOnce).map(([id, key]) => ({ id, sourceId: sourceIdOf(model, key) }));
    const sourceIds = some.flatMap(({ sourceId }) => sourceId ?? []);
    const published = await publishedAmong(database, model, sourceIds);
    const holds = await readHolds(database, [model], sourceIds);
    const held = new Set(holds.flatMap(({ field, sourceId }) => (field === null ? [sourceId] : [])));
    for (const { id, sourceId } of some) {
      if (sourceId === null) {
        differences.add({ model, id: `Planhat ${id}`, kind: "made_in_planhat", reason: "it has no source_id" });
        continue;
      }
      const reason = moved.has(sourceId)
        ? movedReason(sourceId, other)
        : held.has(sourceId)
          ? "its row is held since an undo"
          : published.has(sourceId)
            ? unexplained
            : "this connector did not publish it";
      differences.add({ model, id: idOf(sourceId), kind: "only_in_planhat", reason });
    }
  }
}

/** Returns why an object whose row went is still in Planhat. */
function movedReason(sourceId: string, other: ModelName | undefined): string {
  const now =
    dealOfProduct(sourceId) === undefined
      ? `a ${other}, or rows of its products,`
      : "a row of its own, or another model,";
  return `its deal is ${now} now: the next sync removes it`;
}

function sourceIdOf(model: ModelName, key: string | null): string | null {
  return model === "note" && key?.startsWith(keyPrefix) ? key.slice(keyPrefix.length) : key;
}

function idOf(sourceId: string): NonNullable<Difference["id"]> {
  return /^[1-9]\d{0,14}$/.test(sourceId) ? Number(sourceId) : sourceId;
}
