import { Hono } from "hono";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { isObject } from "../../mapping/value.ts";
import { answerList, answerOne } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { readBody } from "./record-routes.ts";
import type { Webhooks } from "./webhooks.ts";

const actions: readonly Json[] = ["create", "change", "delete", "*"];
const objects: readonly Json[] = (
  "* organization person deal note activity lead pipeline stage product user " +
  "deal_installment deal_product board phase project task"
).split(" ");
const mostWebhooks = 40;

/** Serves the management of webhooks as API v1 does (mounted at /v1 and /api/v1). */
export function webhookRoutes(webhooks: Webhooks): Hono {
  const routes = new Hono();
  routes.get("/webhooks", () =>
    answerList(
      webhooks.list.map((webhook) => Buffer.from(JSON.stringify(webhook))),
      { status: "ok" },
    ),
  );
  routes.post("/webhooks", async (context) => {
    const body = checkWebhook(await readBody(context.req.raw));
    if (webhooks.list.length >= mostWebhooks) {
      throw new ApiError(422, { status: "error", success: false, errors: { limit: ["webhooks limit reached"] } });
    }
    return answerOne(webhooks.add(body), { status: "ok" }, 201);
  });
  routes.delete("/webhooks/:id", (context) => {
    if (!webhooks.remove(Number(context.req.param("id")))) {
      throw new ApiError(404, { status: "error", success: false, errors: { id: ["not found"] } });
    }
    return Response.json({ status: "ok", success: true });
  });
  return routes;
}

function checkWebhook(body: Json): JsonObject {
  const given = isObject(body) ? body : {};
  const { subscription_url: url, version = "2.0" } = given;
  const errors: Record<string, Json> = {};
  if (typeof url !== "string" || !URL.canParse(url)) errors["subscription_url"] = ["invalid or non-reachable URL"];
  if (!actions.includes(given["event_action"] ?? null))
    errors["event_action"] = [`must be one of ${actions.join(", ")}`];
  if (!objects.includes(given["event_object"] ?? null))
    errors["event_object"] = [`must be one of ${objects.join(", ")}`];
  if (typeof given["name"] !== "string" || given["name"].length > 255)
    errors["name"] = ["is required, at most 255 characters"];
  if (version !== "2.0") errors["version"] = ["the sandbox delivers 2.0 only"];
  if (Object.keys(errors).length > 0) throw new ApiError(400, { status: "error", success: false, errors });
  return given;
}
