import { Failure } from "../failure.ts";
import type { Service } from "../service/service.ts";
import type { Person } from "./roles.ts";

/** The surroundings of the console: the config's file and the service that runs beside it. */
export interface ConsoleHost {
  /** The command that serves the page. */
  readonly command: "console" | "serve";
  /** The path of the config file, as given. */
  readonly configFile: string;
  /** Returns the running service; undefined as long as there is no config, and while it starts again. */
  service(): Service | undefined;
  /** Called with an error that is a defect of the connector. */
  onDefect(error: unknown): void;
}

/** The session of a request. */
export interface CurrentSession {
  /** The value that each writing request carries in a header. */
  token: string;
  /** Its end, an instant `…Z`; null if it ends with the process. */
  ends: string | null;
  signsOut: boolean;
}

/** The variables of a request, which the sign-in sets. */
export interface ConsoleEnv {
  Variables: { person: Person; session: CurrentSession };
}

/** Returns the running service. Throws a Failure of kind `surroundings` if there is none yet. */
export function runningService(host: Pick<ConsoleHost, "service">): Service {
  const service = host.service();
  if (service !== undefined) return service;
  throw new Failure("surroundings", "There is no config yet, or the service is just starting.", {
    hint: "Finish the first steps on the page, or run: pipedrive-planhat init.",
  });
}
