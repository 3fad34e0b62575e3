import type { Context, MiddlewareHandler } from "hono";
import { logAct } from "../database/tables/operators.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { ConsoleEnv, ConsoleHost } from "./console-host.ts";
import { keepSecret, sessionSecret } from "./cookies.ts";
import { failed } from "./failure-answer.ts";
import { mayActAs, type Role, type SignedInPerson } from "./roles.ts";
import { isFromOtherSite, refusalOfWrite } from "./security.ts";
import type { OpenSession } from "./sessions.ts";

/** Admits only people who are signed in, and writing requests only from our own page. */
export function guard(host: ConsoleHost): MiddlewareHandler<ConsoleEnv> {
  return async (context, next) => {
    if (isFromOtherSite(context)) return forbidden("It comes from another site.");
    const found = await currentSession(host, context);
    if (found === undefined) return notSignedIn(host);
    context.set("person", found.person);
    context.set("session", found.session);
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      const refusal = refusalOfWrite(context, found.session.token);
      if (refusal !== undefined) return forbidden(refusal);
      // Each route asks for the role that it needs; no writing route is open to those who look.
      if (!mayActAs(found.person.role, "operator") && !context.req.path.endsWith("/sign-out"))
        return roleTooLow(found.person, "operator");
    }
    return next();
  };
}

/** Admits only people with the rights of a role. */
export function needs(role: Role): MiddlewareHandler<ConsoleEnv> {
  return async (context, next) => {
    const { person } = context.var;
    return mayActAs(person.role, role) ? next() : roleTooLow(person, role);
  };
}

/** Returns the session of a request and its person: that of the cookie, or one for the person whom the proxy names. */
export async function currentSession(
  host: ConsoleHost,
  context: Context<ConsoleEnv>,
): Promise<{ person: SignedInPerson; session: OpenSession } | undefined> {
  const { sessions, people } = host.signIn;
  const named = namedByProxy(host, context);
  const secret = sessionSecret(context);
  const session = secret === undefined ? undefined : await sessions.find(secret);
  if (session !== undefined && (named === undefined || named === session.name)) {
    const person = people.find(session.name);
    return person === undefined ? undefined : { person, session };
  }
  const person = named === undefined ? undefined : people.find(named);
  if (person === undefined) return undefined;
  const opened = await sessions.open(person.name);
  keepSecret(context, host, opened.secret);
  return { person, session: opened };
}

/** Returns the name that a trusted proxy gives; undefined if the request does not come from one. */
function namedByProxy({ signIn: { trusted } }: ConsoleHost, context: Context<ConsoleEnv>): string | undefined {
  const remote = context.env?.remote;
  if (trusted === undefined || remote === undefined) return undefined;
  const plain = (address: string) => address.replace(/^::ffff:/i, "").toLowerCase();
  if (!trusted.proxies.some((proxy) => plain(proxy) === plain(remote))) return undefined;
  const name = context.req.header(trusted.header);
  return name === undefined || name === "" ? undefined : name;
}

/** Logs an act of the signed-in person. The log is no reason for an act to fail. */
export async function log(
  host: ConsoleHost,
  name: string,
  act: { action: string; subject?: string | undefined; details?: JsonObject },
): Promise<void> {
  const service = host.service();
  if (service === undefined) return;
  try {
    await logAct(service.database, { ...act, subject: act.subject ?? null, name, via: host.command });
  } catch (error) {
    service.logger.warn("An act in the console could not be logged.", { error: (error as Error).message });
  }
}

function notSignedIn({ command }: ConsoleHost): Response {
  const hint =
    command === "console"
      ? "Open the link that `pipedrive-planhat console` printed; it works once. Start it again for a new one."
      : "Sign in with your name and password.";
  return failed(401, { kind: "forbidden", message: "You are not signed in, or your session has ended.", hint });
}

function forbidden(message: string): Response {
  return failed(403, { kind: "forbidden", message: `The request is refused. ${message}`, hint: "Reload the page." });
}

function roleTooLow({ name, role }: SignedInPerson, needed: Role): Response {
  return failed(403, {
    kind: "forbidden",
    message: `${name} is ${article(role)}; this needs ${article(needed)}.`,
    hint: "`console.users` in the config gives each person a role.",
  });
}

function article(role: Role): string {
  return `${role === "viewer" ? "a" : "an"} ${role}`;
}
