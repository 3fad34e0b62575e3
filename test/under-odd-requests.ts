import { expect } from "chai";
import { Random } from "../connector/sandbox/account/random.ts";
import { oddRequest, sendRaw } from "./odd-requests.ts";
import { makeWorkplace, runBin } from "./run-bin.ts";
import { authorization, dealEvent, freePort, startServe, webhookConfig } from "./running-service.ts";
import { emptyAccount, sandboxSync } from "./sandbox-sync.ts";

/** The number sent together, and the first seed; FUZZ_SEED sets another one. */
const atOnce = 100;
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

/** Sends all requests, and returns the beginning of each answer: `HTTP/1.1 400`, or nothing. */
async function sendOdd(port: number, requests: number, known: readonly string[]): Promise<string[]> {
  const begins: string[] = [];
  let next = 0;
  const sender = async () => {
    while (next < requests) {
      const answer = await sendRaw(port, oddRequest(new Random(seed, next++), known));
      begins.push(/^HTTP\/1\.1 \d{3} /.exec(answer)?.[0].trim() ?? answer.slice(0, 20));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  return begins;
}

function counted(begins: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const begin of begins) counts[begin] = (counts[begin] ?? 0) + 1;
  return counts;
}

/** Describes the behaviour of serve and of the sandbox under `requests` odd requests. */
export function describeOddRequests(requests: number): void {
  describe(`${requests} odd requests by raw sockets (FUZZ_SEED=${seed})`, function () {
    this.timeout(600_000);

    it("serve answers them without a 5xx, tells all by its log, and goes on", async () => {
      const setting = await sandboxSync("embedded", emptyAccount);
      const port = await freePort();
      setting.configure(webhookConfig(port));
      const service = await startServe(setting, port, ["--log-level", "debug"]);
      try {
        await service.settled();
        const counts = counted(await sendOdd(port, requests, [`authorization: ${authorization}`, "content-length: 2"]));
        const told = `seed ${seed}: ${JSON.stringify(counts)}\n${service.log().slice(-5_000)}`;
        expect(service.child.exitCode, told).to.equal(null);
        const { "": silent = 0, ...answers } = counts;
        for (const begin of Object.keys(answers)) expect(begin, told).to.match(/^HTTP\/1\.1 [1-4]\d\d$/);
        expect(silent, told).to.be.lessThan(requests / 10);
        expect((await fetch(`${service.url}/health/live`)).status, told).to.equal(200);
        expect((await service.deliver(dealEvent(1))).status, told).to.equal(200);
        const metrics = await (await fetch(`${service.url}/metrics`)).text();
        expect(metrics).to.match(/requests_turned_away_total\{status="405"\} [1-9]/);
      } finally {
        const { status, stderr } = await service.end();
        expect(status).to.equal(143);
        // A log line begins with the time, and its further lines are indented; the last one reports what stopped it.
        const around = stderr
          .split("\n")
          .filter((line) => !/^(\d\d:\d\d:\d\d (error|warn|info|debug) | {4}|Stopped by|$)/.test(line));
        expect(around, `seed ${seed}`).to.deep.equal([]);
        await setting.close();
      }
    });

    it("the sandbox answers them, and goes on", async () => {
      const place = makeWorkplace();
      const port = await freePort();
      let end = () => {};
      let log = "";
      let stop: NodeJS.Timeout | undefined;
      const ended = runBin(place.folder, ["sandbox", "--port", String(port)], {
        onStart(child) {
          end = () => {
            child.kill();
            stop = setTimeout(() => child.kill("SIGKILL"), 20_000);
          };
          child.stderr?.on("data", (text: string) => {
            log += text;
          });
        },
      });
      const up = () =>
        fetch(`http://127.0.0.1:${port}/sandbox/requests`).then(
          ({ ok }) => ok,
          () => false,
        );
      while (!(await up())) await new Promise((resolve) => setTimeout(resolve, 50));
      const counts = counted(await sendOdd(port, requests, ["x-api-token: sandbox-token", "content-length: 2"]));
      const told = `seed ${seed}: ${JSON.stringify(counts)}\n${log.slice(-5_000)}`;
      expect(await up(), told).to.equal(true);
      end();
      expect((await ended).status, told).to.equal(143);
      clearTimeout(stop);
      place.remove();
      for (const begin of Object.keys(counts)) expect(begin, told).to.match(/^(HTTP\/1\.1 [1-4]\d\d)?$/);
    });
  });
}
