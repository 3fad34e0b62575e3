import type { JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { models } from "../../planhat/models.ts";

/** The result for one object of a bulk upsert. */
export type UpsertResult = { id: string; created: boolean } | { refused: string };

/** A field that Planhat refused in an object that it accepted without it. */
export interface LeftOut {
  /** The field by Planhat's name, `custom.<name>` for custom ones. */
  field: string;
  reason: string;
}

/**
 * The result for an object that was refused as a whole: the part that Planhat accepted, or the reason why it accepts
 * none.
 */
export type Salvaged = { id: string; created: boolean; leftOut: LeftOut[] } | { refused: string };

/** Upserts per bulk of refused objects. */
const mostRounds = 16;

const keys: ReadonlySet<string> = new Set(["_id", "sourceId", "externalId", "companyId", "dealId", "type"]);

/**
 * Sends refused objects without the fields for which Planhat refuses them. These are the fields that the refusal names;
 * otherwise they are found by sending halves of the fields, then halves of those. All objects are tried together, one
 * upsert per round. An object that fails even with its keys and required fields alone stays refused, with the first
 * reason.
 */
export async function leaveOutRefused(
  model: ModelName,
  refused: readonly { object: JsonObject; reason: string }[],
  send: (objects: readonly JsonObject[]) => Promise<readonly UpsertResult[]>,
): Promise<Salvaged[]> {
  const searches = refused.map(({ object, reason }) => new Search(model, object, reason));
  for (let round = 1; round <= mostRounds; round++) {
    const open = searches.filter((search) => !search.isDone);
    if (open.length === 0) break;
    const results = await send(open.map((search) => search.trial()));
    open.forEach((search, index) => {
      search.take(results[index]!);
    });
  }
  return searches.map((search) => search.end());
}

/** The search for the fields for which one object is refused. */
class Search {
  readonly #object: JsonObject;
  readonly #reason: string;
  readonly #required: readonly string[];
  /** Optional fields without a result yet, in groups that are tried together, the next one first. */
  #groups: string[][];
  readonly #leftOut: LeftOut[] = [];
  #id: string | undefined;
  #created = false;
  #hopeless = false;
  /** True to try the required fields alone, because the refusal names no field. */
  #bare = false;

  constructor(model: ModelName, object: JsonObject, reason: string) {
    this.#object = object;
    this.#reason = reason;
    const properties = models[model];
    const fields = fieldsOf(object);
    this.#required = fields.filter((field) => keys.has(field) || properties.get(field)?.required === true);
    const optional = fields.filter((field) => !this.#required.includes(field));
    this.#groups = [optional];
    if (optional.length === 0) this.#hopeless = true;
    else if (!this.#dropNamed(reason)) this.#bare = true;
  }

  get isDone(): boolean {
    return this.#hopeless || (this.#id !== undefined && this.#groups.length === 0);
  }

  trial(): JsonObject {
    const fields = this.#bare ? [] : this.#groups[0]!;
    const object = withFields(this.#object, [...this.#required, ...fields]);
    return this.#id === undefined ? object : { _id: this.#id, ...object };
  }

  take(result: UpsertResult): void {
    if ("id" in result) {
      this.#created ||= result.created;
      this.#id = result.id;
      if (this.#bare) this.#groups = this.#groups.flatMap(halves);
      else this.#groups.shift();
      this.#bare = false;
    } else if (this.#bare) this.#hopeless = true;
    else if (!this.#dropNamed(result.refused)) this.#narrow(result.refused);
  }

  end(): Salvaged {
    if (this.#id === undefined) return { refused: this.#reason };
    const rest = this.#groups.flat().map((field) => ({ field, reason: this.#reason }));
    return { id: this.#id, created: this.#created, leftOut: [...this.#leftOut, ...rest] };
  }

  /** Leaves out the fields of the group that a refusal names. Returns false if it names none. */
  #dropNamed(reason: string): boolean {
    const [group = [], ...others] = this.#groups;
    const named = group.filter((field) => isNamed(reason, field));
    if (named.length === 0) return false;
    for (const field of named) this.#leftOut.push({ field, reason });
    const left = group.filter((field) => !named.includes(field));
    this.#groups = left.length === 0 ? others : [left, ...others];
    if (this.#groups.length === 0 && this.#id === undefined) this.#bare = true;
    return true;
  }

  #narrow(reason: string): void {
    const [group = [], ...others] = this.#groups;
    if (this.#id === undefined) {
      // Find out first whether any field is the reason.
      this.#bare = true;
    } else if (group.length === 1) {
      this.#leftOut.push({ field: group[0]!, reason });
      this.#groups = others;
    } else this.#groups = [...halves(group), ...others];
  }
}

function halves(fields: string[]): string[][] {
  const middle = Math.ceil(fields.length / 2);
  return [fields.slice(0, middle), fields.slice(middle)].filter((part) => part.length > 0);
}

/** Returns the fields of an object, custom ones as `custom.<name>`. */
export function fieldsOf(object: JsonObject): string[] {
  return Object.entries(object).flatMap(([name, value]) =>
    name === "custom" ? Object.keys(value as JsonObject).map((custom) => `custom.${custom}`) : [name],
  );
}

/** Returns the object with only these fields. */
export function withFields(object: JsonObject, fields: readonly string[]): JsonObject {
  const wanted = new Set(fields);
  const made = Object.fromEntries(Object.entries(object).filter(([name]) => wanted.has(name)));
  const custom = Object.entries((object["custom"] ?? {}) as JsonObject).filter(([name]) =>
    wanted.has(`custom.${name}`),
  );
  return custom.length === 0 ? made : { ...made, custom: Object.fromEntries(custom) };
}

/**
 * Returns whether a refusal names a field: by its whole path, or by its own name in quotation marks or before "is" and
 * the like.
 */
function isNamed(reason: string, field: string): boolean {
  const custom = field.startsWith("custom.") ? field.slice("custom.".length) : undefined;
  const isWhole = (text: string, name: string) =>
    new RegExp(`(?<![\\p{L}\\d_.-])${escaped(name)}(?![\\p{L}\\d_-])`, "u").test(text);
  if (custom !== undefined) return isWhole(reason, field) || new RegExp(`["'\`]${escaped(custom)}["'\`]`).test(reason);
  return (
    new RegExp(`["'\`]${escaped(field)}["'\`]`).test(reason) ||
    new RegExp(`(?:^|[:;] ?)${escaped(field)}(?: (?:is|must|has|was|cannot)\\b|:)`).test(reason)
  );
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
