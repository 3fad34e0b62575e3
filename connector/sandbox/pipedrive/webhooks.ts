import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../mapping/value.ts";
import type { RecordChange, Store } from "../store/store.ts";
import { webhookObject, webhookPayload } from "./webhook-payload.ts";

/** Milliseconds: a delivery succeeds with any 2xx within ten seconds (guide for webhooks v2). */
const patienceMilliseconds = 10_000;
/** Events with a failed first attempt after which a webhook is banned; its events are lost during the ban. */
const failuresToBan = 10;
const banSeconds = 30 * 60;
/** Days in a row without a success after which a webhook is removed. */
const daysToRemoval = 3;

/** The webhooks of the account and their delivery. */
export class Webhooks {
  /** The entries of `GET /v1/webhooks`. */
  readonly list: JsonObject[] = [];
  readonly #store: Store;
  readonly #host: string;
  readonly #retrySeconds: readonly number[];
  readonly #closing = new AbortController();
  readonly #failures = new Map<number, number>();
  readonly #bannedUntil = new Map<number, number>();
  /** The epoch second since which no delivery of a webhook has succeeded. */
  readonly #failingSince = new Map<number, number>();
  #lastId = 0;

  /**
   * Delivers every change of the store from now on. `retrySeconds` are the waits before the second and later attempts.
   */
  constructor(store: Store, host: string, retrySeconds: readonly number[]) {
    this.#store = store;
    this.#host = host;
    this.#retrySeconds = retrySeconds;
    store.onChange((change) => {
      for (const webhook of this.list) {
        if (isMeant(webhook, change)) void this.#deliver(webhook, change);
      }
    });
  }

  /** Adds a webhook from the body of `POST /v1/webhooks`; returns it. */
  add(body: JsonObject): JsonObject {
    const owner = this.#store.users[0]!["id"]!;
    const webhook: JsonObject = {
      id: ++this.#lastId,
      company_id: this.#store.account.company["company_id"]!,
      owner_id: owner,
      user_id: body["user_id"] ?? owner,
      event_action: body["event_action"]!,
      event_object: body["event_object"]!,
      subscription_url: body["subscription_url"]!,
      version: body["version"] ?? "2.0",
      is_active: 1,
      add_time: new Date(this.#store.now() * 1000).toISOString(),
      remove_time: null,
      type: "general",
      http_auth_user: body["http_auth_user"] ?? null,
      http_auth_password: body["http_auth_password"] ?? null,
      remove_reason: null,
      last_delivery_time: null,
      last_http_status: null,
      admin_id: owner,
      name: body["name"] ?? "",
    };
    this.list.push(webhook);
    return webhook;
  }

  /** Removes a webhook; returns false for an unknown id. */
  remove(id: number): boolean {
    const index = this.list.findIndex((webhook) => webhook["id"] === id);
    if (index >= 0) this.list.splice(index, 1);
    return index >= 0;
  }

  /** Aborts every delivery in progress. */
  close(): void {
    this.#closing.abort();
  }

  async #deliver(webhook: JsonObject, change: RecordChange): Promise<void> {
    const id = webhook["id"] as number;
    if ((this.#bannedUntil.get(id) ?? Number.NEGATIVE_INFINITY) > this.#store.now()) return;
    const payload = webhookPayload(this.#store, webhook, change, this.#host);
    for (const [index, wait] of [0, ...this.#retrySeconds].entries()) {
      try {
        if (wait > 0) await sleep(wait * 1000, undefined, { signal: this.#closing.signal, ref: false });
      } catch {
        return; // The sandbox closed while an attempt was due.
      }
      (payload["meta"] as JsonObject)["attempt"] = index + 1;
      const succeeded = await this.#attempt(webhook, payload);
      this.#removeIfHopeless(id, succeeded);
      if (succeeded) return;
      if (this.#closing.signal.aborted) return;
      if (index === 0) this.#countFailure(id);
    }
  }

  async #attempt(webhook: JsonObject, payload: JsonObject): Promise<boolean> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    const { http_auth_user: user, http_auth_password: password } = webhook;
    if (typeof user === "string") {
      headers["authorization"] = `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`;
    }
    webhook["last_delivery_time"] = new Date(this.#store.now() * 1000).toISOString();
    try {
      const answer = await fetch(String(webhook["subscription_url"]), {
        method: "POST",
        headers,
        body: JSON.stringify(payload),
        redirect: "manual",
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(patienceMilliseconds)]),
      });
      await answer.body?.cancel();
      webhook["last_http_status"] = answer.status;
      return answer.ok;
    } catch {
      webhook["last_http_status"] = null;
      return false; // Not reached or not in time: a failed attempt like any other.
    }
  }

  #removeIfHopeless(id: number, succeeded: boolean): void {
    const now = this.#store.now();
    if (succeeded) this.#failingSince.delete(id);
    else if (!this.#failingSince.has(id)) this.#failingSince.set(id, now);
    else if (now - this.#failingSince.get(id)! >= daysToRemoval * 86_400) this.remove(id);
  }

  #countFailure(id: number): void {
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures % failuresToBan);
    if (failures === failuresToBan) this.#bannedUntil.set(id, this.#store.now() + banSeconds);
  }
}

function isMeant(webhook: JsonObject, change: RecordChange): boolean {
  const { event_action: action, event_object: object } = webhook;
  return (action === "*" || action === change.action) && (object === "*" || object === webhookObject[change.stream]);
}
