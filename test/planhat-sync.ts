import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { openDatabase } from "../connector/database/open/open-database.ts";
import { saveTenant } from "../connector/database/rows/tenants.ts";
import { storeConsents } from "../connector/database/tables/consents.ts";
import type { JsonObject } from "../connector/mapping/value.ts";
import { modelNames } from "../connector/model-name.ts";
import { createPlanhatClient } from "../connector/planhat/client.ts";
import type { PlanhatOptions, PlanhatSandbox, SandboxOptions } from "../connector/sandbox/server.ts";
import type { Summary } from "../connector/sync/summary.ts";
import type { DatabaseKind } from "./databases.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "./sandbox-sync.ts";

/** A sandbox with a local Planhat that the config names, and an account of its own. */
export interface PlanhatSync extends SandboxSync {
  planhat: PlanhatSandbox;
  /** The behaviour of the local Planhat from now on; the token and the limits are fixed at the start. */
  manners: PlanhatOptions;
  /** Returns the bulk upserts since the last call, as method and path. */
  writes(): string[];
  /** Returns the objects of a kind by the connector's key. */
  objects(path: string): Map<string, JsonObject>;
}

/** Records consent to publish every model to a tenant, as a `sync --yes` would. */
export async function agreeToPublish(location: string, { token, url }: PlanhatSandbox): Promise<void> {
  const { mark, host } = createPlanhatClient({ api_token: token, api_url: url });
  const database = await openDatabase(location);
  try {
    await database.transaction(async (transaction) => {
      const tenant = randomUUID();
      await saveTenant(transaction, { mark, tenant, host });
      const consent = { kind: "publication", scope: tenant, by: "test", runId: null } as const;
      await storeConsents(transaction, consent, modelNames);
    });
  } finally {
    await database.close();
  }
}

/**
 * Sets a test up with an empty account unless `options` say otherwise. Publishing is agreed to, except in tests that
 * show how it waits (`agreed: false`).
 */
export async function planhatSync(
  kind: DatabaseKind,
  planhat: PlanhatOptions = {},
  options: SandboxOptions = emptyAccount,
  { agreed = true }: { agreed?: boolean } = {},
): Promise<PlanhatSync> {
  const manners: PlanhatOptions = planhat;
  const written: string[] = [];
  const setting = await sandboxSync(kind, {
    ...options,
    planhat: {
      ...planhat,
      intercept: (request) => {
        if (request.method !== "GET")
          written.push(`${request.method} ${request.path.replace(/\/[\da-f]{24}$/, "/{id}")}`);
        return manners.intercept?.(request);
      },
    },
  });
  const local = setting.sandbox.planhat;
  setting.configure(`planhat: {api_token: ${local.token}, api_url: "${local.url}"}\n`);
  if (agreed) await agreeToPublish(setting.location, local);
  return {
    ...setting,
    planhat: local,
    manners,
    writes: () => written.splice(0),
    objects: (path) =>
      new Map(
        local.store
          .all(path)
          .map((object) => [String(object[path === "conversations" ? "externalId" : "sourceId"]), object]),
      ),
  };
}

/** Runs a `sync` that fails; returns its exit status, its summary and its stderr. */
export async function failingSync(
  { run }: PlanhatSync,
  ...options: string[]
): Promise<{ status: number | null; summary: Summary; stderr: string }> {
  const { status, stdout, stderr } = await run(["sync", "--json", ...options]);
  expect(status, stderr).not.to.equal(0);
  return { status, summary: JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as Summary, stderr };
}
