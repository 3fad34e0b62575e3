import { hc } from "hono/client";
import { openAccount } from "../../connector/commands/opening/with-account.ts";
import { withService } from "../../connector/commands/serve/with-service.ts";
import type { ConsoleApi } from "../../connector/console/console-api.ts";
import { consoleApi } from "../../connector/console/console-api.ts";
import type { Service } from "../../connector/service/service.ts";
import type { DatabaseKind } from "../databases.ts";
import { type SandboxSync, sandboxSync } from "../sandbox-sync.ts";

/** The API of the console over an account of its own, without a listener. */
export interface ConsoleSetting extends SandboxSync {
  client: ReturnType<typeof hc<ConsoleApi>>;
  service: Service;
}

/** Runs `work` with the API over a sandbox that was synced once, in this process. */
export async function withConsoleApi(
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
      const onDefect = (error: unknown) => {
        throw error;
      };
      const host = { command: "serve", configFile: config, service: () => service, onDefect } as const;
      const app = consoleApi(host);
      const client = hc<ConsoleApi>("http://console", { fetch: app.request.bind(app) as typeof fetch });
      await work({ ...setting, client, service });
      stop.abort();
    });
  } finally {
    await setting.close();
  }
}
