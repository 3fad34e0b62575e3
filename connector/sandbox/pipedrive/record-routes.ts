import { Hono } from "hono";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { FieldedStream } from "../account/field-definition.ts";
import type { Entry } from "../store/entry.ts";
import type { Store } from "../store/store.ts";
import { answerOne } from "./answer.ts";
import { ApiError, refused } from "./api-error.ts";
import { checkBody } from "./check-body.ts";
import { optionalFieldsOf } from "./optional-fields.ts";
import { readQuery } from "./read-query.ts";
import { deletedReach, listArchivedDeals, listRecords } from "./record-lists.ts";
import { recordParameters } from "./record-parameters.ts";
import { renderRecord } from "./render-record.ts";

const entityOf: Record<FieldedStream, string> = { organizations: "Organization", persons: "Person", deals: "Deal" };

/** Serves organizations, persons and deals, archived deals among them, as API v2 does (mounted at /api/v2). */
export function recordRoutes(store: Store): Hono {
  const routes = new Hono();
  routes.get("/deals/archived", (context) => listArchivedDeals(store, new URL(context.req.url).searchParams));
  for (const stream of ["organizations", "persons", "deals"] as const) {
    routes.get(`/${stream}`, (context) => listRecords(store, stream, new URL(context.req.url).searchParams));
    routes.get(`/${stream}/:id`, (context) => {
      const shape = readQuery(new URL(context.req.url).searchParams, recordParameters[stream].one);
      const asked = shape.include_fields;
      const optional = asked === undefined ? undefined : optionalFieldsOf(store, stream, asked);
      const entry = reach(store, stream, context.req.param("id"));
      return answerOne(renderRecord(entry, shape, store.fields[stream], optional));
    });
    routes.post(`/${stream}`, async (context) => {
      const body = await readBody(context.req.raw);
      checkBody(store, stream, body);
      refuseBeyondPlan(store, stream);
      return answerOne(store.create(stream, body, "api"));
    });
    routes.patch(`/${stream}/:id`, async (context) => {
      const entry = reach(store, stream, context.req.param("id"));
      const body = await readBody(context.req.raw);
      checkBody(store, stream, body, store.get(stream, entry.id) as JsonObject);
      refuseFrozen(stream, entry, body);
      return answerOne(store.update(stream, entry.id, body, "api"));
    });
    routes.delete(`/${stream}/:id`, (context) => {
      const entry = reach(store, stream, context.req.param("id"));
      // Deleting again answers 410 and still calls it a success (seen on real accounts, v1 persons).
      if (entry.deleted) return answerOne({ id: entry.id }, {}, 410);
      store.delete(stream, entry.id, "api");
      return answerOne({ id: entry.id });
    });
  }
  return routes;
}

/** Returns the JSON body of a request; throws an ApiError (400) if it is invalid. */
export async function readBody(request: Request): Promise<Json> {
  try {
    return (await request.json()) as Json;
  } catch {
    throw refused(400, "Request body is not valid JSON", "ERR_SCHEMA_VALIDATION_FAILED");
  }
}

/** Rejects a record beyond the plan's limit as Pipedrive does (docs: "Responses", and the changelog of 2022-03-30). */
function refuseBeyondPlan(store: Store, stream: FieldedStream): void {
  const most = store.planLimits[stream];
  if (most === undefined || store.find(stream, ({ deleted }) => !deleted).length < most) return;
  const entity = entityOf[stream].toLowerCase();
  throw new ApiError(403, {
    success: false,
    error: `Couldn't add the ${entity}. ${entityOf[stream]}s limit reached.`,
    error_info: "Please check developers.pipedrive.com for more information about Pipedrive API.",
    data: null,
    additional_data: null,
    code: `feature_capping_${stream}_limit`,
  });
}

function reach(store: Store, stream: FieldedStream, id: string): Entry {
  const collection = store.collections[stream];
  const entry = /^\d+$/.test(id) ? collection.get(Number(id)) : undefined;
  if (entry !== undefined && collection.hiddenBehind(entry.id) === 403) throw forbidden(stream);
  if (entry !== undefined && collection.hiddenBehind(entry.id) === 404) throw notFound(stream);
  if (entry === undefined || (entry.deleted && entry.updated < store.now() - deletedReach)) throw notFound(stream);
  return entry;
}

function forbidden(stream: FieldedStream): ApiError {
  return refused(403, `You do not have permission to see this ${entityOf[stream]}`, "ERR_FORBIDDEN");
}

function notFound(stream: FieldedStream): ApiError {
  return refused(404, `${entityOf[stream]} not found`, "ERR_NOT_FOUND");
}

function refuseFrozen(stream: FieldedStream, entry: Entry, body: JsonObject): void {
  if (entry.deleted && body["is_deleted"] !== false) {
    const code = `ERR_${entityOf[stream].toUpperCase()}_DELETED`;
    throw refused(400, "Entity is deleted. You must first restore it before you can edit", code);
  }
  if (entry.archived && !entry.deleted && body["is_archived"] !== false) {
    throw refused(400, "Deal is archived. You must first unarchive it before you can edit", "ERR_DEAL_ARCHIVED");
  }
}
