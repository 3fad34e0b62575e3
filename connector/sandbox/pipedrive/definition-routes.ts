import { Hono } from "hono";
import type { JsonObject } from "../../mapping/value.ts";
import type { FieldDefinition } from "../account/field-definition.ts";
import type { Store } from "../store/store.ts";
import { answerOne, answerSorted } from "./answer.ts";
import { refused } from "./api-error.ts";
import { readQuery } from "./read-query.ts";
import { definitionParameters } from "./record-parameters.ts";

/** Serves pipelines, stages and the fields of organizations, persons and deals as API v2 does (mounted at /api/v2). */
export function definitionRoutes(store: Store): Hono {
  const routes = new Hono();
  routes.get("/pipelines", (context) => {
    return answerSorted(
      store.pipelines,
      readQuery(new URL(context.req.url).searchParams, definitionParameters.pipelines),
    );
  });
  routes.get("/stages", (context) => {
    const { pipeline_id, ...query } = readQuery(new URL(context.req.url).searchParams, definitionParameters.stages);
    return answerSorted(
      store.stages.filter((stage) => pipeline_id === undefined || stage["pipeline_id"] === pipeline_id),
      query,
    );
  });
  for (const list of ["pipelines", "stages"] as const) {
    routes.get(`/${list}/:id`, (context) => {
      const definition = store[list].find(({ id }) => String(id) === context.req.param("id"));
      if (definition === undefined) throw refused(404, "Not found", "ERR_NOT_FOUND");
      return answerOne(definition);
    });
  }
  for (const [path, stream] of [
    ["organizationFields", "organizations"],
    ["personFields", "persons"],
    ["dealFields", "deals"],
  ] as const) {
    routes.get(`/${path}`, (context) => {
      const query = readQuery(new URL(context.req.url).searchParams, definitionParameters.fields);
      // Fields have no id of their own: their place in the list serves as one.
      return answerSorted(numbered(store.fields[stream]), query, ({ id: _place, ...field }) => field);
    });
    routes.get(`/${path}/:code`, (context) => {
      const field = store.fields[stream].find((candidate) => candidate.field_code === context.req.param("code"));
      if (field === undefined) throw refused(404, "Field not found", "ERR_NOT_FOUND");
      return answerOne({ ...field });
    });
  }
  return routes;
}

function numbered(fields: readonly FieldDefinition[]): JsonObject[] {
  return fields.map((field, index) => ({ id: index + 1, ...field }));
}
