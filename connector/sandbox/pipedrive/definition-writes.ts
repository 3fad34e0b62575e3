import { Hono } from "hono";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { FieldedStream, OptionDefinition } from "../account/field-definition.ts";
import type { DefinitionChanges } from "../store/definition-changes.ts";
import type { Store } from "../store/store.ts";
import { answerOne } from "./answer.ts";
import { refused, validationFailed } from "./api-error.ts";
import { readBody } from "./record-routes.ts";

/** Serves writes of fields, options, pipelines and stages as API v2 does (openapi-v2.yaml; mounted at /api/v2). */
export function definitionWrites(store: Store): Hono {
  const routes = new Hono();
  const { definitions } = store;
  for (const [path, stream] of [
    ["organizationFields", "organizations"],
    ["personFields", "persons"],
    ["dealFields", "deals"],
  ] as const) {
    routes.post(`/${path}`, async (context) => {
      const body = objectOf(await readBody(context.req.raw));
      const options = Array.isArray(body["options"]) ? body["options"].map(labelOf) : undefined;
      const [label, type] = [textOf(body, "field_name"), textOf(body, "field_type")] as const;
      const made = definitions.addField(stream, options === undefined ? [label, type] : [label, type, options]);
      return answerOne({ ...made });
    });
    routes.patch(`/${path}/:code`, async (context) => {
      const field = reachField(definitions, stream, context.req.param("code"));
      const body = objectOf(await readBody(context.req.raw));
      if ("field_type" in body || "field_code" in body) throw validationFailed("field_type", "cannot be changed");
      definitions.renameField(stream, field.field_code, textOf(body, "field_name"));
      return answerOne({ ...field });
    });
    routes.delete(`/${path}/:code`, (context) => {
      const field = reachField(definitions, stream, context.req.param("code"));
      return answerOne({ ...definitions.deleteField(stream, field.field_code) });
    });
    routes.post(`/${path}/:code/options`, async (context) => {
      const { field_code } = reachField(definitions, stream, context.req.param("code"));
      const labels = listOf(await readBody(context.req.raw)).map(labelOf);
      return answerOptions(definitions.addOptions(stream, field_code, labels));
    });
    routes.patch(`/${path}/:code/options`, async (context) => {
      const { field_code } = reachField(definitions, stream, context.req.param("code"));
      const changes = listOf(await readBody(context.req.raw)).map(objectOf);
      const options = changes.map((change) => reachOption(definitions, stream, field_code, change["id"]));
      for (const [at, { id }] of options.entries()) {
        definitions.renameOption(stream, field_code, id, textOf(changes[at]!, "label"));
      }
      return answerOptions(options);
    });
    routes.delete(`/${path}/:code/options`, async (context) => {
      const { field_code } = reachField(definitions, stream, context.req.param("code"));
      const ids = listOf(await readBody(context.req.raw)).map((entry) => objectOf(entry)["id"]);
      const options = ids.map((id) => reachOption(definitions, stream, field_code, id));
      for (const { id } of options) definitions.deleteOption(stream, field_code, id);
      return answerOptions(options);
    });
  }
  for (const list of ["pipelines", "stages"] as const) {
    routes.post(`/${list}`, async (context) => {
      const body = objectOf(await readBody(context.req.raw));
      return answerOne(definitions.add(list, { ...body, name: textOf(body, "name") }));
    });
    routes.patch(`/${list}/:id`, async (context) => {
      const id = reachId(store[list], context.req.param("id"));
      return answerOne(definitions.rename(list, id, textOf(objectOf(await readBody(context.req.raw)), "name")));
    });
    routes.delete(`/${list}/:id`, (context) => {
      const id = reachId(store[list], context.req.param("id"));
      definitions.remove(list, id);
      return answerOne({ id });
    });
  }
  return routes;
}

function answerOptions(options: readonly OptionDefinition[]): Response {
  return answerOne(options.map(({ id, label }) => ({ id, label })) as unknown as JsonObject);
}

function reachField(definitions: DefinitionChanges, stream: FieldedStream, code: string) {
  try {
    const field = definitions.field(stream, code);
    if (field.field_code === code) return field;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw refused(404, "Field not found", "ERR_NOT_FOUND");
}

function reachOption(
  definitions: DefinitionChanges,
  stream: FieldedStream,
  code: string,
  id: Json | undefined,
): OptionDefinition {
  const options = definitions.field(stream, code).options ?? [];
  const option = options.find((candidate) => candidate.id === id);
  if (option === undefined) throw validationFailed("id", `has no option ${JSON.stringify(id)}`);
  return option;
}

function reachId(things: readonly JsonObject[], id: string): number {
  const thing = things.find((candidate) => String(candidate["id"]) === id && candidate["is_deleted"] !== true);
  if (thing === undefined) throw refused(404, "Not found", "ERR_NOT_FOUND");
  return thing["id"] as number;
}

function objectOf(body: Json): JsonObject {
  if (!isObject(body)) throw validationFailed("body", "must be an object");
  return body;
}

function listOf(body: Json): Json[] {
  if (!Array.isArray(body) || body.length === 0) throw validationFailed("body", "must be a list that is not empty");
  return body;
}

function labelOf(entry: Json): string {
  return textOf(objectOf(entry), "label");
}

function textOf(body: JsonObject, key: string): string {
  const { [key]: text } = body;
  if (typeof text !== "string" || text === "" || text.length > 255)
    throw validationFailed(key, "must be a text of 1 to 255 characters");
  return text;
}
