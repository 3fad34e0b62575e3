import type { AccountCatalog } from "../../account-catalog.ts";
import { readOptionIds } from "../../mapping/evaluate/read-options.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { type SourceRecord, wholeRecord } from "../../pipedrive/records/decode.ts";
import { isFieldedStream, type StreamName } from "../../stream-name.ts";

/**
 * The things that an account catalog saved by an earlier run knows. It notices a landed record that refers to something
 * else: a new option, user, pipeline or stage. Then the catalog must be read again before the record is mapped.
 */
export class KnownThings {
  readonly #fields: AccountCatalog["fields"];
  readonly #known: Set<string>;
  readonly #unknown = new Set<string>();

  constructor(catalog: AccountCatalog) {
    this.#fields = catalog.fields;
    this.#known = knownIn(catalog);
    for (const reference of catalog.unlisted ?? []) this.#known.add(reference);
  }

  /** True if a record referred to something that the catalog lacks. */
  get isOutdated(): boolean {
    return this.#unknown.size > 0;
  }

  /** Checks the references of records that are new or have changed. */
  look(stream: StreamName, records: readonly SourceRecord[]): void {
    for (const record of records) {
      for (const reference of referencesOf(stream, wholeRecord(record), this.#fields))
        if (!this.#known.has(reference)) this.#unknown.add(reference);
    }
  }

  /** Returns the noticed references that a newer catalog lacks too, at most a thousand. */
  stillUnknown(newer: AccountCatalog): string[] {
    const known = knownIn(newer);
    return [...this.#unknown].filter((reference) => !known.has(reference)).slice(0, 1_000);
  }
}

function knownIn({ fields, pipelines, stages, users }: AccountCatalog): Set<string> {
  const known = new Set<string>();
  for (const [stream, list] of Object.entries(fields)) {
    for (const { key, options } of list) for (const { id } of options ?? []) known.add(`${stream} ${key} ${id}`);
  }
  for (const [kind, list] of Object.entries({ pipelines, stages, users })) {
    for (const { id } of list) known.add(`${kind} ${id}`);
  }
  return known;
}

/** Returns the things that a record refers to by id, in the words of `knownIn`. */
function referencesOf(stream: StreamName, record: JsonObject, fields: AccountCatalog["fields"]): string[] {
  const references: string[] = [];
  const add = (kind: string, raw: Json | undefined) => {
    const read = readOptionIds(raw);
    if (read.state === "present") for (const { id } of read.ids) references.push(`${kind} ${id}`);
  };
  if (stream === "notes") add("users", record["user_id"]);
  if (stream === "deals") {
    add("pipelines", record["pipeline_id"]);
    add("stages", record["stage_id"]);
  }
  if (!isFieldedStream(stream)) return references;
  const custom = record["custom_fields"];
  const customFields = custom !== null && typeof custom === "object" && !Array.isArray(custom) ? custom : {};
  for (const { key, type, custom: isCustom, options } of fields[stream]) {
    const raw = isCustom ? customFields[key] : record[key];
    if (raw === undefined || raw === null) continue;
    if (type === "user") add("users", raw);
    else if ((isCustom || key === "label_ids") && options !== undefined) add(`${stream} ${key}`, raw);
  }
  return references;
}
