import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Failure } from "../failure.ts";
import { answerRequests } from "../http/answer-requests.ts";
import type { RevenueKind } from "../model-name.ts";
import { type AccountOptions, type InventedAccount, inventAccount } from "./account/account.ts";
import { type Intercept, type PipedriveManners, sandboxApp } from "./pipedrive/app.ts";
import { RateLimit } from "./pipedrive/rate-limit.ts";
import { RequestLog } from "./pipedrive/request-log.ts";
import { Webhooks } from "./pipedrive/webhooks.ts";
import { type PlanhatParts, planhatApp } from "./planhat/planhat-app.ts";
import { type PlanhatCustomField, PlanhatStore } from "./planhat/planhat-store.ts";
import type { PlanhatManners } from "./planhat/planhat-upsert.ts";
import { Store } from "./store/store.ts";

/** The options of the sandbox; sizes and seed are those of the invented account. */
export interface SandboxOptions extends AccountOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  host?: "127.0.0.1";
  /** The API token it accepts. */
  token?: string;
  /** An account to serve instead of one invented from the sizes. */
  account?: InventedAccount;
  /** Requests within two seconds for each token; Infinity for none. Default 20, the smallest plan's. */
  burstLimit?: number;
  /** API tokens a day; Infinity for no limit. Default 30,000. */
  dailyTokens?: number;
  /** Seconds for which requests are blocked that kept coming after 429. Default 30. */
  blockSeconds?: number;
  /** Returns the account's time. Default: starts at the account's `now` and runs with the sandbox. */
  clock?: () => Date;
  /** Answers in place of the API, for tests of failures. */
  intercept?: Intercept;
  /** Waits before a webhook's second and later attempts. Default 3, 30, 150 as in Pipedrive. */
  webhookRetrySeconds?: readonly number[];
  /** True to compress answers for clients that accept gzip. Default false: on one machine it only costs time. */
  gzip?: boolean;
  /** True if a rejection of a body names its field. Default true. */
  namesRefusedFields?: boolean;
  /** The local Planhat beside it. */
  planhat?: PlanhatOptions;
}

/** The behaviour of the local Planhat; everything has a default. */
export interface PlanhatOptions extends Partial<Omit<PlanhatParts, "store" | "requests">> {
  customFields?: readonly PlanhatCustomField[];
}

/** The local Planhat of a running sandbox. */
export interface PlanhatSandbox {
  /** The value for `planhat.api_url`. */
  url: string;
  token: string;
  store: PlanhatStore;
  requests: RequestLog;
  /** Its form of errors and keys, and its revenue models; they may change at any time. */
  manners: PlanhatManners & Pick<PlanhatParts, "revenue">;
}

/** A running sandbox. */
export interface Sandbox {
  /** The address without a path: the value for `company_url`. */
  url: string;
  token: string;
  account: InventedAccount;
  store: Store;
  requests: RequestLog;
  manners: PipedriveManners;
  planhat: PlanhatSandbox;
  /** Stops immediately, breaking open connections. */
  close(): Promise<void>;
}

/**
 * Starts a stateful local Pipedrive over an invented account. Rejects with a Failure (surroundings) if the port is not
 * available.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = "127.0.0.1", token = "sandbox-token" } = options;
  const account = options.account ?? inventAccount(options);
  const started = performance.now();
  const clock = options.clock ?? (() => new Date(account.now.getTime() + (performance.now() - started)));
  const store = new Store(account, clock);
  const limits = {
    burstLimit: options.burstLimit ?? 20,
    dailyTokens: options.dailyTokens ?? 30_000,
    blockSeconds: options.blockSeconds ?? 30,
  };
  const requests = new RequestLog();
  const webhooks = new Webhooks(
    store,
    `${account.company["company_domain"]}.pipedrive.com`,
    options.webhookRetrySeconds ?? [3, 30, 150],
  );
  const { customFields, ...manners } = options.planhat ?? {};
  const planhat = {
    token: "sandbox-planhat-token",
    callsPerMinute: 200,
    mayNotRead: [],
    mayNotWrite: [],
    revenue: "licenses" as RevenueKind,
    intercept: undefined,
    ...manners,
    store: new PlanhatStore(clock, customFields),
    requests: new RequestLog(),
  };
  const pipedrive: PipedriveManners = { namesRefusedFields: options.namesRefusedFields ?? true };
  const app = sandboxApp({
    store,
    webhooks,
    requests,
    rateLimit: new RateLimit(limits, clock),
    token,
    intercept: options.intercept,
    gzip: options.gzip ?? false,
    manners: pipedrive,
    planhat: planhatApp(planhat),
  });
  const server = createServer();
  answerRequests(server, app.fetch, {
    onError: (error, request) => process.stderr.write(`${request}: ${error instanceof Error ? error.stack : error}\n`),
  });
  // Node closes an idle connection after 5 s, just when a slow client may reuse it, which costs that client a retry.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, resolve);
  });
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token,
    planhat: {
      url: `${url}/planhat`,
      token: planhat.token,
      store: planhat.store,
      requests: planhat.requests,
      manners: planhat,
    },
    account,
    store,
    requests,
    manners: pipedrive,
    close: () =>
      new Promise((resolve) => {
        webhooks.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function cannotListen(host: string, port: number, cause: Error): Failure {
  const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
  const message = `The sandbox cannot listen on ${host}:${port}: ${taken ? "another program uses that port" : cause.message}.`;
  return new Failure("surroundings", message, { hint: "Choose another port, or 0 for a free one.", cause });
}
