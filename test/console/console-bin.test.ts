import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { hashPassword } from "../../connector/console/password.ts";
import type { RunsAnswer } from "../../connector/console/routes/runs.ts";
import type { SessionAnswer } from "../../connector/console/routes/session.ts";
import type { SettingsAnswer } from "../../connector/console/routes/settings.ts";
import { eachDatabase } from "../databases.ts";
import { makeWorkplace, runBin } from "../run-bin.ts";
import { freePort, startServe } from "../running-service.ts";
import { emptyAccount, type SandboxSync, sandboxSync, wonDeal } from "../sandbox-sync.ts";

/** Reads a stream of events until one fits, for at most a minute. */
async function eventThat(response: Response, fits: (name: string, data: unknown) => boolean): Promise<unknown> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The stream ended: ${text}`);
    text += value;
    for (const block of text.split("\n\n").slice(0, -1)) {
      const name = /^event: (.*)$/m.exec(block)?.[1] ?? "";
      const data: unknown = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null");
      if (!fits(name, data)) continue;
      await reader.cancel();
      return data;
    }
    text = text.slice(text.lastIndexOf("\n\n") + 2);
  }
  throw new Error("No such event came.");
}

/** Starts `console` and returns the link that it prints. */
async function startConsole(run: SandboxSync["run"], folder: string) {
  let child: ChildProcess | undefined;
  let output = "";
  let over: { status: number | null; stderr: string } | undefined;
  const ended = run(["console", "--port", "0", "--no-open"], (started) => {
    child = started;
    started.stdout?.on("data", (text: string) => {
      output += text;
    });
  });
  void ended.then((result) => {
    over = result;
  });
  while (!output.includes("The console is at")) {
    if (over !== undefined) throw new Error(`console ended with ${over.status} in ${folder}: ${over.stderr}`);
    await sleep(20);
  }
  const link = /http:\S+/.exec(output)![0];
  return { link, url: new URL(link).origin, ended, stop: () => child!.kill("SIGTERM") };
}

/** Follows the one-time link and returns the headers of later requests. */
async function signInBy(link: string): Promise<Record<string, string>> {
  const answer = await fetch(link, { redirect: "manual" });
  expect([answer.status, answer.headers.get("location")]).to.deep.equal([302, "/console/"]);
  const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!;
  const { origin } = new URL(link);
  const session = (await (
    await fetch(`${origin}/console/api/session`, { headers: { cookie } })
  ).json()) as SessionAnswer;
  return { cookie, origin, "x-console-token": session.token, "content-type": "application/json" };
}

eachDatabase((_open, kind) => {
  describe("console, through the bin", function () {
    this.timeout(180_000);

    it("prints a link that signs in once, runs a sync and tells it live", async () => {
      const setting = await sandboxSync(kind, emptyAccount);
      try {
        wonDeal(setting.sandbox);
        const { link, url, ended, stop } = await startConsole(setting.run, setting.place.folder);
        const headers = await signInBy(link);
        expect((await fetch(link, { redirect: "manual" })).status, "the link a second time").to.equal(403);
        // Asked while the service starts, it waits for that: the page does not begin with the first hour.
        const session = (await (await fetch(`${url}/console/api/session`, { headers })).json()) as SessionAnswer;
        expect(session).to.include({ role: "editor", set_up: true });
        expect((await fetch(`${url}/console/api/overview`, { headers })).status).to.equal(200);
        const events = await fetch(`${url}/console/api/events`, { headers });
        const asked = await fetch(`${url}/console/api/runs`, {
          method: "POST",
          headers,
          body: JSON.stringify({ what: "full" }),
        });
        expect(asked.status, await asked.clone().text()).to.equal(200);
        await eventThat(events, (name, data) => name === "run" && (data as { status: string }).status === "succeeded");
        const { runs } = (await (await fetch(`${url}/console/api/runs`, { headers })).json()) as RunsAnswer;
        expect(runs).to.have.length(1);
        expect(runs[0]!.started_by?.by).to.equal("console");
        expect(runs[0]!.changed["license"]).to.deep.equal({ created: 1 });
        stop();
        const { status, stderr } = await ended;
        expect(status, stderr).to.equal(143);
        expect(await setting.look("select id from planhat.licenses")).to.have.length(1);
      } finally {
        await setting.close();
      }
    });
  });
});

describe("a mapping that is broken when console starts", function () {
  this.timeout(180_000);

  it("keeps runs from starting and the page from nothing, and is mended there", async () => {
    const setting = await sandboxSync("server", emptyAccount);
    const mended = "stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n";
    setting.map({ "organizations.yaml": mended });
    await setting.sync();
    setting.map({ "organizations.yaml": mended.replace("planhat: name", "planhat: nmae") });
    const { link, url, ended, stop } = await startConsole(setting.run, setting.place.folder);
    try {
      const headers = await signInBy(link);
      const ask = (path: string, body?: object) =>
        fetch(`${url}/console/api/${path}`, {
          headers,
          ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
        });
      const until = Date.now() + 60_000;
      let settings: Response;
      do {
        await sleep(50);
        settings = await ask("settings");
      } while (settings.status === 503 && Date.now() < until);
      const { mappings } = (await settings.json()) as SettingsAnswer;
      expect(mappings.problems.map(({ message }) => message)).to.include("Planhat's company has no field `nmae`.");
      const { file, hash } = mappings.files[0]!;
      const saved = await ask("edit/save", { texts: [{ file, text: mended }], hashes: { [file]: hash } });
      expect(saved.status, await saved.text()).to.equal(200);
      expect(readFileSync(`${setting.place.folder}/mappings/organizations.yaml`, "utf8")).to.equal(mended);
    } finally {
      stop();
      expect((await ended).stderr).to.match(/organizations\.yaml:3:\d+: error: Planhat's company has no field `nmae`/);
      await setting.close();
    }
  });
});

describe("the console of serve, through the bin", function () {
  this.timeout(180_000);

  it("lets the config's people in under its path, streams events, and tells what is missing", async () => {
    const setting = await sandboxSync("server", emptyAccount);
    const hash = await hashPassword("correct horse");
    writeFileSync(`${setting.place.folder}/.env`, "ANA=correct horse\n", { mode: 0o600 });
    setting.configure(
      `console:\n  base_path: /tools/planhat\n  users:\n    - {name: ana, password: "\${ANA}", role: operator}\n    - {name: ben, password: ${hash}, role: viewer}\n`,
    );
    const service = await startServe(setting, await freePort());
    const { url } = service;
    const at = (path: string) => `${url}/tools/planhat${path}`;
    expect((await fetch(`${url}/console/`)).status, "the usual path").to.equal(404);
    expect((await fetch(at(""), { redirect: "manual" })).headers.get("location")).to.equal("/tools/planhat/");
    const page = await fetch(at("/runs/last"));
    expect(page.headers.get("content-security-policy")).to.contain("frame-ancestors 'none'");
    expect(await page.text()).to.contain('<base href="/tools/planhat/">');
    const signIn = async (name: string) => {
      const answer = await fetch(at("/api/sign-in"), {
        method: "POST",
        headers: { origin: url, "content-type": "application/json" },
        body: JSON.stringify({ name, password: "correct horse" }),
      });
      expect(answer.status, await answer.clone().text()).to.equal(200);
      const { token } = (await answer.json()) as SessionAnswer;
      const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!;
      return { cookie, origin: url, "x-console-token": token, "content-type": "application/json" };
    };
    const ana = await signIn("ana");
    const ben = await signIn("ben");
    const sync = (headers: Record<string, string>) =>
      fetch(at("/api/runs"), { method: "POST", headers, body: JSON.stringify({ what: "sync" }) });
    expect((await sync(ben)).status, "a viewer").to.equal(403);
    const events = await fetch(at("/api/events"), { headers: ben });
    expect(events.headers.get("content-type")).to.equal("text/event-stream");
    expect((await sync(ana)).status, "an operator").to.equal(200);
    await eventThat(events, (name, data) => name === "run" && (data as { status: string }).status === "succeeded");
    const health = await fetch(`${url}/health`);
    expect([health.status, health.headers.has("content-security-policy")]).to.deep.equal([200, false]);
    expect((await service.end()).status).to.equal(143);
    const acts = await setting.look<{ name: string; action: string }>(
      "select name, action from connector.operators order by id",
    );
    expect(acts.map(({ name, action }) => `${name} ${action}`)).to.include.members(["ana sign-in", "ana sync"]);
    await setting.close();
  });

  it("console password prints a hash of what stdin has", async () => {
    const place = makeWorkplace();
    const short = await runBin(place.folder, ["console", "password"], {
      stdin: true,
      onStart: (child) => child.stdin!.end("short\n"),
    });
    expect([short.status, short.stderr]).to.deep.equal([
      2,
      "Error: The password must have at least 8 characters.\nGive it on the terminal or as the only line of stdin.\n",
    ]);
    const { status, stdout } = await runBin(place.folder, ["console", "password"], {
      stdin: true,
      onStart: (child) => child.stdin!.end("correct horse\n"),
    });
    expect(status).to.equal(0);
    expect(stdout).to.match(/^\$scrypt\$15\$8\$3\$\S+\n$/);
    place.remove();
  });
});
