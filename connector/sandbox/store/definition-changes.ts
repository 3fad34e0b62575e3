import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ListedStream } from "../../stream-name.ts";
import {
  type CustomFieldInShort,
  customFieldCode,
  defineFields,
  type FieldDefinition,
  type FieldedStream,
  type OptionDefinition,
} from "../account/field-definition.ts";
import type { Seconds } from "../account/instant.ts";
import { toInstant } from "../account/instant.ts";
import type { Collection } from "./collection.ts";
import type { Entry } from "./entry.ts";

/** The part of the store with definitions and the records that changes of them touch. */
interface DefinedStore {
  readonly fields: Record<FieldedStream, FieldDefinition[]>;
  readonly pipelines: JsonObject[];
  readonly stages: JsonObject[];
  readonly collections: Record<ListedStream, Collection>;
  now(): Seconds;
  find(stream: ListedStream, matches: (entry: Entry) => boolean): JsonObject[];
}

/**
 * The changes of the account's users to its definitions. None of them changes a record's `update_time` (Pipedrive:
 * renaming an option touches no record), so no incremental read shows their effects in records.
 */
export class DefinitionChanges {
  readonly #store: DefinedStore;
  /**
   * The fate of an option's id in records when it is deleted: it stays, or is removed. Pipedrive does not document
   * which.
   */
  deletedOptions: "stay" | "are cleared" = "stay";
  /** True if a deleted pipeline or stage stays in its list, with `is_deleted`: not documented either. */
  listsDeleted = false;

  constructor(store: DefinedStore) {
    this.#store = store;
  }

  /** Returns the custom field of this label or key. Throws a RangeError if there is none. */
  field(stream: FieldedStream, name: string): FieldDefinition {
    const fields = this.#store.fields[stream].filter(({ is_custom_field }) => is_custom_field);
    const found = fields.find(({ field_code, field_name }) => field_code === name || field_name === name);
    if (found === undefined) throw new RangeError(`The sandbox has no custom field ${name} of ${stream}.`);
    return found;
  }

  /** Returns the option of this label or id. Throws a RangeError if the field has none. */
  option(stream: FieldedStream, field: string, option: string | number): OptionDefinition {
    const found = (this.field(stream, field).options ?? []).find(({ id, label }) => id === option || label === option);
    if (found === undefined) throw new RangeError(`The sandbox has no option ${option} of ${field}.`);
    return found;
  }

  /** Creates a custom field, with its options' labels; its key is new, whatever its label. */
  addField(stream: FieldedStream, field: CustomFieldInShort): FieldDefinition {
    const fields = this.#store.fields[stream];
    const [label] = field;
    const made = defineFields(stream, [], [field], this.#nextOptionId())[0]!;
    for (let ordinal = 0; fields.some(({ field_code }) => field_code === made.field_code) || this.#wasUsed(made); ) {
      made.field_code = customFieldCode(stream, label, ++ordinal);
    }
    this.#codes.add(made.field_code);
    fields.push(made);
    this.#eachBlock(stream, (block) => ({ ...block, [made.field_code]: null }));
    return made;
  }

  /** Gives a custom field another label. */
  renameField(stream: FieldedStream, field: string, label: string): void {
    this.field(stream, field).field_name = label;
  }

  /** Deletes a custom field: from then on records come without it. */
  deleteField(stream: FieldedStream, field: string): FieldDefinition {
    const deleted = this.field(stream, field);
    const fields = this.#store.fields[stream];
    this.#codes.add(deleted.field_code);
    fields.splice(fields.indexOf(deleted), 1);
    this.#eachBlock(stream, ({ [deleted.field_code]: _gone, ...others }) => others);
    return deleted;
  }

  /** Adds options to an enum or set field, with ids that were never used. */
  addOptions(stream: FieldedStream, field: string, labels: readonly string[]): OptionDefinition[] {
    const definition = this.field(stream, field);
    let id = this.#nextOptionId();
    const added = labels.map((label): OptionDefinition => ({ id: id++, label, color: null }));
    definition.options = [...(definition.options ?? []), ...added];
    return added;
  }

  /** Gives an option another label; its id stays, and no record changes. */
  renameOption(stream: FieldedStream, field: string, option: string | number, label: string): void {
    this.option(stream, field, option).label = label;
  }

  /** Deletes an option. */
  deleteOption(stream: FieldedStream, field: string, option: string | number): OptionDefinition {
    const definition = this.field(stream, field);
    const deleted = this.option(stream, field, option);
    this.#highestOptionId = Math.max(this.#highestOptionId, Number(deleted.id));
    definition.options = definition.options!.filter((other) => other !== deleted);
    if (this.deletedOptions === "are cleared") {
      const { field_code } = definition;
      this.#eachBlock(stream, (block) => ({ ...block, [field_code]: without(block[field_code] ?? null, deleted.id) }));
    }
    return deleted;
  }

  /** Creates a pipeline, or a stage of one. */
  add(list: "pipelines" | "stages", values: JsonObject): JsonObject {
    const id = 1 + Math.max(0, ...this.#store[list].map((thing) => thing["id"] as number), this.#highest[list]);
    const now = toInstant(this.#store.now());
    const made: JsonObject = { id, order_nr: id, is_deleted: false, ...values, add_time: now, update_time: now };
    this.#store[list].push(made);
    return made;
  }

  /** Gives a pipeline or a stage another name. */
  rename(list: "pipelines" | "stages", id: number, name: string): JsonObject {
    const thing = this.#named(list, id);
    thing["name"] = name;
    thing["update_time"] = toInstant(this.#store.now());
    return thing;
  }

  /** Deletes a pipeline or a stage. Its deals stay where they are. */
  remove(list: "pipelines" | "stages", id: number): void {
    const thing = this.#named(list, id);
    this.#highest[list] = Math.max(this.#highest[list], id);
    if (this.listsDeleted) thing["is_deleted"] = true;
    else this.#store[list].splice(this.#store[list].indexOf(thing), 1);
  }

  readonly #codes = new Set<string>();
  readonly #highest = { pipelines: 0, stages: 0 };
  #highestOptionId = 0;

  #wasUsed({ field_code }: FieldDefinition): boolean {
    return this.#codes.has(field_code);
  }

  #named(list: "pipelines" | "stages", id: number): JsonObject {
    const found = this.#store[list].find((thing) => thing["id"] === id);
    if (found === undefined) throw new RangeError(`The sandbox has no ${list} ${id}.`);
    return found;
  }

  #nextOptionId(): number {
    const fields = Object.values(this.#store.fields).flat();
    const ids = fields.flatMap(({ options }) => (options ?? []).map(({ id }) => (typeof id === "number" ? id : 0)));
    return 1 + Math.max(this.#highestOptionId, ...ids);
  }

  #eachBlock(stream: FieldedStream, change: (block: JsonObject) => JsonObject): void {
    const collection = this.#store.collections[stream];
    for (const record of this.#store.find(stream, () => true)) {
      const { custom_fields: block } = record;
      if (typeof block !== "object" || block === null || Array.isArray(block)) continue;
      collection.put({ ...record, custom_fields: change(block) });
    }
  }
}

function without(value: Json, id: number | string): Json {
  if (!Array.isArray(value)) return value === id ? null : value;
  const left = value.filter((element) => element !== id);
  return left.length === 0 ? null : left;
}
