import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { type PlanhatClient, UnclearOutcome } from "../planhat/client.ts";
import { findIds } from "../planhat/find-ids.ts";
import { modelPaths } from "../planhat/model-paths.ts";
import { readOutcome } from "../planhat/outcome.ts";
import type { PublishedCounts } from "./planhat-summary.ts";

/** What became of one object: Planhat's `_id` of it, or why it was refused. */
export type SentObject = { id: string; created: boolean } | { refused: string };

/** So many calls may be spent on finding out which objects Planhat refuses, where it does not say. */
const mostIsolatingCalls = 300;
const mostTries = 8;

/**
 * Sends the objects of one bulk upsert, which must not exceed Planhat's limits, and finds out what became of each: the
 * objects that the answer tells nothing of are sent again in halves until each stands alone. Returns one result for each
 * object, in their order. Throws a Failure where Planhat cannot be asked.
 */
export async function sendObjects(
  client: PlanhatClient,
  model: ModelName,
  objects: readonly JsonObject[],
  counts: PublishedCounts,
): Promise<SentObject[]> {
  const sender = new Sender(client, model, counts);
  const results = await sender.send(objects);
  await sender.findMissingIds(objects, results);
  return results.map((result) => {
    if ("refused" in result) counts.rejected++;
    return result as SentObject;
  });
}

/** A result whose id may still have to be looked up. */
type Result = { id: string | undefined; created: boolean } | { refused: string };

class Sender {
  readonly #client: PlanhatClient;
  readonly #model: ModelName;
  readonly #counts: PublishedCounts;
  #isolating = 0;

  constructor(client: PlanhatClient, model: ModelName, counts: PublishedCounts) {
    this.#client = client;
    this.#model = model;
    this.#counts = counts;
  }

  async send(objects: readonly JsonObject[]): Promise<Result[]> {
    const { sent, answer } = await this.#call(objects);
    const outcome = readOutcome(sent, answer);
    this.#counts.created += outcome.created;
    this.#counts.updated += outcome.updated;
    this.#counts.unchanged += outcome.unchanged;
    const results: Result[] = objects.map((_object, place) => {
      const refused = outcome.refused.get(place);
      return refused === undefined
        ? (outcome.accepted.get(place) ?? { id: undefined, created: false })
        : { refused: `Planhat refused it: ${refused}` };
    });
    const unclear = outcome.unclear;
    if (unclear.length === 0) return results;
    if (objects.length === 1) {
      const told = [...new Set(outcome.unnamed)].join("; ");
      return [{ refused: told === "" ? dropped : `Planhat refused it: ${told}` }];
    }
    // When nothing else was in the batch, sending all of it again would tell nothing new.
    const parts = unclear.length === 1 ? [unclear] : halves(unclear);
    for (const part of parts) {
      this.#isolating++;
      if (this.#isolating > mostIsolatingCalls) throw this.#tooMany();
      const again = await this.send(part.map((place) => objects[place]!));
      part.forEach((place, index) => {
        results[place] = again[index]!;
      });
    }
    return results;
  }

  /** Planhat tells no id of what was the same already: such objects are looked up, and are dropped if not there. */
  async findMissingIds(objects: readonly JsonObject[], results: Result[]): Promise<void> {
    const missing = results.flatMap((result, place) => ("id" in result && result.id === undefined ? [place] : []));
    if (missing.length === 0) return;
    const known = await this.#findIds(missing.map((place) => objects[place]!));
    for (const place of missing) {
      const id = known.get(this.#keyOf(objects[place]!));
      results[place] = id === undefined ? { refused: dropped } : { id, created: false };
    }
  }

  /**
   * Notes have no key that a bulk upsert finds them by, so those without `_id` are looked for first: a run that died
   * between call and commit has made them already. For the same reason a call that made notes is not sent again blindly.
   */
  async #call(objects: readonly JsonObject[]): Promise<{ sent: JsonObject[]; answer: JsonObject }> {
    const { path, things } = modelPaths[this.#model];
    for (let tries = 1; ; tries++) {
      const sent = this.#model === "note" ? await this.#withIds(objects) : [...objects];
      const repeatable = this.#model !== "note" || sent.every(({ _id }) => _id !== undefined);
      try {
        const { body } = await this.#client.upsert(path, JSON.stringify(sent), things, { repeatable });
        return { sent, answer: body };
      } catch (error) {
        if (!(error instanceof UnclearOutcome)) throw error;
        if (tries === mostTries) throw error.failure;
      }
    }
  }

  async #withIds(objects: readonly JsonObject[]): Promise<JsonObject[]> {
    const unknown = objects.filter(({ _id }) => _id === undefined);
    if (unknown.length === 0) return [...objects];
    const known = await this.#findIds(unknown);
    return objects.map((object) => {
      const id = object["_id"] === undefined ? known.get(this.#keyOf(object)) : undefined;
      return id === undefined ? object : { _id: id, ...object };
    });
  }

  #findIds(objects: readonly JsonObject[]): Promise<Map<string, string>> {
    const companyIds = objects.flatMap(({ companyId }) => (typeof companyId === "string" ? [companyId] : []));
    return findIds(this.#client, this.#model, companyIds);
  }

  #keyOf(object: JsonObject): string {
    return String(object[this.#model === "note" ? "externalId" : "sourceId"]);
  }

  #tooMany(): Failure {
    const { things } = modelPaths[this.#model];
    return new Failure(
      "run",
      `Planhat (${this.#client.host}) refuses so many ${things} without saying which that looking for each was given up after ${mostIsolatingCalls} calls.`,
      {
        hint: "What it took is kept. The reasons it gives are among the rejections; a wrong mapping is the usual cause.",
        remedy: "change",
      },
    );
  }
}

const dropped = "Planhat answered that all is well and did not keep it (dropped without a word)";

function halves(places: readonly number[]): number[][] {
  const middle = Math.ceil(places.length / 2);
  return [places.slice(0, middle), places.slice(middle)];
}
