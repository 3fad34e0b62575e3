import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { consoleApi } from "./console-api.ts";
import type { ConsoleEnv, ConsoleHost } from "./console-host.ts";
import { keepSecret } from "./cookies.ts";
import { failed } from "./failure-answer.ts";
import { log } from "./guard.ts";
import { type PageFiles, pageFiles } from "./page-files.ts";
import { isOwnHost, securityHeaders } from "./security.ts";

const notBuilt = "The page of the console was not built: dist/console is missing. Build it with: make build.";

/** Returns the whole console under its base path: the page, its files, the sign-in by a link, and the API. */
export function consoleApp(host: ConsoleHost, files: PageFiles = pageFiles()): Hono<ConsoleEnv> {
  const { basePath, signIn } = host;
  const app = new Hono<ConsoleEnv>();
  app.use(`${basePath}/*`, async (context, next) => {
    const nonce = randomBytes(16).toString("base64");
    context.set("nonce", nonce);
    if (isOwnHost(context.req.header("host"), host.hosts)) await next();
    else context.res = wrongHost(context.req.header("host"));
    for (const [name, value] of Object.entries(securityHeaders(nonce))) context.res.headers.set(name, value);
    if (!context.res.headers.has("cache-control")) context.res.headers.set("cache-control", "no-store");
  });
  app.route(`${basePath}/api`, consoleApi(host));
  app.all(`${basePath}/api/*`, (context) =>
    failed(404, { kind: "usage", message: `The console's API has nothing under ${context.req.path}.` }),
  );
  app.get(`${basePath}/link/:code`, async (context) => {
    const person = signIn.link?.take(context.req.param("code"));
    if (person === undefined) {
      const hint = "Start `pipedrive-planhat console` again for a new one.";
      return context.text(`This link was used before, or it is not the one that was printed. ${hint}\n`, 403);
    }
    const { secret } = await signIn.sessions.open(person.name);
    keepSecret(context, host, secret);
    await log(host, person.name, { action: "sign-in", subject: "link" });
    return context.redirect(`${basePath}/`);
  });
  app.get(basePath, (context) => context.redirect(`${basePath}/`));
  app.get(`${basePath}/*`, async (context) => {
    const path = context.req.path.slice(basePath.length + 1);
    const asset = path === "" ? undefined : files.asset(path);
    if (asset !== undefined) {
      const cache = asset.isFixed ? "public, max-age=31536000, immutable" : "no-cache";
      const headers = { "content-type": asset.type, "cache-control": cache, vary: "accept-encoding" };
      const packed = await asset.packed(context.req.header("accept-encoding"));
      if (packed === undefined) return context.body(new Uint8Array(asset.bytes), 200, headers);
      return context.body(new Uint8Array(packed.bytes), 200, { ...headers, "content-encoding": packed.encoding });
    }
    if (/\.\w{1,5}$/.test(path)) return context.text("There is no such file.\n", 404);
    const document = files.document(basePath, context.var.nonce);
    return document === undefined ? context.text(`${notBuilt}\n`, 503) : context.html(document);
  });
  return app;
}

function wrongHost(host: string | undefined): Response {
  const message = `The console is not reached under the name ${JSON.stringify((host ?? "").slice(0, 200))}.`;
  const hint = "Open it at its address, or add the name to `console.hosts` in the config.";
  return failed(421, { kind: "forbidden", message, hint });
}
