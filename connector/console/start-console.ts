import type { ConsoleConfig } from "../config/config.ts";
import type { Service, StopPart } from "../service/service.ts";
import { consoleApp } from "./console-app.ts";
import type { ConsoleHost } from "./console-host.ts";
import { createLive } from "./live.ts";
import { peopleOf } from "./people.ts";
import { sessionsIn } from "./sessions.ts";
import { Throttle } from "./throttle.ts";

/** Adds the console to the routes of `serve`, for the people of the config. */
export async function startConsole(
  service: Service,
  configFile: string,
  { users = [], base_path: basePath = "/console", hosts = [], ...sso }: ConsoleConfig,
): Promise<StopPart> {
  const { trusted_header: header, trusted_proxies: proxies = [] } = sso;
  const { webhook } = service.config;
  const live = createLive(() => service);
  const host: ConsoleHost = {
    command: "serve",
    configFile,
    basePath,
    hosts: [...hosts, ...(webhook === undefined ? [] : [new URL(webhook.public_url).host])],
    signIn: {
      people: await peopleOf(users),
      sessions: sessionsIn(service.database),
      throttle: new Throttle(),
      ...(header === undefined ? {} : { trusted: { header, proxies } }),
    },
    live,
    service: () => service,
    onDefect: (error) =>
      void service.logger.error("The console failed to answer.", {
        error: error instanceof Error ? error.stack : String(error),
      }),
  };
  service.routes.route("/", consoleApp(host));
  service.consolePath = basePath;
  live.attach(service);
  return () => live.close();
}
