import { Hono } from "hono";
import { answer } from "../answer.ts";
import { body, objectOf } from "../checked-input.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import { forgetSecret, keepSecret, sessionSecret } from "../cookies.ts";
import { failed } from "../failure-answer.ts";
import { log } from "../guard.ts";
import { isFromOtherSite, isOriginOf } from "../security.ts";
import { type SessionAnswer, toldSession } from "./session.ts";

/** The way in which people sign in: by a link, by name and password, or at the proxy. */
export interface WayAnswer {
  by: "link" | "password" | "proxy";
}

/** Adds the routes of signing in, which are open to all. */
export function signInRoutes(host: ConsoleHost) {
  const { people, sessions, throttle, trusted } = host.signIn;
  return new Hono<ConsoleEnv>()
    .get("/sign-in", (context) => {
      const by = host.command === "console" ? "link" : trusted === undefined ? "password" : "proxy";
      return answer<WayAnswer>(context, { by });
    })
    .post(
      "/sign-in",
      async (context, next) => {
        const origin = context.req.header("origin");
        const isOwn =
          origin !== undefined && isOriginOf(origin, context.req.header("host")) && !isFromOtherSite(context);
        if (isOwn && host.command === "serve") return next();
        const message = isOwn ? "Sign in by the link that `console` printed." : "The request comes from another site.";
        return failed(403, { kind: "forbidden", message });
      },
      body<{ name: string; password: string }>(
        objectOf({ name: { type: "string", maxLength: 200 }, password: { type: "string", maxLength: 1000 } }, [
          "name",
          "password",
        ]),
      ),
      async (context) => {
        const { name, password } = context.req.valid("json");
        // A name waits from one address alone, so that nobody can lock another person out.
        const remote = context.env?.remote ?? "";
        const keys = [`address ${remote}`, `name ${name} ${remote}`];
        const delay = throttle.delay(keys);
        if (delay > 0) return tooMany(delay);
        const checked = await throttle.check(async () => ({ person: await people.verify(name, password) }));
        if (checked === undefined) return tooMany(1_000);
        if (checked.person === undefined) {
          throttle.failed(keys);
          await log(host, name.slice(0, 100), { action: "sign-in refused", subject: remote });
          return failed(401, { kind: "forbidden", message: "The name or the password is wrong." });
        }
        throttle.succeeded(keys);
        const opened = await sessions.open(name);
        keepSecret(context, host, opened.secret);
        await log(host, name, { action: "sign-in", subject: remote });
        return answer<SessionAnswer>(context, await toldSession(host, checked.person, opened));
      },
    );
}

/** Adds the route of signing out. */
export function signOutRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>().post("/sign-out", async (context) => {
    const secret = sessionSecret(context);
    if (secret !== undefined) await host.signIn.sessions.end(secret);
    forgetSecret(context, host);
    await log(host, context.var.person.name, { action: "sign-out" });
    return answer<{ signed_out: true }>(context, { signed_out: true });
  });
}

function tooMany(delay: number): Response {
  const seconds = Math.ceil(delay / 1000);
  const message = `Too many attempts to sign in. Try again in ${seconds} s.`;
  return failed(429, { kind: "forbidden", message }, { "retry-after": String(seconds) });
}
