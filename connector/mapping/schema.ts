/** The JSON types of a schema. */
export type SchemaType = "string" | "number" | "integer" | "boolean" | "array" | "object";

/** The part of JSON Schema (draft-07) in which the mapping language describes itself. */
export interface Schema {
  $ref?: string;
  title?: string;
  description?: string;
  examples?: unknown[];
  default?: unknown;
  type?: SchemaType | SchemaType[];
  enum?: (string | number | boolean)[];
  const?: string | number | boolean;
  not?: { const: number };
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: false | Schema;
  minProperties?: number;
  maxProperties?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  anyOf?: Schema[];
  /** For editors: which keys exclude each other. The checks say it in words of their own. */
  oneOf?: { required: string[] }[];
}

/** Any value that YAML can hold but null, which is never an instruction. */
export const anyValue: Schema = { type: ["string", "number", "boolean", "array", "object"] };
