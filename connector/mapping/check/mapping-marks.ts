import type { ModelName } from "../../model-name.ts";
import { streamNames } from "../../stream-name.ts";
import type { MappingMarks } from "../compiled-mapping.ts";
import { fingerprintOf, sha256 } from "../fingerprint.ts";
import { modelsOf } from "../language/document-schema.ts";
import type { Json, JsonObject } from "../value.ts";
import { isObject } from "../value.ts";

/** The mark of fields that the connector sets itself; no mapping changes them. */
const own = "connector";

/** The entry of the documents that stands for the key of `hash`; no stream has this name. */
export const hashKeyMark = "hash_key";

/** Creates the marks of the mapping files, by stream. Each is computed on first use. */
export function mappingMarks(documents: Readonly<Record<string, Json>>): MappingMarks {
  const known = new Map<string, string>();
  const mark = (key: string, part: () => Json) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = fingerprintOf({ part: part() });
    known.set(key, made);
    return made;
  };
  return {
    field(model, field) {
      if (isOwn(model, field)) return own;
      const entries = modelsIn(documents, model).flatMap((one) =>
        fieldsOf(one).filter(({ planhat }) => planhat === field),
      );
      return entries.length === 0 ? undefined : mark(`${model} ${field}`, () => withKey(entries, documents));
    },
    choice: (stream) =>
      mark(`choice of ${stream}`, () =>
        entriesOf(documents[stream]).map(({ model = null, when = null }): Json => ({ model, when })),
      ),
    stream: (stream) => mark(`all of ${stream}`, () => withKey(documents[stream] ?? null, documents)),
  };
}

/** Returns a part of the mapping with the mark of the key, if the key decides its values. */
function withKey(part: Json, documents: Readonly<Record<string, Json>>): Json {
  const key = documents[hashKeyMark];
  return key !== undefined && hashes(part) ? { part, key } : part;
}

/** Returns true if a part of a document has a field with the transform `hash`. */
function hashes(part: Json): boolean {
  if (Array.isArray(part)) return part.some(hashes);
  if (!isObject(part)) return false;
  const chain = part["transform"];
  return chain === "hash" || (Array.isArray(chain) && chain.includes("hash")) || Object.values(part).some(hashes);
}

/** A setting of the config that ends rows. */
export type EndingSetting = "when_lost" | "when_removed";

/** Returns the marks for a config with `when_lost: end` or `when_removed: end`, which also write the end of rows. */
export function withEnds(marks: MappingMarks, setting: EndingSetting): MappingMarks {
  return {
    ...marks,
    field(model, field) {
      const mark = marks.field(model, field);
      return (model === "license" || model === "lineitem") && field === "toDate"
        ? sha256(`${mark ?? ""} ${setting}: end`)
        : mark;
    },
  };
}

function isOwn(model: ModelName, field: string): boolean {
  if (field === "companyId" || field === "externalId") return true;
  return (model === "note" && field === "type") || (model === "lineitem" && field === "dealId");
}

/** Returns the entries of a stream that map a record to a model. */
function entriesOf(document: Json | undefined): JsonObject[] {
  if (!isObject(document)) return [];
  const { models } = document;
  return Array.isArray(models) ? models.filter(isObject) : [document];
}

function modelsIn(documents: Readonly<Record<string, Json>>, model: ModelName): JsonObject[] {
  return streamNames.flatMap((stream) =>
    entriesOf(documents[stream]).flatMap((one) => {
      const item = model === "lineitem" && isObject(one["line_item"]) ? [one["line_item"]] : [];
      return (one["model"] ?? modelsOf[stream][0]) === model ? [one, ...item] : item;
    }),
  );
}

function fieldsOf({ fields }: JsonObject): JsonObject[] {
  return Array.isArray(fields) ? fields.filter(isObject) : [];
}
