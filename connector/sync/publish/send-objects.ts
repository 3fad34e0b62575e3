import { Failure } from "../../failure.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, parentOf } from "../../model-name.ts";
import { type PlanhatClient, UnclearOutcome } from "../../planhat/client.ts";
import { findIds } from "../../planhat/find-ids.ts";
import type { KnownIds } from "../../planhat/known-ids.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { readOutcome } from "../../planhat/outcome.ts";
import { PlanhatRefusal, RefusedCall } from "../../planhat/refusal.ts";
import type { LeftOut } from "../decide/leave-out-refused.ts";
import type { PublishedCounts } from "../planhat-summary.ts";

/**
 * The result for one object: Planhat's `_id`, or the reason of the refusal. `parentGone` is the `_id` of the company or
 * deal with which it was sent, if that is the reason. `leftOut` are fields without which it was accepted.
 */
export type SentObject =
  | { id: string; created: boolean; leftOut?: readonly LeftOut[] }
  | { refused: string; parentGone?: string };

/** Prefix of the reason if Planhat refused the content of an object. */
export const refusedByPlanhat = "Planhat refused it: ";

/** The inputs of a bulk upsert. */
export interface Upsert {
  client: PlanhatClient;
  model: ModelName;
  counts: PublishedCounts;
  knownIds: KnownIds;
  /** The `_id`s of companies that cannot have any of these objects yet. */
  newCompanies?: ReadonlySet<string>;
  /** The property by which an object names what it belongs to. */
  parentKey: string;
}

/** Calls that may be spent on isolating refused objects that Planhat does not name. */
const mostIsolatingCalls = 300;
const mostTries = 8;

/**
 * Sends the objects of one bulk upsert, within Planhat's limits, and returns one result for each, in their order.
 * Objects that the answer does not mention are sent again in halves until each stands alone. An object whose `_id`
 * Planhat no longer has is sent again without it, so that it is found by its key, or created. Throws a Failure if
 * Planhat cannot be reached.
 */
export async function sendObjects(upsert: Upsert, objects: readonly JsonObject[]): Promise<SentObject[]> {
  const sender = new Sender(upsert);
  const results = await sender.sendAndFind(objects);
  const again = [...placesOf(results, isGone), ...sharedPlaces(results).flat()];
  if (again.length > 0) {
    const anew = await sender.sendAndFind(again.map((place) => withoutId(objects[place]!)));
    again.forEach((place, index) => {
      results[place] = anew[index]!;
    });
    for (const [first, ...others] of sharedPlaces(results)) {
      const reason = takenForAnother(upsert.model, String(objects[first!]![keyOf(upsert.model)]));
      for (const place of others) results[place] = { refused: reason };
    }
  }
  return results.map((result): SentObject => {
    if (isGone(result)) return { refused: dropped };
    if ("refused" in result) return result;
    return { id: result.id!, created: result.created };
  });
}

/** Returns the reason for an object that Planhat takes for another one of the connector's, whose key is `other`. */
export function takenForAnother(model: ModelName, other: string): string {
  return `Planhat takes it for the same one of its ${modelPaths[model].things} as that of ${other}`;
}

/** A possibly incomplete result: an id to be looked up, or an object whose own `_id` is gone. */
type Result = { id: string | undefined; created: boolean } | { refused: string; parentGone?: string } | { gone: true };

class Sender {
  readonly #client: PlanhatClient;
  readonly #model: ModelName;
  readonly #counts: PublishedCounts;
  readonly #knownIds: KnownIds;
  readonly #parentKey: string;
  /** The companies whose notes need no look at all before the first call. */
  #newCompanies: ReadonlySet<string>;
  #isolating = 0;

  constructor({ client, model, counts, knownIds, newCompanies = new Set(), parentKey }: Upsert) {
    this.#newCompanies = newCompanies;
    this.#parentKey = parentKey;
    this.#client = client;
    this.#model = model;
    this.#counts = counts;
    this.#knownIds = knownIds;
  }

  /** Sends objects, and looks up the ids that the answers do not contain. */
  async sendAndFind(objects: readonly JsonObject[]): Promise<Result[]> {
    const results = await this.#send(objects);
    const refused = placesOf(results, (result) => "refused" in result && result.parentGone === undefined);
    await this.#noticeGone(objects, results, refused);
    await this.#findMissingIds(objects, results);
    return results;
  }

  async #send(objects: readonly JsonObject[]): Promise<Result[]> {
    const called = await this.#call(objects);
    if (called instanceof Failure) return this.#sendWithoutGone(objects, called);
    const outcome = readOutcome(called.sent, called.answer);
    this.#counts.created += outcome.created;
    this.#counts.updated += outcome.updated;
    this.#counts.unchanged += outcome.unchanged;
    const results: Result[] = objects.map((_object, place) => {
      const refused = outcome.refused.get(place);
      return refused === undefined
        ? (outcome.accepted.get(place) ?? { id: undefined, created: false })
        : { refused: `${refusedByPlanhat}${refused}` };
    });
    if (outcome.unclear.length === 0) return results;
    if (objects.length === 1) {
      const told = [...new Set(outcome.unnamed)].join("; ");
      return [{ refused: told === "" ? dropped : `${refusedByPlanhat}${told}` }];
    }
    const unclear = await this.#noticeGone(objects, results, outcome.unclear);
    // If the batch contained nothing else, sending all of it again would give no new information.
    const parts = unclear.length <= 1 || unclear.length < outcome.unclear.length ? [unclear] : halves(unclear);
    for (const part of parts) {
      if (part.length === 0) continue;
      this.#isolating++;
      if (this.#isolating > mostIsolatingCalls) throw this.#tooMany();
      await this.#sendPart(objects, results, part);
    }
    return results;
  }

  /** Sends the rest of a call that Planhat refused as a whole, without the objects that it no longer has. */
  async #sendWithoutGone(objects: readonly JsonObject[], failure: Failure): Promise<Result[]> {
    const results: Result[] = objects.map(() => ({ refused: failure.message }));
    const left = await this.#noticeGone(
      objects,
      results,
      objects.map((_object, place) => place),
    );
    if (left.length === objects.length) throw failure;
    if (left.length > 0) await this.#sendPart(objects, results, left);
    return results;
  }

  async #sendPart(objects: readonly JsonObject[], results: Result[], part: readonly number[]): Promise<void> {
    const again = await this.#send(part.map((place) => objects[place]!));
    part.forEach((place, index) => {
      results[place] = again[index]!;
    });
  }

  /** Marks the places whose object, or its company, Planhat no longer has. Returns the others. */
  async #noticeGone(objects: readonly JsonObject[], results: Result[], places: readonly number[]): Promise<number[]> {
    const idsOf = (key: string) =>
      places.flatMap((place) => (typeof objects[place]![key] === "string" ? [objects[place]![key]] : []));
    const gone = await this.#knownIds.gone(this.#model, idsOf("_id"));
    const parent = parentOf[this.#model];
    const parentsGone = parent && (await this.#knownIds.gone(parent, idsOf(this.#parentKey)));
    return places.filter((place) => {
      const { _id, [this.#parentKey]: parentId } = objects[place]!;
      if (typeof parentId === "string" && parentsGone?.has(parentId) === true) {
        const { thing } = modelPaths[parent!];
        results[place] = { refused: `Planhat does not have its ${thing} any more`, parentGone: parentId };
      } else if (typeof _id === "string" && gone.has(_id)) results[place] = { gone: true };
      else return true;
      return false;
    });
  }

  /**
   * Looks up missing ids: Planhat returns none for objects that were already equal. An object that is not found was
   * dropped. An object sent with an `_id` keeps it, unless Planhat does not know it: then it was created again, or
   * skipped.
   */
  async #findMissingIds(objects: readonly JsonObject[], results: Result[]): Promise<void> {
    const missing = placesOf(results, (result) => "id" in result && result.id === undefined);
    if (missing.length === 0) return;
    const ownId = (place: number) => objects[place]!["_id"];
    const gone = await this.#knownIds.gone(
      this.#model,
      missing.map(ownId).filter((id) => typeof id === "string"),
    );
    const wanted: number[] = [];
    for (const place of missing) {
      const id = ownId(place);
      if (typeof id === "string" && !gone.has(id)) results[place] = { id, created: false };
      else wanted.push(place);
    }
    if (wanted.length === 0) return;
    const known = await this.#findIds(wanted.map((place) => objects[place]!));
    for (const place of wanted) {
      const id = known.get(this.#keyOf(objects[place]!));
      if (id !== undefined) results[place] = { id, created: false };
      else if (typeof ownId(place) === "string") {
        if (this.#counts.unchanged > 0) this.#counts.unchanged--;
        results[place] = { gone: true };
      } else results[place] = { refused: dropped };
    }
  }

  /**
   * Calls the bulk upsert. Notes have no key by which it finds them, so they are looked up first: a run that died
   * between call and commit may have created them. Only before the first call a company that this run created has none.
   * For the same reason a call that created notes is not repeated blindly. Returns the failure of a call that Planhat
   * refuses as a whole.
   */
  async #call(objects: readonly JsonObject[]): Promise<{ sent: JsonObject[]; answer: JsonObject } | Failure> {
    const { path, things } = modelPaths[this.#model];
    for (let tries = 1; ; tries++) {
      const sent = this.#model === "note" ? await this.#withIds(objects) : [...objects];
      this.#newCompanies = new Set();
      const repeatable = this.#model !== "note" || sent.every(({ _id }) => _id !== undefined);
      try {
        const { body } = await this.#client.upsert(path, JSON.stringify(sent), things, { repeatable });
        return { sent, answer: body };
      } catch (error) {
        if (error instanceof RefusedCall || (error instanceof PlanhatRefusal && error.status === 404)) return error;
        if (!(error instanceof UnclearOutcome)) throw error;
        if (tries === mostTries) throw error.failure;
      }
    }
  }

  /** Returns notes with Planhat's `_id`; without one if it has none. */
  async #withIds(notes: readonly JsonObject[]): Promise<JsonObject[]> {
    const found = await this.#findIds(notes.filter(({ companyId }) => !this.#newCompanies.has(String(companyId))));
    const there = new Set(found.values());
    const elsewhere = notes.flatMap(({ _id }) => (typeof _id === "string" && !there.has(_id) ? [_id] : []));
    // A note that moves to another company is listed under the previous one.
    const gone = await this.#knownIds.gone("note", elsewhere);
    return notes.map((note) => {
      const { _id, ...content } = note;
      if (typeof _id === "string" && !gone.has(_id)) return note;
      const id = found.get(this.#keyOf(note));
      return id === undefined ? content : { _id: id, ...content };
    });
  }

  #findIds(objects: readonly JsonObject[]): Promise<Map<string, string>> {
    const companyIds = objects.flatMap(({ companyId }) => (typeof companyId === "string" ? [companyId] : []));
    return findIds(this.#client, this.#model, companyIds);
  }

  #keyOf(object: JsonObject): string {
    return String(object[keyOf(this.#model)]);
  }

  #tooMany(): Failure {
    const { things } = modelPaths[this.#model];
    return new Failure(
      "run",
      `Planhat (${this.#client.host}) rejected ${things} in bulk without naming which; isolating them was given up after ${mostIsolatingCalls} calls.`,
      {
        hint: "Accepted objects are kept. Read its reasons: pipedrive-planhat rejections list. A wrong mapping is the usual cause.",
        remedy: "change",
      },
    );
  }
}

const dropped = "Planhat answered that all is well and did not keep it (dropped without a word)";

function keyOf(model: ModelName): "externalId" | "sourceId" {
  return model === "note" ? "externalId" : "sourceId";
}

/** Returns the places of objects that share one `_id`, by group. */
function sharedPlaces(results: readonly Result[]): number[][] {
  const byId = new Map<string, number[]>();
  results.forEach((result, place) => {
    if (!("id" in result) || result.id === undefined) return;
    const places = byId.get(result.id);
    if (places === undefined) byId.set(result.id, [place]);
    else places.push(place);
  });
  return [...byId.values()].filter(({ length }) => length > 1);
}

function isGone(result: Result): result is { gone: true } {
  return "gone" in result;
}

function placesOf(results: readonly Result[], holds: (result: Result) => boolean): number[] {
  return results.flatMap((result, place) => (holds(result) ? [place] : []));
}

function withoutId({ _id, ...content }: JsonObject): JsonObject {
  return content;
}

function halves(places: readonly number[]): [number[], number[]] {
  const middle = Math.ceil(places.length / 2);
  return [places.slice(0, middle), places.slice(middle)];
}
