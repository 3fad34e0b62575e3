import { Failure } from "../failure.ts";
import type { Service } from "../service/service.ts";
import type { Live } from "./live.ts";
import type { People } from "./people.ts";
import type { SignedInPerson } from "./roles.ts";
import type { OpenSession, Sessions } from "./sessions.ts";
import type { Throttle } from "./throttle.ts";

/** The ways to sign in to a console. */
export interface SignIn {
  people: People;
  sessions: Sessions;
  throttle: Throttle;
  /** The one-time link of `console`: takes its code, once. */
  link?: { take(code: string): SignedInPerson | undefined };
  /** The header in which a proxy at one of these addresses names the person. */
  trusted?: { header: string; proxies: readonly string[] };
}

/** The surroundings of the console: the config's file and the service that runs beside it. */
export interface ConsoleHost {
  /** The command that serves the page. */
  readonly command: "console" | "serve";
  /** The path of the config file, as given. */
  readonly configFile: string;
  /** The path under which the page is reached, without a slash at its end. */
  readonly basePath: string;
  /** The host names under which it is reached, besides localhost and IP addresses. */
  readonly hosts: readonly string[];
  readonly signIn: SignIn;
  readonly live: Live;
  /** Returns the running service; undefined as long as there is no config, and while it starts again. */
  service(): Service | undefined;
  /** Returns why the service does not run although there is a config; undefined if it does. */
  problem?(): Failure | undefined;
  /**
   * Waits while the service starts, some seconds at most. Returns false if there is no config to start it with. `serve`
   * has none: it runs before anybody is answered.
   */
  hasConfig?(): Promise<boolean>;
  /** Starts the service again, with the config as it is now. `serve` has none: somebody starts it again. */
  restart?(): Promise<void>;
  /** Called with an error that is a defect of the connector. */
  onDefect(error: unknown): void;
}

/** The variables of a request, which the sign-in sets. */
export interface ConsoleEnv {
  Variables: { person: SignedInPerson; session: OpenSession; nonce: string };
  /** The address of the connection, as the listener tells it. */
  Bindings: { remote?: string | undefined };
}

/** Returns the running service. Throws a Failure of kind `surroundings` if there is none yet. */
export function runningService(host: Pick<ConsoleHost, "service" | "problem">): Service {
  const service = host.service();
  if (service !== undefined) return service;
  const problem = host.problem?.();
  if (problem !== undefined) throw problem;
  throw new Failure("surroundings", "There is no config yet, or the service is just starting.", {
    hint: "Finish the first steps on the page, or run: pipedrive-planhat init.",
  });
}
