import { createBudget } from "../../connector/pipedrive/client/budget.ts";
import { type Client, type ClientOptions, createClient } from "../../connector/pipedrive/client/client.ts";
import { parseCompanyUrl } from "../../connector/pipedrive/client/company-url.ts";
import type { LocalServer } from "./local-server.ts";

export const token = "t0k3n-that-nobody-may-see";
export const ok = { success: true, data: [] };
export const list = { tokens: 10 };

/** The log of the clients of `clientOf`; emptied by each new client. */
export const messages: string[] = [];

/** Returns an impatient client of a local server, with a budget of its own. */
export function clientOf(server: LocalServer, options: Partial<ClientOptions> = {}): Client {
  messages.length = 0;
  return createClient({
    companyUrl: parseCompanyUrl(server.url),
    apiToken: token,
    budget: createBudget(),
    log: (message) => messages.push(message),
    patience: { firstPause: 1, longestPause: 4 },
    ...options,
  });
}

/** Requests one page of deals. */
export const listDeals = (client: Client) => client.get("/api/v2/deals", { limit: 500, cursor: undefined }, list);
