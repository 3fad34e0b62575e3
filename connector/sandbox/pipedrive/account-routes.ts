import { Hono } from "hono";
import type { JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import type { Store } from "../store/store.ts";
import { answerList, answerOne } from "./answer.ts";
import { refused, refusedByV1 } from "./api-error.ts";
import { readBody } from "./record-routes.ts";

const noteFields: readonly (readonly [key: string, name: string, type: string])[] = [
  ["id", "ID", "int"],
  ["content", "Content", "text"],
  ["deal_id", "Deal", "deal"],
  ["org_id", "Organization", "org"],
  ["person_id", "Person", "people"],
  ["user_id", "User", "user"],
  ["add_time", "Creation date", "date"],
  ["update_time", "Update date", "date"],
];

/**
 * Serves users, note fields, the number of deals and merging as API v1 does, and rejects the lists that v1 no longer
 * has (mounted at /v1 and /api/v1).
 */
export function accountRoutes(store: Store): Hono {
  const routes = new Hono();
  const withoutAccess = ({ access: _access, ...user }: JsonObject) => user;
  routes.get("/users/me", () => {
    const { is_admin: _isAdmin, ...user } = store.users[0] as JsonObject;
    return answerOne({ ...user, ...store.account.company });
  });
  routes.get("/users", () =>
    answerList(
      store.users.map((user) => Buffer.from(JSON.stringify(user))),
      { additional_data: { company_id: store.account.company["company_id"] ?? null } },
    ),
  );
  routes.get("/users/:id", (context) => {
    const user = store.users.find(({ id }) => String(id) === context.req.param("id"));
    if (user === undefined) throw refusedByV1(404, "User not found");
    return answerOne(withoutAccess(user));
  });
  routes.get("/deals/summary", () => {
    const deals = [...store.collections.deals.values()];
    return answerOne({ total_count: deals.filter(({ archived, deleted }) => !archived && !deleted).length });
  });
  routes.get("/noteFields", () =>
    answerList(
      noteFields.map(([key, name, field_type], index) =>
        Buffer.from(JSON.stringify({ id: index + 1, key, name, field_type, active_flag: true, edit_flag: false })),
      ),
      { additional_data: { pagination: { start: 0, limit: 100, more_items_in_collection: false } } },
    ),
  );
  for (const stream of ["organizations", "persons", "deals"] as const) {
    routes.put(`/${stream}/:id/merge`, async (context) => {
      const id = Number(context.req.param("id"));
      const body = await readBody(context.req.raw);
      const into = isObject(body) ? body["merge_with_id"] : undefined;
      if (typeof into !== "number") throw refusedByV1(400, "merge_with_id is required");
      for (const side of [id, into]) {
        const entry = store.collections[stream].get(side);
        if (entry === undefined || entry.deleted || id === into) throw refusedByV1(404, "Record not found");
      }
      store.merge(stream, id, into, "api");
      return answerOne({ id: into });
    });
    // Out of support since 2026-08-01: they are gone here, so that nothing relies on them.
    for (const path of [`/${stream}`, `/${stream}/:id`]) {
      routes.all(path, () => {
        throw refused(410, `This endpoint was removed. Use /api/v2/${stream}`, "ERR_GONE");
      });
    }
  }
  return routes;
}
