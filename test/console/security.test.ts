import { expect } from "chai";
import { hashPassword, isPasswordHash, matchesHash } from "../../connector/console/password.ts";
import { isOriginOf, isOwnHost } from "../../connector/console/security.ts";
import { sessionsInMemory } from "../../connector/console/sessions.ts";
import { Throttle } from "../../connector/console/throttle.ts";
import { onServerFirst } from "../databases.ts";
import { password, withConsole } from "./console-setting.ts";

const json = { "content-type": "application/json" };

describe("the console's passwords, hosts and sessions", () => {
  it("a hash made once is accepted, and no other password is", async () => {
    const hash = await hashPassword("Grüße, Ärger");
    expect(hash).to.match(/^\$scrypt\$15\$8\$3\$/);
    expect(isPasswordHash(hash)).to.equal(true);
    expect(await matchesHash("Grüße, Ärger", hash)).to.equal(true);
    expect(await matchesHash("Gru\u0308ße, A\u0308rger", hash), "the same letters in another form").to.equal(true);
    expect(await matchesHash("grüße, Ärger", hash)).to.equal(false);
    expect(await hashPassword("Grüße, Ärger"), "another salt").not.to.equal(hash);
    expect(isPasswordHash(hash.replace("$15$", "$30$$")), "a hash that takes all memory").to.equal(false);
  });

  it("a name that others point at this machine is not our host", () => {
    const names = ["sync.acme.example"];
    for (const host of ["127.0.0.1:8090", "localhost", "[::1]:8090", "192.168.1.4:80", "Sync.acme.example:443"])
      expect(isOwnHost(host, names), host).to.equal(true);
    const others = ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", "localhost.evil.example"];
    for (const host of [...others, "", undefined, "sync.acme.example@evil.example", "[evil]:80"])
      expect(isOwnHost(host, names), host).to.equal(false);
  });

  it("an Origin counts only with the request's own host and port", () => {
    expect(isOriginOf("http://127.0.0.1:8090", "127.0.0.1:8090")).to.equal(true);
    expect(isOriginOf("https://sync.acme.example", "sync.acme.example:443")).to.equal(true);
    for (const from of ["null", "http://127.0.0.1:8091", "http://127.0.0.1", "https://127.0.0.1:8090.evil.example"])
      expect(isOriginOf(from, "127.0.0.1:8090"), from).to.equal(false);
  });

  it("a session ends 12 hours after its last use, and a week after its start", async () => {
    let now = Date.parse("2026-12-01T00:00:00Z");
    const hour = 3_600_000;
    const sessions = sessionsInMemory(() => now);
    const { secret } = await sessions.open("ana");
    now += 11 * hour;
    expect(await sessions.find(secret)).to.include({ name: "ana", ends: "2026-12-01T23:00:00.000Z" });
    now += 12 * hour;
    expect(await sessions.find(secret), "unused").to.equal(undefined);
    const { secret: other } = await sessions.open("ana");
    const start = now;
    for (let used = 0; used < 16; used++) {
      now += 10 * hour;
      if (now - start < 168 * hour) expect(await sessions.find(other), `after ${used}`).not.to.equal(undefined);
    }
    now = start + 168 * hour;
    expect(await sessions.find(other), "in use for a week").to.equal(undefined);
  });

  it("guesses wait longer and longer, from one address and for one name there", () => {
    let now = 0;
    const throttle = new Throttle(() => now);
    const keys = ["address 1", "name ana 1"];
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      throttle.failed(keys);
      waits.push(throttle.delay(keys) / 1000);
      now += throttle.delay(keys);
    }
    expect(waits).to.deep.equal([0, 0, 0, 0, 2, 4, 8, 16, 32]);
    expect(throttle.delay(["address 2", "name ana 2"]), "ana elsewhere").to.equal(0);
    throttle.succeeded(keys);
    expect(throttle.delay(keys)).to.equal(0);
  });
});

onServerFirst((kind) => {
  describe("the console under attack", function () {
    this.timeout(120_000);

    it("admits nobody without a session, lends none to other sites, and ends it", async () => {
      await withConsole(kind, async ({ ask, signIn, look, app }) => {
        // Without a session, every route of the API but the sign-in refuses; the table is the app's own.
        const routes = app.routes.filter(({ path, method }) => path.includes("/api/") && method !== "ALL");
        const open = routes.filter(({ path }) => path.endsWith("/sign-in"));
        expect(open.length).to.be.greaterThan(0);
        const guarded = routes.filter(({ path }) => !path.endsWith("/sign-in"));
        expect(guarded.length).to.be.greaterThan(15);
        for (const { method, path } of guarded) {
          const response = await ask(path.replace(/:\w+/g, "1"), { method });
          expect(response.status, `${method} ${path}`).to.equal(401);
        }
        const page = await ask("/console/");
        const policy = page.headers.get("content-security-policy")!;
        expect(policy).to.contain("default-src 'none'").and.contain("frame-ancestors 'none'");
        expect(policy)
          .to.contain("script-src 'self';")
          .and.not.contain("unsafe")
          .and.not.match(/https?:/);
        expect(page.headers.get("x-content-type-options")).to.equal("nosniff");
        const wrong = async (name: string, given: string, remote?: string) => {
          const body = JSON.stringify({ name, password: given });
          return (await ask("/console/api/sign-in", { method: "POST", body, headers: json }, remote)).status;
        };
        expect(await wrong("vera", "wrong"), "a wrong password").to.equal(401);
        expect(await wrong("nobody", password), "an unknown name").to.equal(401);
        expect(await wrong("paula", ""), "a person without a password").to.equal(401);

        const { headers } = await signIn("omar");
        const [cookie] = (
          await ask("/console/api/sign-in", {
            method: "POST",
            body: JSON.stringify({ name: "vera", password }),
            headers: { ...json, origin: "https://127.0.0.1:8090" },
          })
        ).headers.getSetCookie();
        expect(cookie).to.match(/; Path=\/console; HttpOnly; Secure; SameSite=Strict$/);
        const secret = headers["cookie"]!.split("=")[1]!;
        const [kept] = await look<{ row: string }>("select s::text as row from connector.console_sessions as s");
        expect(kept!.row).not.to.contain(secret);

        const write = (more: Record<string, string>) =>
          ask("/console/api/sign-out", { method: "POST", headers: { ...headers, ...more } });
        const attacks: Record<string, Record<string, string>> = {
          "another site": { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
          "another port of this machine": { origin: "http://127.0.0.1:9999", "sec-fetch-site": "same-site" },
          "a sandboxed frame": { origin: "null" },
          "a form": { origin: "absent" },
          "a page without the token": { "x-console-token": "absent" },
          "a page with a wrong token": { "x-console-token": "x" },
        };
        for (const [name, more] of Object.entries(attacks)) expect((await write(more)).status, name).to.equal(403);
        const foreign = { ...headers, "sec-fetch-site": "cross-site", origin: "absent" };
        expect((await ask("/console/api/settings", { headers: foreign })).status, "a read by a site").to.equal(403);
        const rebound = await ask("/console/api/session", { headers: { ...headers, host: "evil.example:8090" } });
        expect(rebound.status, "a name pointed at this machine").to.equal(421);
        expect(await rebound.text()).to.contain("console.hosts");

        const proxied = (name: string, remote: string, more = {}) =>
          ask("/console/api/session", { headers: { "x-forwarded-user": name, ...more } }, remote);
        expect((await proxied("edda", "10.0.0.9")).status, "the header from anywhere").to.equal(401);
        expect((await proxied("stranger", "10.0.0.1")).status, "an unknown name").to.equal(401);
        const named = await proxied("paula", "::ffff:10.0.0.1");
        expect(await named.json()).to.include({ name: "paula", role: "editor" });
        const stolen = await proxied("paula", "10.0.0.1", { cookie: headers["cookie"] });
        expect(await stolen.json(), "the proxy's name outweighs a cookie").to.include({ name: "paula" });

        for (const path of ["/console/..%2f..%2fpackage.json", "/console/%2e%2e/main.js", "/console/assets/x.js"])
          expect((await ask(path)).status, path).to.equal(404);
        const odd = await ask(`/console/api/runs?limit=${"9".repeat(20)}`, { headers });
        expect(odd.status).to.equal(400);

        expect((await write({})).status).to.equal(200);
        expect((await ask("/console/api/session", { headers })).status, "signed out").to.equal(401);
        let refused = 0;
        for (let attempt = 0; attempt < 8; attempt++) if ((await wrong("vera", "no", "10.0.0.3")) === 429) refused++;
        expect(refused).to.be.greaterThan(1);
        expect(await wrong("vera", password, "10.0.0.4"), "vera from elsewhere").to.equal(200);
        const acts = await look<{ name: string; action: string }>(
          "select name, action from connector.operators where action in ('sign-in', 'sign-out') order by id",
        );
        expect(acts).to.deep.include({ name: "omar", action: "sign-in" });
        expect(acts).to.deep.include({ name: "omar", action: "sign-out" });
      });
    });
  });
});
