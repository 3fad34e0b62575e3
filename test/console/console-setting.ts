import { hc } from "hono/client";
import { openAccount } from "../../connector/commands/opening/with-account.ts";
import { withService } from "../../connector/commands/serve/with-service.ts";
import type { ConsoleUser } from "../../connector/config/config.ts";
import type { ConsoleApi } from "../../connector/console/console-api.ts";
import { consoleApp } from "../../connector/console/console-app.ts";
import type { ConsoleHost } from "../../connector/console/console-host.ts";
import { createLive } from "../../connector/console/live.ts";
import { peopleOf } from "../../connector/console/people.ts";
import { sessionsIn } from "../../connector/console/sessions.ts";
import { Throttle } from "../../connector/console/throttle.ts";
import type { Service } from "../../connector/service/service.ts";
import type { DatabaseKind } from "../databases.ts";
import { type SandboxSync, sandboxSync } from "../sandbox-sync.ts";

/** The client of the console's API, of one person. */
export type Client = ReturnType<typeof hc<ConsoleApi>>;

/** The console over an account of its own, without a listener. */
export interface ConsoleSetting extends SandboxSync {
  service: Service;
  app: ReturnType<typeof consoleApp>;
  host: ConsoleHost;
  /** Sends a request as a browser on the console's own page would, without a cookie. */
  ask(path: string, init?: RequestInit, remote?: string): Promise<Response>;
  /** Signs a person in, and returns the client, and the headers of its requests. */
  signIn(name: string): Promise<{ client: Client; headers: Record<string, string> }>;
}

/** The password of every person of the tests. */
export const password = "correct horse";
export const origin = "http://127.0.0.1:8090";

const users: ConsoleUser[] = [
  { name: "vera", role: "viewer", password },
  { name: "omar", role: "operator", password },
  { name: "edda", role: "editor", password },
  { name: "paula", role: "editor" },
];

/** Runs `work` with the console over a sandbox that was synced once, in this process. */
export async function withConsole(
  kind: DatabaseKind,
  work: (setting: ConsoleSetting) => Promise<void>,
  prepare: (setting: SandboxSync) => Promise<void> | void = () => {},
): Promise<void> {
  const setting = await sandboxSync(kind);
  try {
    await prepare(setting);
    await setting.sync();
    const stop = new AbortController();
    const config = `${setting.place.folder}/config.yaml`;
    const account = await openAccount({ config, logLevel: "error", logFormat: "text" }, stop.signal);
    const address = { host: "127.0.0.1", port: 0 };
    await withService(account, { address, signal: stop.signal, wait: 0 }, async (service) => {
      const host = await hostOf(service, config);
      const app = consoleApp(host);
      const ask: ConsoleSetting["ask"] = async (path, init = {}, remote = "10.0.0.9") => {
        const headers = new Headers({ host: "127.0.0.1:8090", origin, "sec-fetch-site": "same-origin" });
        for (const [name, value] of new Headers(init.headers)) {
          if (value === "absent") headers.delete(name);
          else headers.set(name, value);
        }
        return app.request(`${origin}${path}`, { ...init, headers }, { remote });
      };
      const signIn: ConsoleSetting["signIn"] = async (name) => {
        const body = JSON.stringify({ name, password });
        const signedIn = await ask("/console/api/sign-in", {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
        });
        if (signedIn.status !== 200) throw new Error(await signedIn.text());
        const cookie = signedIn.headers.getSetCookie()[0]!.split(";")[0]!;
        const session = await (await ask("/console/api/session", { headers: { cookie } })).json();
        const headers = { cookie, "x-console-token": (session as { token: string }).token };
        const fetch = (url: string, init?: RequestInit) =>
          ask(new URL(url).pathname + new URL(url).search, {
            ...init,
            headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers },
          });
        return {
          client: hc<ConsoleApi>(`${origin}/console/api`, { fetch: fetch as typeof globalThis.fetch }),
          headers,
        };
      };
      // The service has the embedded folder to itself, so what looks at rows asks the service's database.
      const look: ConsoleSetting["look"] = (sql, parameters = []) => service.database.query(sql, parameters);
      await work({ ...setting, look, service, app, host, ask, signIn });
      stop.abort();
    });
  } finally {
    await setting.close();
  }
}

async function hostOf(service: Service, configFile: string): Promise<ConsoleHost> {
  const people = await peopleOf(users);
  const live = createLive(() => service);
  live.attach(service);
  return {
    command: "serve",
    configFile,
    basePath: "/console",
    hosts: ["sync.acme.example"],
    signIn: {
      people,
      sessions: sessionsIn(service.database),
      throttle: new Throttle(),
      trusted: { header: "X-Forwarded-User", proxies: ["10.0.0.1"] },
    },
    live,
    service: () => service,
    onDefect(error) {
      throw error;
    },
  };
}
