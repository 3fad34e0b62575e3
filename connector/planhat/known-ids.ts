import type { ModelName } from "../model-name.ts";
import type { PlanhatClient } from "./client.ts";
import { listAll } from "./lists.ts";
import { modelPaths } from "./model-paths.ts";

/** Objects up to which single requests are used; above it the whole list is read, ids only. */
const mostSingly = 20;

/** The known `_id`s of one model. */
interface Ids {
  known: Set<string>;
  gone: Set<string>;
}

/** Finds objects that were deleted or merged in Planhat. Results are cached: an instance lives no longer than a run. */
export class KnownIds {
  readonly #client: PlanhatClient;
  readonly #ids = new Map<ModelName, Ids>();

  constructor(client: PlanhatClient) {
    this.#client = client;
  }

  /** Returns true if an `_id` is known to be missing in Planhat. */
  isGone(model: ModelName, id: string): boolean {
    return this.#of(model).gone.has(id);
  }

  /**
   * Returns those of the given `_id`s that Planhat does not know; `listed` always reads the whole list. Throws a
   * Failure if Planhat cannot be asked or has no such list at all: then nothing is known to be gone.
   */
  async gone(model: ModelName, ids: Iterable<string>, { listed = false } = {}): Promise<Set<string>> {
    const { known, gone } = this.#of(model);
    const wanted = new Set(ids);
    const unknown = [...wanted].filter((id) => !known.has(id) && !gone.has(id));
    const singly = unknown.length === 0 || (unknown.length <= mostSingly && !listed);
    const missing = singly ? unknown : await this.#missingFromList(model, unknown);
    // A list that changes while it is read may have skipped some: check them one by one.
    if (missing.length <= mostSingly) await this.#ask(model, missing);
    else for (const id of missing) gone.add(id);
    return new Set([...wanted].filter((id) => gone.has(id)));
  }

  async #missingFromList(model: ModelName, ids: readonly string[]): Promise<string[]> {
    const { path, things, largestPage } = modelPaths[model];
    const { known } = this.#of(model);
    const query = { limit: largestPage, select: "_id", sort: "_id" };
    for await (const page of listAll(this.#client, path, query, things)) {
      for (const { _id } of page) if (typeof _id === "string") known.add(_id);
    }
    return ids.filter((id) => !known.has(id));
  }

  async #ask(model: ModelName, ids: readonly string[]): Promise<void> {
    const { path, things } = modelPaths[model];
    const { known, gone } = this.#of(model);
    const missing: string[] = [];
    for (const id of ids) {
      if ((await this.#client.find(path, id, things)) === undefined) missing.push(id);
      else known.add(id);
    }
    if (missing.length === 0) return;
    // Without such a list, every object of it gets the same answer.
    await this.#client.get(path, { limit: 1, select: "_id" }, things);
    for (const id of missing) gone.add(id);
  }

  #of(model: ModelName): Ids {
    const ids = this.#ids.get(model) ?? { known: new Set(), gone: new Set() };
    this.#ids.set(model, ids);
    return ids;
  }
}
