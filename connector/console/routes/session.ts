import { Hono } from "hono";
import { packageVersion } from "../../package-root.ts";
import { answer } from "../answer.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import type { Role } from "../roles.ts";

/** The signed-in person, and the data that the page needs about its console. */
export interface SessionAnswer {
  name: string;
  role: Role;
  /** The value of the header `x-console-token` of each writing request. */
  token: string;
  /** The end of the session if it is not used meanwhile, an instant `…Z`. */
  ends: string;
  command: ConsoleHost["command"];
  /** The config's file. */
  config: string;
  /** False as long as there is no config: the page begins with the first hour. */
  set_up: boolean;
  version: string;
}

/** Adds the route that tells who is signed in. */
export function sessionRoutes({ command, configFile, service }: ConsoleHost) {
  return new Hono<ConsoleEnv>().get("/session", (context) => {
    const { person, session } = context.var;
    const { token, ends } = session;
    const about = { command, config: configFile, set_up: service() !== undefined, version: packageVersion() };
    return answer<SessionAnswer>(context, { ...person, token, ends, ...about });
  });
}
