import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { BinResult } from "./run-bin.ts";
import type { SandboxSync } from "./sandbox-sync.ts";

/** A listening `serve` of the built bin. */
export interface RunningService {
  url: string;
  child: ChildProcess;
  /** Returns its log so far. */
  log(): string;
  /** Its output and its end, once it has ended. */
  ended: Promise<BinResult>;
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<BinResult>;
  /** Delivers a body as Pipedrive would, with the right credentials unless others are given. */
  deliver(body: string | JsonObject, headers?: Record<string, string>): Promise<Response>;
  /** Returns the answer of `/health` to a client with the `sync_token`, if the config has one. */
  health(): Promise<{ status: string; problems: string[]; parts: Record<string, Record<string, unknown>> }>;
  /** Waits until no event waits, and returns the time that took, in milliseconds. */
  settled(): Promise<number>;
}

/** The credentials of `webhookConfig`. */
export const authorization = `Basic ${Buffer.from("pipedrive:geheim-wort").toString("base64")}`;
export const syncToken = "a-token-for-the-tests";

/** Returns the part of a config that `serve` needs for deliveries on a port, and for runs on demand. */
export function webhookConfig(port: number): string {
  return `webhook:\n  public_url: http://127.0.0.1:${port}\n  username: pipedrive\n  password: geheim-wort\nsync_token: ${syncToken}\n`;
}

/** Returns a loopback port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * Starts `serve` on the port, with further arguments if given, and waits until it listens. Throws if it ends instead.
 */
export async function startServe(
  setting: SandboxSync,
  port: number,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<RunningService> {
  let child: ChildProcess | undefined;
  let log = "";
  let over: BinResult | undefined;
  const onStart = (started: ChildProcess) => {
    child = started;
    started.stderr?.on("data", (text: string) => {
      log += text;
    });
  };
  const ended = setting.run(["serve", "--port", String(port), ...args], onStart, env);
  void ended.then((result) => {
    over = result;
  });
  while (!log.includes("Listening on")) {
    if (over !== undefined) throw new Error(`serve ended with ${over.status}: ${over.stderr}`);
    await sleep(20);
  }
  const url = /Listening on (http:[\w./:]+)/.exec(log)![1]!;
  const health: RunningService["health"] = async () =>
    (await fetch(`${url}/health`, { headers: { authorization: `Bearer ${syncToken}` } })).json() as never;
  return {
    url,
    child: child!,
    log: () => log,
    ended,
    end(signal = "SIGTERM") {
      child!.kill(signal);
      return ended;
    },
    deliver: (body, headers = {}) =>
      fetch(`${url}/webhooks/pipedrive`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { authorization, "content-type": "application/json", ...headers },
      }),
    health,
    async settled() {
      const started = performance.now();
      for (;;) {
        const { work, listener } = (await health()).parts;
        if (work?.["waiting_events"] === 0 && work["waiting_syncs"] === 0 && (listener?.["spooled"] ?? 0) === 0) break;
        await sleep(20);
      }
      return performance.now() - started;
    },
  };
}

/** Returns Pipedrive's event for a changed deal; the service reads only the record and the action. */
export function dealEvent(
  id: number,
  action: "create" | "change" | "delete" = "change",
  meta: JsonObject = {},
): JsonObject {
  return {
    meta: { entity: "deal", entity_id: String(id), action, version: "2.0", ...meta },
    data: null,
    previous: null,
  };
}

/** Waits until `serve` has created its webhook, so that the sandbox delivers all events of deals. */
export async function subscribed(setting: SandboxSync): Promise<void> {
  while ((await webhooksOf(setting)).length === 0) await sleep(50);
}

/** Removes the webhook that `serve` has created: from now on only the test delivers. */
export async function unsubscribe(setting: SandboxSync): Promise<void> {
  await subscribed(setting);
  const { url, token } = setting.sandbox;
  for (const { id } of await webhooksOf(setting)) {
    await fetch(`${url}/v1/webhooks/${id}`, { method: "DELETE", headers: { "x-api-token": token } });
  }
}

async function webhooksOf({ sandbox }: SandboxSync): Promise<JsonObject[]> {
  const answer = await fetch(`${sandbox.url}/v1/webhooks`, { headers: { "x-api-token": sandbox.token } });
  return ((await answer.json()) as { data: JsonObject[] }).data;
}

/** Moves all earlier runs by an interval of SQL, as if time had passed since. */
export async function moveRuns(setting: SandboxSync, interval: string): Promise<void> {
  await setting.look(
    `with moved as (update connector.bookmarks set updated_at = updated_at + $1::interval)
     update connector.runs set started_at = started_at + $1::interval, finished_at = finished_at + $1::interval`,
    [interval],
  );
}
