import { Failure } from "../../failure.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { Client } from "../client/client.ts";
import { Refusal } from "../client/refusal.ts";

/** The objects of a webhook's events: the values of Pipedrive's `event_object` that matter here. */
export type EventObject = "deal" | "organization" | "person" | "note";

/** A webhook as Pipedrive lists it, without its password. */
export interface ListedWebhook {
  id: number;
  eventAction: string;
  eventObject: string;
  url: string;
  /** `2.0`, or another version that Pipedrive names. */
  version: string;
  /** False if Pipedrive has switched it off or marked it as removed. */
  active: boolean;
  /** The instant of the last delivery, and the HTTP status of its answer; null for none. */
  lastDeliveryTime: string | null;
  lastHttpStatus: number | null;
}

/** The input of a new webhook. */
export interface NewWebhook {
  eventObject: EventObject;
  url: string;
  username: string;
  password: string;
}

const path = "/v1/webhooks";
/** Webhooks per user (Pipedrive docs, "Guide for webhooks v2"). */
const mostWebhooks = 40;

/** Lists the webhooks of the token's user (API v1 `GET /v1/webhooks`, 10 tokens; v2 has no such path). */
export async function listWebhooks(client: Client): Promise<ListedWebhook[]> {
  const { body } = await permitted(() => client.get(path, {}, { tokens: 10 }));
  return Array.isArray(body["data"]) ? body["data"].map(listedWebhook) : [];
}

/**
 * Creates a webhook for every action on the objects of a kind (API v1 `POST /v1/webhooks`, 10 tokens), in version 2.0,
 * and returns its id. Throws a Failure that names the cause: permission, limit or address.
 */
export async function createWebhook(client: Client, webhook: NewWebhook): Promise<number> {
  const { eventObject, url, username, password } = webhook;
  try {
    const { body } = await permitted(() =>
      client.post(
        path,
        {
          name: `pipedrive-planhat: ${eventObject}`,
          subscription_url: url,
          event_action: "*",
          event_object: eventObject,
          version: "2.0",
          http_auth_user: username,
          http_auth_password: password,
        },
        { tokens: 10 },
      ),
    );
    return listedWebhook(body["data"]).id;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 422) throw new LimitReached(error);
    if (error.status !== 400) throw error;
    throw new Failure("surroundings", `Pipedrive refused the webhook address ${url}. ${error.message}`, {
      hint: "It must be reachable from the internet, with a valid certificate and without a redirect, and serve must be running behind it.",
      remedy: "change",
      cause: error,
    });
  }
}

/** Deletes a webhook (API v1 `DELETE /v1/webhooks/{id}`, 6 tokens). One that no longer exists counts as deleted. */
export async function deleteWebhook(client: Client, id: number): Promise<void> {
  try {
    await permitted(() => client.delete(`${path}/${id}`, { tokens: 6 }));
  } catch (error) {
    if (error instanceof Refusal && (error.status === 404 || error.status === 410)) return;
    throw error;
  }
}

/** The failure of a user who already has as many webhooks as Pipedrive allows. */
export class LimitReached extends Failure {
  constructor(cause: Refusal) {
    super("surroundings", `Pipedrive allows a user ${mostWebhooks} webhooks, and the token's user has them all.`, {
      hint: "Remove one that is not used: in Pipedrive, Settings > Tools > Webhooks.",
      remedy: "change",
      cause,
    });
  }
}

/** The failure of a token's user who may not manage webhooks. */
export class WebhooksForbidden extends Failure {
  constructor(cause: Refusal) {
    super("surroundings", `The token's user may not manage webhooks. ${cause.message}`, {
      hint: "Webhooks need an administrator's API token (with OAuth2: the scope admin). Without one, leave `webhook` out and set `schedule`.",
      remedy: "change",
      cause,
    });
  }
}

async function permitted<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    // The gateway's block of an account is a 403 too, and ends after a while.
    if (error instanceof Refusal && error.status === 403 && error.remedy === "change") {
      throw new WebhooksForbidden(error);
    }
    throw error;
  }
}

function listedWebhook(data: Json | undefined): ListedWebhook {
  const entry = data !== null && typeof data === "object" && !Array.isArray(data) ? data : ({} as JsonObject);
  const { id, is_active: active, remove_time: removed, remove_reason: reason } = entry;
  if (typeof id !== "number") {
    throw new Failure("run", `Pipedrive answered ${path} in an unknown shape.`, { remedy: "report" });
  }
  return {
    id,
    eventAction: String(entry["event_action"] ?? ""),
    eventObject: String(entry["event_object"] ?? ""),
    url: String(entry["subscription_url"] ?? ""),
    version: String(entry["version"] ?? ""),
    active: active !== 0 && active !== false && (removed ?? null) === null && (reason ?? null) === null,
    lastDeliveryTime: typeof entry["last_delivery_time"] === "string" ? entry["last_delivery_time"] : null,
    lastHttpStatus: typeof entry["last_http_status"] === "number" ? entry["last_http_status"] : null,
  };
}
