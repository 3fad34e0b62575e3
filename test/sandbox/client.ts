import { v1, v2 } from "pipedrive";
import type { Sandbox } from "../../connector/sandbox/server.ts";

/** Returns the official client of npm `pipedrive`, pointed at a sandbox: one object for each API it has. */
export function officialClient({ url, token }: { url: string; token: string }) {
  const second = new v2.Configuration({ apiKey: token, basePath: `${url}/api/v2` });
  const first = new v1.Configuration({ apiKey: token, basePath: `${url}/v1` });
  return {
    deals: new v2.DealsApi(second),
    dealProducts: new v2.DealProductsApi(second),
    organizations: new v2.OrganizationsApi(second),
    persons: new v2.PersonsApi(second),
    dealFields: new v2.DealFieldsApi(second),
    personFields: new v2.PersonFieldsApi(second),
    organizationFields: new v2.OrganizationFieldsApi(second),
    pipelines: new v2.PipelinesApi(second),
    stages: new v2.StagesApi(second),
    notes: new v1.NotesApi(first),
    users: new v1.UsersApi(first),
    webhooks: new v1.WebhooksApi(first),
    mergeOrganizations: new v1.OrganizationsApi(first),
  };
}

/** Returns the API's answer to a failed request of the official client, which rejects with just that body. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (body) {
    if (body instanceof Error) throw body;
    return body as Record<string, unknown>;
  }
  throw new Error("The request was expected to be refused, and was not.");
}

/** Sends a plain request with the sandbox's token. */
export function request(sandbox: Sandbox, path: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.url}${path}`, { ...options, headers: { "x-api-token": sandbox.token, ...options.headers } });
}

/** Sends a request with a JSON body; returns the status and the answer's JSON. */
export async function send(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, never> & { error?: string; code?: string } }> {
  const answer = await request(sandbox, path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as never };
}
