import type { Database } from "../../database/database.ts";
import {
  addPlannedObjects,
  countTaken,
  createPlannedObjects,
  readPlannedObjects,
} from "../../database/rehearsal/planned-objects.ts";
import type { OutboxRow } from "../../database/rows/published.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, modelNames, parentOf } from "../../model-name.ts";
import type { PlanhatClient } from "../../planhat/client.ts";
import { companiesAtOnce, findIds } from "../../planhat/find-ids.ts";
import type { KnownIds } from "../../planhat/known-ids.ts";
import { listAll } from "../../planhat/lists.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import type { PlannedPublication, Twin, UnknownObject } from "../planned.ts";
import type { SentObject } from "./send-objects.ts";

/** Limits above which a whole list is read: objects requested one by one, and lists of companies. */
const mostSingly = 20;
const mostLists = 20;

/** Objects that a plan names, of those that nothing here becomes. */
const mostUnknown = 1000;

/** Prefix of the id of an object that would be created. */
const made = "planned ";

/** Returns whether an id stands for an object that would be created. */
export function isRehearsedId(id: string): boolean {
  return id.startsWith(made);
}

/** A row that would be sent, and its object. */
export interface RehearsedLetter {
  row: OutboxRow;
  object: JsonObject;
}

/**
 * A tenant for a dry run: it accepts everything that is published and only counts. Unknown state of the real tenant is
 * requested with GETs only.
 */
export class RehearsedTenant {
  readonly #database: Database;
  readonly #client: PlanhatClient;
  readonly #knownIds: KnownIds;
  readonly #planned: PlannedPublication;
  readonly #listed = new Set<ModelName>();
  /** Planhat's ids of companies that are taken over, by source id. */
  readonly #taken = new Map<string, string>();

  constructor(parts: { database: Database; client: PlanhatClient; knownIds: KnownIds; planned: PlannedPublication }) {
    this.#database = parts.database;
    this.#client = parts.client;
    this.#knownIds = parts.knownIds;
    this.#planned = parts.planned;
  }

  /** Records which new companies the real tenant has, by source id, and the possible twins. */
  takeOver(taken: ReadonlyMap<string, string>, twins: readonly Twin[]): void {
    for (const [sourceId, id] of taken) this.#taken.set(sourceId, id);
    this.#planned.twins.push(...twins);
  }

  /** Records what the tenant has and nothing here becomes. */
  tellUnknown(objects: readonly UnknownObject[]): void {
    this.#planned.unknown.push(...objects.slice(0, mostUnknown));
  }

  /** Counts a deal whose amounts Planhat computes from its line items. */
  countComputed(lineItems: number): void {
    this.#planned.computed.deals++;
    this.#planned.computed.lineItems += lineItems;
  }

  /** Counts the objects to send. Returns each object's id, or a placeholder if it would be created. */
  async send(model: ModelName, letters: readonly RehearsedLetter[]): Promise<SentObject[]> {
    const counts = this.#planned.published[model];
    const gone = await this.#gone(
      model,
      letters.map(({ row }) => row.planhatId),
    );
    const parent = parentOf[model];
    const parentsGone =
      parent &&
      (await this.#gone(
        parent,
        letters.map(({ row }) => row.parentPlanhatId),
      ));
    const isLost = ({ row: { planhatId } }: RehearsedLetter) => planhatId === null || gone.has(planhatId);
    const there = await this.#idsThere(model, letters.filter(isLost));
    return letters.map((letter): SentObject => {
      const { row, object } = letter;
      const { parentPlanhatId } = row;
      if (parentPlanhatId !== null && parentsGone?.has(parentPlanhatId) === true) {
        const { thing } = modelPaths[parent!];
        return { refused: `Planhat does not have its ${thing} any more`, parentGone: parentPlanhatId };
      }
      const id = isLost(letter) ? there.get(keyOf(model, object)) : row.planhatId!;
      const isFirst = !row.isKnown || row.planhatId === null || (model === "company" && this.#taken.has(row.sourceId));
      const action = id === undefined ? "create" : isFirst ? "take_over" : "update";
      counts[action]++;
      this.#planned.objects?.push({ model, source_id: row.sourceId, action });
      return { id: id ?? `${made}${model} ${row.sourceId}`, created: id === undefined };
    });
  }

  /**
   * Returns the ids that the real tenant no longer has. Many ids are not checked: a plan must not cost more than a
   * sync.
   */
  async #gone(model: ModelName, ids: readonly (string | null)[]): Promise<ReadonlySet<string>> {
    const asked = new Set(ids.filter((id) => id !== null && !isRehearsedId(id)) as string[]);
    return asked.size > mostSingly ? new Set() : this.#knownIds.gone(model, asked);
  }

  /** Counts an object that would be removed. */
  remove(model: ModelName, planhatId: string): boolean {
    const isThere = !isRehearsedId(planhatId);
    if (isThere) {
      this.#planned.deleted[model]++;
      this.#planned.objects?.push({ model, source_id: planhatId, action: "remove" });
    }
    return isThere;
  }

  /** Counts, at the end, the objects that stay unchanged. */
  async end(): Promise<void> {
    const taken = await countTaken(this.#database);
    for (const model of modelNames) {
      const counts = this.#planned.published[model];
      counts.same = taken.get(model)! - counts.create - counts.take_over - counts.update;
    }
  }

  /** Returns the ids of objects that Planhat has although they were never published from here, by their keys. */
  async #idsThere(model: ModelName, letters: readonly RehearsedLetter[]): Promise<ReadonlyMap<string, string>> {
    if (model === "company") return this.#taken;
    const unknown = letters.filter(
      ({ row: { parentPlanhatId } }) => parentPlanhatId !== null && !isRehearsedId(parentPlanhatId),
    );
    if (unknown.length === 0) return new Map();
    if (!this.#listed.has(model)) {
      if (unknown.length <= mostSingly) return this.#findSingly(model, unknown);
      const companies = [...new Set(unknown.map(({ row }) => row.parentPlanhatId!))];
      const isByCompany = parentOf[model] === "company" && companies.length <= mostLists * companiesAtOnce;
      if (isByCompany) return findIds(this.#client, model, companies);
      await this.#list(model);
    }
    const keys = unknown.map(({ object }) => keyOf(model, object));
    return readPlannedObjects(this.#database, model, keys);
  }

  async #findSingly(model: ModelName, letters: readonly RehearsedLetter[]): Promise<Map<string, string>> {
    const { path, things } = modelPaths[model];
    const found = new Map<string, string>();
    for (const { object } of letters) {
      const key = keyOf(model, object);
      const one = await this.#client.find(path, `${model === "note" ? "extid" : "srcid"}-${key}`, things);
      if (typeof one?.["_id"] === "string") found.set(key, one["_id"]);
    }
    return found;
  }

  async #list(model: ModelName): Promise<void> {
    const { path, things, largestPage } = modelPaths[model];
    const name = keyName(model);
    await createPlannedObjects(this.#database);
    for await (const page of listAll(
      this.#client,
      path,
      { limit: largestPage, select: `_id,${name}`, sort: "_id" },
      things,
    )) {
      const objects = page.flatMap(({ _id, [name]: key }) =>
        typeof _id === "string" && typeof key === "string" ? [{ key, id: _id }] : [],
      );
      await addPlannedObjects(this.#database, model, objects);
    }
    this.#listed.add(model);
  }
}

function keyName(model: ModelName): "externalId" | "sourceId" {
  return model === "note" ? "externalId" : "sourceId";
}

function keyOf(model: ModelName, object: JsonObject): string {
  return String(object[keyName(model)]);
}
