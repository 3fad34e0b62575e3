import { Hono } from "hono";
import { packageVersion } from "../../package-root.ts";
import { answer } from "../answer.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import type { Role, SignedInPerson } from "../roles.ts";
import type { OpenSession } from "../sessions.ts";

/** The signed-in person, and the data that the page needs about its console. */
export interface SessionAnswer {
  name: string;
  role: Role;
  /** The value of the header `x-console-token` of each writing request. */
  token: string;
  /** The end of the session if it is not used meanwhile, an instant `…Z`. */
  ends: string;
  /** True if the person may sign out, and in again. */
  signs_out: boolean;
  command: ConsoleHost["command"];
  /** The config's file. */
  config: string;
  /** False as long as there is no config: the page begins with the first hour. */
  set_up: boolean;
  version: string;
}

/** Adds the route that tells who is signed in. */
export function sessionRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>().get("/session", async (context) => {
    const { person, session } = context.var;
    return answer<SessionAnswer>(context, await toldSession(host, person, session));
  });
}

/** Returns what the page learns about a session, once the service runs. */
export async function toldSession(
  host: ConsoleHost,
  person: SignedInPerson,
  { token, ends }: OpenSession,
): Promise<SessionAnswer> {
  const { command, configFile, signIn } = host;
  return {
    ...person,
    token,
    ends,
    signs_out: command === "serve" && signIn.trusted === undefined,
    command,
    config: configFile,
    set_up: (await host.hasConfig?.()) ?? true,
    version: packageVersion(),
  };
}
