import { isDeepStrictEqual } from "node:util";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { ListedStream, StreamName } from "../../stream-name.ts";
import type { InventedAccount } from "../account/account.ts";
import type { FieldDefinition, FieldedStream } from "../account/field-definition.ts";
import { fromInstant, type Seconds, toInstant, toOldInstant } from "../account/instant.ts";
import { Collection } from "./collection.ts";
import { completeAddress, completeContacts, splitName } from "./contact-effects.ts";
import { withDealEffects } from "./deal-effects.ts";
import { DealProducts } from "./deal-products.ts";
import { DefinitionChanges } from "./definition-changes.ts";
import { type Entry, toRecord } from "./entry.ts";
import { newRecord, unsetCustomFields } from "./new-record.ts";

/** A change of a record, as webhooks report it. */
export interface RecordChange {
  stream: StreamName;
  id: number;
  action: "create" | "change" | "delete";
  /** The record after it. */
  record: JsonObject;
  /** The changed values before (change), the whole record before (delete), null (create). */
  previous: JsonObject | null;
  /** `api` for a change through the API, `app` for one by hand. */
  source: "api" | "app";
  /** The other record of a merge: the survivor (delete) or the one that disappeared into this one (change). */
  mergedWith?: number;
}

/** The source of a change, for webhooks. */
export type ChangeSource = RecordChange["source"];

/**
 * The state of the sandbox: every record, and the field lists, pipelines and users, which may be edited in place.
 * Changes follow Pipedrive's rules: a missing key stays, null clears, and update_time advances by the store's clock in
 * whole seconds, only on a real change.
 */
export class Store {
  readonly account: InventedAccount;
  readonly fields: Record<FieldedStream, FieldDefinition[]>;
  readonly users: JsonObject[];
  readonly pipelines: JsonObject[];
  readonly stages: JsonObject[];
  /** The changes of users to fields, options, pipelines and stages. */
  readonly definitions: DefinitionChanges;
  readonly collections: Record<ListedStream, Collection>;
  /** The account's catalogue, and what of it is attached to deals. */
  readonly products: DealProducts;
  /** Records of a stream that the account's plan allows; the API rejects more. */
  readonly planLimits: Partial<Record<FieldedStream, number>> = {};
  /** Seconds after its creation for which a record is in no list of v2, as seen now and then on real accounts. */
  listLag = 0;
  /** True if a list of deals by ids shows deleted ones too; Pipedrive's documentation leaves it open. */
  idsShowDeleted = true;
  /** Values of `include_fields` that replace the counted ones, by stream and id (`deals 7`): for tests. */
  readonly optionalValues = new Map<string, JsonObject>();
  readonly #clock: () => Date;
  readonly #listeners: ((change: RecordChange) => void)[] = [];

  constructor(account: InventedAccount, clock: () => Date) {
    this.account = account;
    this.fields = structuredClone(account.fields);
    this.users = structuredClone(account.users);
    this.pipelines = structuredClone(account.pipelines);
    this.stages = structuredClone(account.stages);
    this.#clock = clock;
    this.definitions = new DefinitionChanges(this);
    this.collections = {
      organizations: new Collection("organizations", account.records.organizations),
      persons: new Collection("persons", account.records.persons),
      deals: new Collection("deals", account.records.deals),
      notes: new Collection("notes", account.records.notes),
    };
    this.products = new DealProducts(this, account, (change) => this.#tell(change));
  }

  /** Returns the store's time in whole seconds. */
  now(): Seconds {
    return Math.floor(this.#clock().getTime() / 1000);
  }

  /** Calls the listener after every change. */
  onChange(listener: (change: RecordChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Returns a copy of the record, deleted or not; undefined if it never existed. */
  get(stream: ListedStream, id: number): JsonObject | undefined {
    const entry = this.collections[stream].get(id);
    return entry === undefined ? undefined : toRecord(entry);
  }

  /** Returns copies of all records of a stream that satisfy the condition, deleted ones too, by id. */
  find(stream: ListedStream, matches: (entry: Entry) => boolean): JsonObject[] {
    return [...this.collections[stream].values()].filter(matches).map(toRecord);
  }

  /** Adds a record with these values over the defaults; returns it. */
  create(stream: ListedStream, values: JsonObject, source: ChangeSource = "app"): JsonObject {
    const collection = this.collections[stream];
    const blank = newRecord(stream, collection.nextId, this.account.users[0]!["id"] as number, this.now());
    if (stream !== "notes") blank["custom_fields"] = unsetCustomFields(this.fields[stream]);
    const record = { ...blank, ...this.#effects(stream, blank, values) };
    if (stream === "notes") this.#fillParties(record);
    collection.put(record);
    this.#tell({ stream, id: record["id"] as number, action: "create", record, previous: null, source });
    return record;
  }

  /**
   * Changes a record: keys left out stay, null clears, `custom_fields` are merged. Throws a RangeError for an unknown
   * id.
   */
  update(stream: ListedStream, id: number, changes: JsonObject, source: ChangeSource = "app"): JsonObject {
    return this.#write(stream, id, changes, { action: "change", source });
  }

  /** Deletes a record as Pipedrive does, which keeps it for 30 days. Throws a RangeError for an unknown id. */
  delete(stream: ListedStream, id: number, source: ChangeSource = "app"): JsonObject {
    return this.#write(stream, id, deletionOf(stream), { action: "delete", source });
  }

  /** Removes a record for good, as Pipedrive does 30 days after its deletion. No webhook reports it. */
  purge(stream: ListedStream, id: number): void {
    this.collections[stream].remove(id);
  }

  /**
   * Hides a record from the token's user, like a change of its visibility group: no list shows it. The answer by its id
   * is not documented: 404 here, or 403.
   */
  hide(stream: ListedStream, id: number, status: 403 | 404 = 404): void {
    this.collections[stream].hide(id, status);
  }

  /** Lets the token's user see the record again. */
  reveal(stream: ListedStream, id: number): void {
    this.collections[stream].reveal(id);
  }

  /**
   * Merges one record into another of the same stream, as `PUT /v1/{entity}/{id}/merge` does: the first is deleted, and
   * its children move to the second. Throws a RangeError for an unknown id.
   */
  merge(stream: FieldedStream, id: number, into: number, source: ChangeSource = "app"): void {
    const key = ({ organizations: "org_id", persons: "person_id", deals: "deal_id" } as const)[stream];
    const fact = ({ organizations: "organization", persons: "person", deals: "deal" } as const)[stream];
    const winner = this.#read(stream, into);
    const loser = this.#read(stream, id);
    for (const related of ["persons", "deals", "notes"] as const) {
      for (const { id: relatedId } of this.find(related, (entry) => entry[fact] === id)) {
        this.update(related, relatedId as number, { [key]: into }, source);
      }
    }
    if (stream === "deals") this.products.move(id, into);
    const filled = Object.entries(loser).filter(([name, value]) => value !== null && winner[name] === null);
    this.#write(stream, id, deletionOf(stream), { action: "delete", source, mergedWith: into });
    this.#write(stream, into, Object.fromEntries(filled), { action: "change", source, mergedWith: id });
  }

  /**
   * Stores this JSON text as the record's, byte for byte and without any rule: for records that no API would accept but
   * that exist in some account (numbers beyond a double, NUL characters, days that do not exist). The text names the
   * id.
   */
  putText(stream: ListedStream, text: string): void {
    this.collections[stream].put(JSON.parse(text) as JsonObject, text);
  }

  #read(stream: ListedStream, id: number): JsonObject {
    const record = this.get(stream, id);
    if (record === undefined) throw new RangeError(`The sandbox has no record ${id} in ${stream}.`);
    return record;
  }

  #write(
    stream: ListedStream,
    id: number,
    changes: JsonObject,
    { action, source, mergedWith }: { action: "change" | "delete"; source: ChangeSource; mergedWith?: number },
  ): JsonObject {
    const before = this.#read(stream, id);
    const after = { ...before, ...this.#effects(stream, before, changes) };
    const changed = Object.keys(after).filter((key) => !isDeepStrictEqual(after[key], before[key]));
    if (changed.length === 0 && mergedWith === undefined) return before;
    // A note's update_time changes only with its content (Pipedrive changelog, effective 2023-05-29), or its deletion.
    if (stream !== "notes" || changed.includes("content") || action === "delete") {
      after["update_time"] = stream === "notes" ? toOldInstant(this.now()) : toInstant(this.now());
    }
    this.collections[stream].put(after);
    const previous = action === "delete" ? before : difference(before, after, changed);
    const change: RecordChange = { stream, id, action, record: after, previous, source };
    this.#tell(mergedWith === undefined ? change : { ...change, mergedWith });
    return after;
  }

  #effects(stream: ListedStream, before: JsonObject, changes: JsonObject): JsonObject {
    const circumstances = { now: this.now(), stages: this.stages, timeZone: this.account.timeZone };
    const all = stream === "deals" ? withDealEffects(before, changes, circumstances) : { ...changes };
    if (stream !== "notes" && isObject(all["custom_fields"])) {
      all["custom_fields"] = this.#mergeCustomFields(stream, before["custom_fields"], all["custom_fields"]);
    }
    if (all["address"] !== undefined) all["address"] = completeAddress(all["address"]);
    for (const key of ["emails", "phones"]) if (all[key] !== undefined) all[key] = completeContacts(all[key]);
    const name = all["name"];
    if (stream === "persons" && typeof name === "string" && name !== before["name"])
      Object.assign(all, splitName(name));
    const added = fromInstant(all["add_time"]);
    if (added !== undefined && stream !== "notes") all["add_time"] = toInstant(added);
    return all;
  }

  // A note created on a deal alone comes back with the deal's person and organization (seen on real accounts).
  #fillParties(note: JsonObject): void {
    const deal = this.collections.deals.get(note["deal_id"] as number);
    if (deal === undefined || note["person_id"] !== null || note["org_id"] !== null) return;
    note["person_id"] = deal.person;
    note["org_id"] = deal.organization;
  }

  #mergeCustomFields(stream: FieldedStream, before: Json | undefined, changes: JsonObject): JsonObject {
    const addresses = this.fields[stream].filter((field) => field.field_type === "address");
    const merged = { ...(isObject(before) ? before : {}), ...changes };
    for (const { field_code } of addresses) {
      if (changes[field_code] !== undefined) merged[field_code] = completeAddress(changes[field_code]);
    }
    return merged;
  }

  #tell(change: RecordChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function deletionOf(stream: ListedStream): JsonObject {
  return stream === "notes" ? { active_flag: false } : { is_deleted: true };
}

// Custom fields are reported one by one, other fields whole (webhooks v2, "previous").
function difference(before: JsonObject, after: JsonObject, changed: readonly string[]): JsonObject {
  const previous = Object.fromEntries(changed.map((key) => [key, before[key] ?? null]));
  const { custom_fields: ours } = after;
  if (changed.includes("custom_fields") && isObject(ours)) {
    const theirs = isObject(before["custom_fields"]) ? before["custom_fields"] : {};
    const codes = Object.keys(ours).filter((code) => !isDeepStrictEqual(ours[code], theirs[code]));
    previous["custom_fields"] = Object.fromEntries(codes.map((code) => [code, theirs[code] ?? null]));
  }
  return previous;
}
