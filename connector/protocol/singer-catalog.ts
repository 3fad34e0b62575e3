import { Failure } from "../failure.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import { isStreamName, type StreamName, streamNames } from "../stream-name.ts";
import { keyProperties, replicationKey } from "./singer.ts";

/** A stream that a Singer catalog selects. */
export interface SelectedStream {
  name: StreamName;
  /** The schema of the selected fields. */
  schema: JsonObject;
  /** The top-level fields that may be sent. */
  fields: ReadonlySet<string>;
  /** False if the catalog wants a full read each time (FULL_TABLE). */
  incremental: boolean;
}

const automatic = new Set([...keyProperties, replicationKey]);

/**
 * Converts an Airbyte catalog to a Singer catalog (Singer, "Discovery mode"): key and replication key are automatic,
 * every other field is available.
 */
export function singerCatalog(airbyte: JsonObject): JsonObject {
  const streams = airbyte["streams"] as JsonObject[];
  return {
    streams: streams.map((stream) => {
      const schema = withoutAirbyte(stream["json_schema"]!) as JsonObject;
      const fields = Object.keys(schema["properties"] as JsonObject);
      return {
        stream: stream["name"]!,
        tap_stream_id: stream["name"]!,
        key_properties: keyProperties,
        schema,
        metadata: [
          {
            breadcrumb: [],
            metadata: {
              inclusion: "available",
              "table-key-properties": keyProperties,
              "valid-replication-keys": [replicationKey],
            },
          },
          ...fields.map((field) => ({
            breadcrumb: ["properties", field],
            metadata: automatic.has(field)
              ? { inclusion: "automatic" }
              : { inclusion: "available", "selected-by-default": true },
          })),
        ],
      };
    }),
  };
}

/** Returns every stream of a Singer catalog, whole and incremental: the selection of a tap without a catalog. */
export function everyStream(catalog: JsonObject): SelectedStream[] {
  return (catalog["streams"] as JsonObject[]).map((entry) => ({
    name: entry["stream"] as StreamName,
    schema: entry["schema"] as JsonObject,
    fields: new Set(Object.keys((entry["schema"] as JsonObject)["properties"] as JsonObject)),
    incremental: true,
  }));
}

/**
 * Returns the streams that a catalog file selects, by its metadata (`selected`), or by the older `selected` in the
 * schema. Throws a Failure of kind `usage` for a document that is not a Singer catalog, or that selects an unknown
 * stream.
 */
export function selectedStreams(document: Json): SelectedStream[] {
  const entries = isObject(document) ? document["streams"] : undefined;
  if (!Array.isArray(entries)) {
    throw new Failure("usage", "The catalog is not a Singer catalog: it has no list `streams`.", {
      hint: "Take what discover --format singer prints, and set selected: true in the metadata of the streams to read.",
    });
  }
  return entries.flatMap((entry, index): SelectedStream[] => {
    const name = isObject(entry) ? (entry["tap_stream_id"] ?? entry["stream"]) : undefined;
    const schema = isObject(entry) ? entry["schema"] : undefined;
    if (!isObject(entry) || typeof name !== "string" || !isObject(schema) || !isObject(schema["properties"])) {
      throw new Failure("usage", `The catalog's stream number ${index + 1} lacks tap_stream_id or schema.properties.`);
    }
    const metadata = metadataOf(entry);
    const own = metadata.get("") ?? {};
    if (!isSelected(own, schema)) return [];
    if (!isStreamName(name)) {
      throw new Failure("usage", `The catalog selects the stream ${name}, which does not exist.`, {
        hint: `The streams are ${streamNames.join(", ")}.`,
      });
    }
    const properties = Object.entries(schema["properties"]).filter(
      ([field, property]) => automatic.has(field) || isSelected(metadata.get(field) ?? {}, property, true),
    );
    return [
      {
        name,
        schema: { ...schema, properties: Object.fromEntries(properties) },
        fields: new Set([...automatic, ...properties.map(([field]) => field)]),
        incremental: (own["forced-replication-method"] ?? own["replication-method"]) !== "FULL_TABLE",
      },
    ];
  });
}

/** Returns the metadata by field; the stream's own under "". Metadata of nested fields is not used. */
function metadataOf(entry: JsonObject): Map<string, JsonObject> {
  const listed = Array.isArray(entry["metadata"]) ? entry["metadata"] : [];
  return new Map(
    listed.flatMap((item): [string, JsonObject][] => {
      const breadcrumb = isObject(item) ? item["breadcrumb"] : undefined;
      const metadata = isObject(item) ? item["metadata"] : undefined;
      if (!Array.isArray(breadcrumb) || !isObject(metadata)) return [];
      if (breadcrumb.length === 0) return [["", metadata]];
      return breadcrumb.length === 2 && breadcrumb[0] === "properties" ? [[String(breadcrumb[1]), metadata]] : [];
    }),
  );
}

/** Returns true if something is selected: explicitly, or by default. */
function isSelected(metadata: JsonObject, schema: Json | undefined, byDefault = false): boolean {
  if (metadata["inclusion"] === "unsupported") return false;
  const said = metadata["selected"] ?? (isObject(schema) ? schema["selected"] : undefined);
  if (typeof said === "boolean") return said;
  const usual = metadata["selected-by-default"];
  return typeof usual === "boolean" ? usual : byDefault;
}

/** Returns a schema without the keywords that only Airbyte knows. */
function withoutAirbyte(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutAirbyte);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === "$schema" || key === "airbyte_type") || typeof value === "object")
      .map(([key, value]) => [key, withoutAirbyte(value)]),
  );
}
