import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "winston";
import { consoleApp } from "../../console/console-app.ts";
import type { ConsoleHost } from "../../console/console-host.ts";
import { createLive } from "../../console/live.ts";
import { onePerson } from "../../console/people.ts";
import type { SignedInPerson } from "../../console/roles.ts";
import { sessionsInMemory } from "../../console/sessions.ts";
import { Throttle } from "../../console/throttle.ts";
import { Failure } from "../../failure.ts";
import { answerRequests } from "../../http/answer-requests.ts";
import { createLogger } from "../../logger.ts";
import { operator } from "../../operator.ts";
import { writeLine } from "../../protocol/standard-output.ts";
import { startAlerts } from "../../service/alerts.ts";
import { startControlRoutes } from "../../service/control-routes.ts";
import { startListener } from "../../service/deliveries/listener.ts";
import { startSchedule } from "../../service/jobs/schedule.ts";
import { startWorker } from "../../service/jobs/work.ts";
import { startMetrics } from "../../service/metrics.ts";
import { runService, type Service, type StartPart } from "../../service/service.ts";
import { admitDeliveries, keepWebhook } from "../../service/webhook/keep-webhook.ts";
import type { CommonOptions } from "../common-options.ts";
import { openAccount } from "../opening/with-account.ts";
import { portOf } from "../serve/serve.ts";
import { withService } from "../serve/with-service.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { type Stopped, stopSignal } from "../terminal/stop-signal.ts";

/** The options of `console`. */
export interface ConsoleOptions extends CommonOptions {
  port: number;
  open: boolean;
  /** Seconds to wait for an embedded database that another process uses. */
  wait: number;
}

const loopback = "127.0.0.1";
/** Time (ms) of the longest stop. */
const longestStop = 9_500;
/** Interval (ms) at which a service that could not start is tried again, and a missing config looked for. */
const retryEvery = 5_000;
/** Time (ms) that a page waits for a service that starts; then it shows what it can. */
const longestStart = 10_000;

/** Serves the page of this folder's config, with its service beside it, until a signal. Returns the exit status. */
export async function serveConsole(options: ConsoleOptions): Promise<number> {
  const signal = stopSignal();
  const logger = await createLogger(options.logLevel, options.logFormat);
  const beside = new ServiceBeside(options, signal, logger);
  const person: SignedInPerson = { name: operator(), role: "editor" };
  const link = oneTimeLink(person);
  const live = createLive(() => beside.service);
  beside.onStart = (service) => live.attach(service);
  const host: ConsoleHost = {
    command: "console",
    configFile: options.config,
    basePath: "/console",
    hosts: [],
    signIn: { people: onePerson(person), sessions: sessionsInMemory(), throttle: new Throttle(), link },
    live,
    service: () => beside.service,
    problem: () => beside.problem,
    hasConfig: () => beside.hasConfig(),
    restart: () => beside.restart(),
    onDefect: (error) => tellDefect(logger, "The console", error),
  };
  signal.addEventListener("abort", () => {
    setTimeout(() => process.exit((signal.reason as Stopped).exitStatus), longestStop).unref();
  });
  const app = consoleApp(host);
  app.get("/", (context) => context.redirect("/console/"));
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 30_000 });
  answerRequests(server, (request, { incoming }) => app.fetch(request, { remote: incoming.socket.remoteAddress }), {
    onError: (error, request) => tellDefect(logger, request, error),
  });
  const port = await listen(server, options.port);
  const address = `http://${loopback}:${port}/console/link/${link.code}`;
  await writeLine(`The console is at ${address}`);
  await writeLine("The link works once. Ctrl-C stops the console and the service beside it.");
  if (options.open) openBrowser(address);
  await beside.run();
  live.close();
  server.close();
  server.closeAllConnections();
  return reportFailure(signal.reason);
}

function tellDefect(logger: Logger, what: string, error: unknown): void {
  logger.error(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
}

/** Makes the code of a link that signs one person in, once. */
function oneTimeLink(person: SignedInPerson): { code: string; take(code: string): SignedInPerson | undefined } {
  const code = randomBytes(24).toString("base64url");
  let isUsed = false;
  return {
    code,
    take(given) {
      if (isUsed || given !== code) return undefined;
      isUsed = true;
      return person;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === "EADDRINUSE" ? "another program uses that port" : message;
      const hint = "Choose another with --port <port>; 0 takes a free one.";
      reject(new Failure("surroundings", `console cannot listen on ${loopback}:${port}: ${why}.`, { hint }));
    });
    server.listen(port, loopback, () => resolve((server.address() as AddressInfo).port));
  });
}

/** The service of the config's file, which starts when there is one, and again when it changed. */
class ServiceBeside {
  service: Service | undefined;
  /** The reason why it does not run although there is a config. */
  problem: Failure | undefined;
  onStart: (service: Service) => void = () => {};
  readonly #options: ConsoleOptions;
  readonly #signal: AbortSignal;
  readonly #logger: Logger;
  #stop = new AbortController();
  #started: (() => void)[] = [];

  constructor(options: ConsoleOptions, signal: AbortSignal, logger: Logger) {
    this.#options = options;
    this.#signal = signal;
    this.#logger = logger;
  }

  /** Runs the service, and starts it again, until the process is asked to stop. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#stop = new AbortController();
      if (existsSync(this.#options.config)) await this.#once(AbortSignal.any([this.#signal, this.#stop.signal]));
      // Whoever stopped it to start it again waits for the next one.
      if (this.#stop.signal.aborted && !this.#signal.aborted) continue;
      this.#tellStarted();
      if (this.#signal.aborted) continue;
      const either = AbortSignal.any([this.#signal, this.#stop.signal]);
      await sleep(retryEvery, undefined, { signal: either }).catch(() => undefined);
    }
  }

  /** Stops the service and waits until it runs again, or could not start. */
  async restart(): Promise<void> {
    const started = new Promise<void>((resolve) => this.#started.push(resolve));
    this.#stop.abort(new Error("The console starts the service again."));
    await started;
  }

  /** Waits while the service starts, and returns false if there is no config. */
  async hasConfig(): Promise<boolean> {
    if (!existsSync(this.#options.config)) return false;
    if (this.service !== undefined || this.problem !== undefined) return true;
    const started = new Promise<void>((resolve) => this.#started.push(resolve));
    await Promise.race([started, sleep(longestStart, undefined, { ref: false })]);
    return true;
  }

  async #once(signal: AbortSignal): Promise<void> {
    try {
      const account = await openAccount(this.#options, signal);
      const { webhook, sync_token: token } = account.config;
      const listens = webhook !== undefined || token !== undefined;
      const address = { host: loopback, port: listens ? portOf(process.env["PORT"]) : 0 };
      const place = { address, signal, wait: this.#options.wait, mends: true } as const;
      await withService(account, place, async (service) => {
        const started: StartPart = async () => {
          this.problem = undefined;
          this.service = service;
          this.onStart(service);
          this.#tellStarted();
          return () => {
            this.service = undefined;
          };
        };
        await runService(service, [...partsFor(service, listens), started]);
      });
    } catch (error) {
      if (signal.aborted) return;
      this.problem =
        error instanceof Failure
          ? error
          : new Failure("run", error instanceof Error ? error.message : String(error), { cause: error });
      this.#logger.warn("The service beside the console does not run.", { error: this.problem.message });
    } finally {
      this.service = undefined;
    }
  }

  #tellStarted(): void {
    for (const tell of this.#started.splice(0)) tell();
  }
}

/** Returns the parts of the service beside the console: the schedule and the webhook only where they are configured. */
function partsFor({ config }: Service, listens: boolean): StartPart[] {
  const { schedule, webhook, sync_token: token } = config;
  const scheduled = [schedule, webhook, token].some((one) => one !== undefined);
  return [
    startWorker,
    ...(scheduled ? [startSchedule] : []),
    startMetrics,
    startAlerts,
    startControlRoutes,
    ...(listens ? [admitDeliveries, startListener, keepWebhook] : []),
  ];
}

/** Opens an address in the person's browser, if this machine has one. It never fails: the address was printed. */
function openBrowser(address: string): void {
  const [program, ...before] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler"]
        : ["xdg-open"];
  const hasScreen = process.platform !== "linux" || "DISPLAY" in process.env || "WAYLAND_DISPLAY" in process.env;
  if (!hasScreen) return;
  const child = spawn(program!, [...before, address], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
