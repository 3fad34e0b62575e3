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
  /** Keys that exclude each other, for editors. The checks have their own messages for it. */
  oneOf?: { required: string[] }[];
}

/** The schema of any YAML value but null, which is never an instruction. */
export const anyValue: Schema = { type: ["string", "number", "boolean", "array", "object"] };
