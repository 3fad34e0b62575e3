import { Ajv, type SchemaObject } from "ajv";
import { validator } from "hono/validator";
import { Failure } from "../failure.ts";

const queries = new Ajv({ coerceTypes: "array", allErrors: true });
const bodies = new Ajv({ allErrors: true });

/** Describes an object of the given properties and no others, as JSON Schema. */
export function objectOf(properties: Record<string, SchemaObject>, required: readonly string[] = []): SchemaObject {
  return { type: "object", properties, required, additionalProperties: false };
}

/** An input whose absent keys may also be undefined. */
export type Given<Input> = {
  [Key in keyof Input]: object extends Pick<Input, Key> ? Input[Key] | undefined : Input[Key];
};

/** Checks the query of a request. Throws a Failure of kind `usage` that names each fault. */
export function query<Input extends object>(schema: SchemaObject) {
  const check = queries.compile<Given<Input>>(schema);
  return validator("query", (given): Given<Input> => {
    const copy: unknown = { ...given };
    if (check(copy)) return copy;
    throw notAccepted("The query", queries.errorsText(check.errors, { dataVar: "query" }));
  });
}

/** Checks the JSON body of a request. Throws a Failure of kind `usage` that names each fault. */
export function body<Input extends object>(schema: SchemaObject) {
  const check = bodies.compile<Given<Input>>(schema);
  return validator("json", (given): Given<Input> => {
    if (check(given)) return given;
    throw notAccepted("The body", bodies.errorsText(check.errors, { dataVar: "body" }));
  });
}

function notAccepted(what: string, faults: string): Failure {
  return new Failure("usage", `${what} of the request is not accepted: ${faults}.`);
}
