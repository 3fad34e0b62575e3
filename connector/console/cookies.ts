import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { ConsoleEnv, ConsoleHost } from "./console-host.ts";

/** Seconds for which browsers keep the cookie; the session may end before. */
const longest = 7 * 24 * 3600;

/** Returns the secret of the session in a request's cookie. */
export function sessionSecret(context: Context<ConsoleEnv>): string | undefined {
  return getCookie(context, nameOf(context));
}

/** Gives the browser the secret of a session. Over https, as the browser's Origin shows, it never goes without. */
export function keepSecret(context: Context<ConsoleEnv>, { basePath }: ConsoleHost, secret: string): void {
  setCookie(context, nameOf(context), secret, {
    path: basePath,
    httpOnly: true,
    sameSite: "Strict",
    secure: context.req.header("origin")?.startsWith("https:") === true,
    maxAge: longest,
  });
}

/** Takes the cookie away. */
export function forgetSecret(context: Context<ConsoleEnv>, { basePath }: ConsoleHost): void {
  deleteCookie(context, nameOf(context), { path: basePath });
}

/** Returns the cookie's name: browsers share cookies among the ports of a host, and each may have a console. */
function nameOf(context: Context<ConsoleEnv>): string {
  const port = /:(\d+)$/.exec(context.req.header("host") ?? "")?.[1] ?? "";
  return `planhat_console${port === "" ? "" : `_${port}`}`;
}
