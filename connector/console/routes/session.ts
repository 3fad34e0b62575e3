import { Hono } from "hono";
import { packageVersion } from "../../package-root.ts";
import { answer } from "../answer.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import type { Role } from "../roles.ts";

/** The header that each writing request carries; its value is the session's `token`. */
export const tokenHeader = "x-console-token";

/** The signed-in person, and what each writing request must carry. */
export interface SessionAnswer {
  name: string;
  role: Role;
  /** The value of the header `x-console-token` of each writing request. */
  token: string;
  /** The end of the session, an instant `…Z`; null if it ends with the process. */
  ends: string | null;
  /** True if the person may sign out. */
  signs_out: boolean;
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
    return answer<SessionAnswer>(context, {
      ...person,
      token: session.token,
      ends: session.ends,
      signs_out: session.signsOut,
      command,
      config: configFile,
      set_up: service() !== undefined,
      version: packageVersion(),
    });
  });
}
