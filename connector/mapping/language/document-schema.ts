import { type ModelName, modelNames } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Schema } from "../schema.ts";
import type { Transform } from "../transforms/transform.ts";
import { transforms } from "../transforms/transforms.ts";

/** The models that the records of each stream may become. */
export const modelsOf: Readonly<Record<StreamName, readonly [ModelName, ...ModelName[]]>> = {
  organizations: ["company"],
  persons: ["enduser"],
  notes: ["note"],
  deals: ["license", "sale", "deal"],
  deal_products: ["license", "sale", "lineitem"],
};

const name: Schema = { type: "string", minLength: 1 };

const source: Schema = {
  description:
    'A field of Pipedrive by its label or key (`Industry`, `address.locality`, `emails.primary`), or a computed one (`$owner.email`). A label with a dot is written `["…"]`.',
  anyOf: [name, { type: "array", items: name, minItems: 1, maxItems: 1 }],
};

const sources: Schema = {
  description: "A field of Pipedrive, or a list of which the first that holds a value wins.",
  anyOf: [name, { type: "array", items: { $ref: "#/definitions/source" }, minItems: 1 }],
};

const scalar: Schema = { type: ["string", "number", "boolean"] };
const bound: Schema = { type: ["string", "number"] };

const condition: Schema = {
  title: "condition",
  description: "A condition on the record.",
  anyOf: [
    {
      type: "object",
      required: ["field"],
      additionalProperties: false,
      minProperties: 2,
      maxProperties: 2,
      examples: [{ field: "Deal type", in: ["One-off", "Services"] }],
      properties: {
        field: { ...name, description: "The field that the condition looks at, by label or key." },
        is: {
          ...scalar,
          description:
            "Holds when the field has this value; of a list, when an element has. Options compare as labels.",
        },
        in: { type: "array", items: scalar, minItems: 1, description: "Holds when the field has one of these values." },
        not: {
          description: "Holds when the field has none of these values; null and empty are none of them.",
          anyOf: [scalar, { type: "array", items: scalar, minItems: 1 }],
        },
        present: { type: "boolean", description: "true: the field holds a value; false: it is null or empty." },
        greater: { ...bound, description: "Holds for a greater number, or a later date." },
        less: { ...bound, description: "Holds for a smaller number, or an earlier date." },
        matches: {
          ...name,
          description:
            "A pattern that the text must contain: characters . [] \\d \\w \\s \\b ^ $ | ( ) * + ? {m,n}, with (?i) in front to ignore case.",
        },
      },
    },
    {
      type: "object",
      required: ["pipeline"],
      additionalProperties: false,
      properties: {
        pipeline: {
          description: "Holds for deals in this pipeline (name or id), or in one of these.",
          anyOf: [
            { type: ["string", "integer"] },
            { type: "array", items: { type: ["string", "integer"] }, minItems: 1 },
          ],
        },
      },
    },
    {
      type: "object",
      required: ["products"],
      additionalProperties: false,
      properties: {
        products: {
          type: "string",
          enum: ["none", "some"],
          description: "Holds for deals that have enabled products (some), or have none (none).",
        },
      },
    },
    many("all", "Holds when every one of these conditions does."),
    many("any", "Holds when one of these conditions does."),
    {
      type: "object",
      required: ["not"],
      additionalProperties: false,
      properties: { not: { $ref: "#/definitions/condition", description: "Holds when this condition does not." } },
    },
  ],
};

function many(key: "all" | "any", description: string): Schema {
  return {
    type: "object",
    required: [key],
    additionalProperties: false,
    properties: { [key]: { type: "array", items: { $ref: "#/definitions/condition" }, minItems: 1, description } },
  };
}

const direction: Schema = {
  type: "string",
  enum: ["both", "send", "receive", "none"],
  description: "Who may write: receive (Pipedrive → Planhat), send (Planhat → Pipedrive), both, none.",
};

const field: Schema = {
  title: "field",
  description: "One field of the row and where its value comes from.",
  type: "object",
  required: ["planhat"],
  additionalProperties: false,
  oneOf: [{ required: ["pipedrive"] }, { required: ["value"] }],
  properties: {
    planhat: {
      ...name,
      description: "The field in Planhat: a system field (`firstName`), or `custom.` and the name of a custom field.",
    },
    pipedrive: { $ref: "#/definitions/sources" },
    value: {
      type: ["string", "number", "boolean", "array", "object"],
      description: "A constant, instead of a field of Pipedrive.",
    },
    direction: {
      ...direction,
      description: "Who may write this field; never wider than the object's direction, which is the default.",
    },
    transform: { $ref: "#/definitions/transforms" },
    on_null: {
      type: "string",
      enum: ["write", "ignore"],
      default: "write",
      description: "What a cleared field does: write (the row's field becomes NULL) or ignore (it stays).",
    },
    on_empty: {
      type: "string",
      enum: ["ignore", "clear"],
      default: "ignore",
      description:
        "What a field without a defined value does: ignore (the row's field stays) or clear (it becomes NULL).",
    },
    required: {
      type: "boolean",
      default: false,
      description: "Refuse the row, with the reason, when there is no value.",
    },
    when: { $ref: "#/definitions/condition", description: "Map this field only when the condition holds." },
  },
};

const fields: Schema = { type: "array", items: { $ref: "#/definitions/field" }, description: "The fields of the row." };

function transformSchema({ name, description, argument, companions, examples }: Transform): Schema {
  return {
    type: "object",
    required: [name],
    additionalProperties: false,
    description,
    properties: {
      [name]: { ...argument!, description: `${description} ${argument?.description ?? ""}`.trim() },
      ...companions,
    },
    ...(examples[0]?.with === undefined ? {} : { examples: [examples[0].with] }),
  };
}

const all = [...transforms.values()];
const transform: Schema = {
  title: "transform",
  description: "One change of the value.",
  anyOf: [
    {
      type: "string",
      enum: all.filter(({ argument }) => argument === undefined).map((bare) => bare.name),
      description: all
        .flatMap((bare) => (bare.argument === undefined ? [`${bare.name}: ${bare.description}`] : []))
        .join("\n\n"),
    },
    ...all.filter(({ argument }) => argument !== undefined).map(transformSchema),
  ],
};

/** The definitions that the schemas of the streams refer to. */
export const definitions: Readonly<Record<string, Schema>> = {
  source,
  sources,
  condition,
  field,
  fields,
  transform,
  transforms: {
    description:
      "Changes of the value, applied from the first to the last; null and empty pass through all but `default`.",
    type: "array",
    items: { $ref: "#/definitions/transform" },
  },
};

/** Returns the schema of one stream's mapping file. */
export function streamSchema(stream: StreamName): Schema {
  const models = [...modelsOf[stream]];
  const common: Record<string, Schema> = {
    stream: {
      type: "string",
      enum: [stream],
      description: "The kind of Pipedrive record that this file maps; the file is named after it.",
    },
    model: { type: "string", enum: models, description: "The kind of Planhat object that a record becomes." },
    direction:
      stream === "organizations"
        ? { ...direction, default: "receive" }
        : {
            type: "string",
            enum: ["receive", "none"],
            default: "receive",
            description: "receive (Pipedrive → Planhat) or none; only organizations may send.",
          },
    fields: { $ref: "#/definitions/fields" },
  };
  return {
    type: "object",
    required: ["stream"],
    additionalProperties: false,
    properties: { ...common, ...ownKeys[stream] },
  };
}

const organizationKeys: Record<string, Schema> = {
  prefer: {
    type: "string",
    enum: ["pipedrive", "planhat", "newest"],
    default: "pipedrive",
    description: "Which side wins when both changed the same field since they last agreed.",
  },
  create_in_pipedrive: {
    type: "boolean",
    default: false,
    description: "With send or both: whether a company that has no organization yet becomes a new one.",
  },
};

const pipelineList: Schema = { type: "array", items: { type: ["string", "integer"] }, uniqueItems: true };

const lineItem: Schema = {
  title: "line_item",
  description: "Of deals of the model deal: the line item of a deal without products, made of the deal.",
  type: "object",
  required: ["fields"],
  additionalProperties: false,
  properties: { fields: { $ref: "#/definitions/fields" } },
};

/** Returns the schema of the entries of `models`: the first whose `when` holds counts. */
function modelList(names: string[], description: string, more: Record<string, Schema> = {}): Schema {
  return {
    type: "array",
    minItems: 1,
    description: "What a record becomes: the first entry whose `when` holds. The entry without `when` comes last.",
    items: {
      title: "model",
      type: "object",
      required: ["model"],
      additionalProperties: false,
      properties: {
        model: { type: "string", enum: names, description },
        when: { $ref: "#/definitions/condition", description: "The condition for this entry; the last has none." },
        fields: { $ref: "#/definitions/fields" },
        ...more,
      },
    },
  };
}

const dealKeys: Record<string, Schema> = {
  pipelines: {
    ...pipelineList,
    default: [],
    description: "The pipelines whose deals sync, by name or id; none: every pipeline.",
  },
  statuses: {
    type: "array",
    items: { type: "string", enum: ["open", "won", "lost"] },
    minItems: 1,
    uniqueItems: true,
    default: ["won"],
    description: "The statuses of deals that sync.",
  },
  start_date: {
    $ref: "#/definitions/sources",
    description:
      "Where a deal's start date comes from: the first of these fields that holds a valid date. A deal without one does not sync.",
  },
  models: modelList(
    [...modelsOf.deals, "none"],
    "The kind of Planhat object that the deal becomes; none: it brings its company, end users and notes, and becomes no row.",
    { line_item: lineItem },
  ),
};

const ownKeys: Readonly<Record<StreamName, Record<string, Schema>>> = {
  organizations: organizationKeys,
  persons: {},
  notes: {},
  deals: dealKeys,
  deal_products: {
    models: modelList([...modelsOf.deal_products], "The kind of Planhat object that the product becomes."),
  },
};

/** Returns the content of `schemas/mapping.json`: JSON Schema draft-07 of the mapping files, for editors. */
export function mappingSchema(): object {
  const streams = Object.keys(modelsOf) as StreamName[];
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "pipedrive-planhat mapping file",
    description:
      "How the records of one Pipedrive stream become rows of a Planhat model: organizations.yaml, persons.yaml, notes.yaml, deals.yaml, deal_products.yaml.",
    $comment: `Generated from connector/mapping/language/document-schema.ts. Models: ${modelNames.join(", ")}.`,
    type: "object",
    required: ["stream"],
    properties: {
      stream: { type: "string", enum: streams, description: "The kind of Pipedrive record that this file maps." },
    },
    allOf: streams.map((stream) => ({
      if: { properties: { stream: { const: stream } }, required: ["stream"] },
      // biome-ignore lint/suspicious/noThenProperty: the JSON Schema keyword.
      then: { $ref: `#/definitions/${stream}` },
    })),
    definitions: { ...definitions, ...Object.fromEntries(streams.map((stream) => [stream, streamSchema(stream)])) },
  };
}
