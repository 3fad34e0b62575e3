import { type ChildProcess, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Cron } from "croner";
import { parse } from "yaml";
import { packageRoot } from "../connector/package-root.ts";
import { type Sandbox, startSandbox } from "../connector/sandbox/server.ts";
import { migratedLocation, removeLocation } from "./databases.ts";
import { fencedBlocks } from "./fenced-blocks.ts";
import { metricsNamedIn, metricsOf } from "./named-metrics.ts";
import { type BinResult, makeWorkplace, runBin, type Workplace } from "./run-bin.ts";
import { emptyAccount, wonDeal } from "./sandbox-sync.ts";

/** The tested parts of a Kubernetes manifest. */
// biome-ignore lint/suspicious/noExplicitAny: manifests are deep, and their shape is what is tested.
type Manifest = any;

const folder = `${packageRoot}deploy/kubernetes/`;
const manifest = (name: string): Manifest => parse(readFileSync(`${folder}${name}`, "utf8"), { uniqueKeys: true });

describe("deploy/", function () {
  this.timeout(600_000);

  describe("the rules for Prometheus", () => {
    const read = (name: string): Manifest => parse(readFileSync(`${packageRoot}deploy/prometheus/${name}`, "utf8"));
    const rules: Manifest[] = read("rules.yml").groups[0].rules;

    it("each have a severity and a summary, and a unit test in which they begin", () => {
      const begun = read("rules.test.yml").tests.flatMap((test: Manifest) =>
        test.alert_rule_test.flatMap((one: Manifest) => (one.exp_alerts.length > 0 ? [one.alertname] : [])),
      );
      for (const { alert, labels, annotations } of rules) {
        expect(labels.severity, alert).to.match(/^(info|warning|critical)$/);
        expect(annotations.summary, alert).to.be.a("string");
        expect(begun).to.include(alert);
      }
    });
  });

  describe("the Grafana dashboard", () => {
    it("has a title, an explanation and queries in each panel, and no panel covers another", () => {
      const dashboard: Manifest = JSON.parse(readFileSync(`${packageRoot}deploy/grafana/dashboard.json`, "utf8"));
      const taken = new Set<string>();
      for (const { title, description, targets, gridPos } of dashboard.panels) {
        expect([title, description], title).not.to.include(undefined);
        expect(targets.length, title).to.be.greaterThan(0);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(x < 24 && !taken.has(`${x},${y}`), title).to.equal(true);
            taken.add(`${x},${y}`);
          }
        }
      }
    });
  });

  describe("the Kubernetes manifests", () => {
    const deployment = manifest("deployment.yaml");
    const pod = deployment.spec.template.spec;
    const job = manifest("cronjob.yaml").spec.jobTemplate.spec.template.spec;
    const config: string = manifest("configmap.yaml").data["config.yaml"];

    it("are all in the kustomization, each with a name and an API version", () => {
      const { resources } = manifest("kustomization.yaml");
      const files = readdirSync(folder).filter((name) => name !== "kustomization.yaml");
      expect([...resources].sort()).to.deep.equal(files.sort());
      for (const name of resources) {
        const { apiVersion, kind, metadata } = manifest(name);
        expect([apiVersion, kind, metadata.name], name).not.to.include(undefined);
      }
      if (spawnSync("kubectl", ["version", "--client"]).status !== 0) return;
      const built = spawnSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
      expect(built.status, built.stderr).to.equal(0);
    });

    it("fit together: labels, ports, volumes, and the secrets that the config names", () => {
      const { labels } = deployment.spec.template.metadata;
      expect(labels).to.include(deployment.spec.selector.matchLabels);
      expect(labels).to.include(manifest("service.yaml").spec.selector);
      const secrets = Object.keys(manifest("secret.yaml").stringData).sort();
      expect([...config.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name).sort()).to.deep.equal(secrets);
      for (const { containers, volumes, terminationGracePeriodSeconds } of [pod, job]) {
        const [{ volumeMounts, envFrom, securityContext, args }] = containers;
        expect(volumeMounts.map((mount: Manifest) => mount.name).sort()).to.deep.equal(
          volumes.map((volume: Manifest) => volume.name).sort(),
        );
        expect(envFrom[0].secretRef.name).to.equal(manifest("secret.yaml").metadata.name);
        expect(securityContext).to.deep.include({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
        expect(args).to.include("/etc/pipedrive-planhat/config.yaml");
        expect(terminationGracePeriodSeconds).to.be.greaterThan(10);
      }
      const [{ ports, startupProbe, livenessProbe, readinessProbe, args }] = pod.containers;
      expect(args).to.include(String(ports[0].containerPort));
      for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
        expect(probe.httpGet.port).to.equal(ports[0].name);
      }
      expect(new Cron(manifest("cronjob.yaml").spec.schedule, { paused: true }).nextRun()).to.be.instanceOf(Date);
    });

    describe("as a cluster would run them", () => {
      let sandbox: Sandbox;
      let place: Workplace;
      let location: string;
      let child: ChildProcess | undefined;
      let ended: Promise<BinResult> | undefined;
      let port: number;
      before(async () => {
        sandbox = await startSandbox({ ...emptyAccount, burstLimit: 1000 });
        place = makeWorkplace();
        location = await migratedLocation("server");
        port = await freePort();
        place.write(
          "config.yaml",
          config
            .replace("https://acme.pipedrive.com", sandbox.url)
            .replace("https://sync.acme.example", `http://127.0.0.1:${port}`),
        );
      });
      after(async () => {
        child?.kill("SIGKILL");
        await ended;
        await sandbox.close();
        await removeLocation(location);
        place.remove();
      });
      const here = (args: string[]) =>
        args.map((word) =>
          word === "/etc/pipedrive-planhat/config.yaml" ? "config.yaml" : word === "8080" ? String(port) : word,
        );
      const environment = () => ({ PIPEDRIVE_API_TOKEN: sandbox.token, DATABASE_URL: location });

      it("the CronJob syncs", async () => {
        const { status, stderr } = await runBin(place.folder, here(job.containers[0].args), { env: environment() });
        expect(status, stderr).to.equal(0);
      });

      it("the Deployment serves: its probes answer, a won deal is a row, and metrics and log tell nothing of it", async () => {
        const [container] = pod.containers;
        let log = "";
        const args = [...here(container.args), "--log-level", "debug"];
        ended = runBin(place.folder, args, {
          env: environment(),
          onStart(started) {
            child = started;
            started.stderr?.on("data", (chunk) => {
              log += chunk;
            });
          },
        });
        const until = async (holds: () => Promise<boolean>) => {
          const deadline = Date.now() + 300_000;
          while (!(await holds().catch(() => false))) {
            if (Date.now() > deadline) throw new Error(`It did not come to pass:\n${log}`);
            await sleep(100);
          }
        };
        const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
        await until(async () => log.includes("Created webhook"));
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
          expect((await get(probe.httpGet.path)).status, probe.httpGet.path).to.equal(200);
        }
        const { organizationId } = wonDeal(sandbox);
        const email = "ann.secret@acme.test";
        const text = "A note that is nobody's business";
        sandbox.store.create("persons", {
          name: "Ann",
          org_id: organizationId,
          emails: [{ value: email, primary: true }],
        });
        sandbox.store.create("notes", { content: text, org_id: organizationId });
        sandbox.store.update("deals", 1, { value: 200 });
        const value = async (sample: string) => {
          const line = (await (await get("/metrics")).text()).split("\n").find((one) => one.startsWith(`${sample} `));
          return line === undefined ? undefined : Number(line.slice(sample.length + 1));
        };
        const row = (model: string) => `pipedrive_planhat_rows_total{model="${model}",action="created"}`;
        await until(async () => (await value(row("license"))) === 1 && (await value(row("note"))) === 1);
        // Rows count after their commit, an event after the end of its run.
        await until(async () => ((await value("pipedrive_planhat_events_processed_total")) ?? 0) >= 1);
        const answer = await get("/metrics");
        expect(answer.headers.get("content-type")).to.match(/^text\/plain; version=0\.0\.4/);
        const metrics = await answer.text();
        for (const [sample, least] of [
          ["pipedrive_planhat_events_received_total", 2],
          ["pipedrive_planhat_events_stored_total", 2],
          ["pipedrive_planhat_events_processed_total", 1],
          ["pipedrive_planhat_event_latency_seconds_count", 1],
          ["pipedrive_planhat_api_requests_total", 5],
          ["pipedrive_planhat_api_tokens_total", 50],
          ["pipedrive_planhat_api_tokens_left", 1000],
          ["pipedrive_planhat_api_tokens_used_today", 50],
          ['pipedrive_planhat_queue_length{queue="events"}', 0],
          ['pipedrive_planhat_queue_length{queue="dead_letters"}', 0],
          ["pipedrive_planhat_rejections", 0],
          ['pipedrive_planhat_stream_last_success_timestamp_seconds{stream="deals"}', Date.now() / 1000 - 600],
          ['pipedrive_planhat_run_duration_seconds_count{cause="events",status="succeeded"}', 1],
        ] as const) {
          expect(await value(sample), sample).to.be.at.least(least);
        }
        const described = metricsOf(metrics);
        for (const file of ["prometheus/rules.yml", "grafana/dashboard.json"]) {
          const named = metricsNamedIn(file);
          expect(named.length, file).to.be.greaterThan(7);
          expect(
            named.filter((name) => !described.has(name)),
            `metrics of ${file} that serve does not have`,
          ).to.deep.equal([]);
        }
        const [secret] = (await passwords(sandbox)) as [string];
        child?.kill("SIGTERM");
        expect((await ended).status).to.equal(143);
        for (const told of [metrics, log]) {
          for (const hidden of [email, text, "Ann", "Acme", sandbox.token, secret]) expect(told).not.to.contain(hidden);
        }
      });
    });
  });

  describe("the systemd unit", () => {
    const unit = readFileSync(`${packageRoot}deploy/systemd/pipedrive-planhat.service`, "utf8");

    it("is one that systemd takes", function () {
      const place = makeWorkplace();
      place.write("pipedrive-planhat.service", unit.replace("/usr/local/bin/pipedrive-planhat", process.execPath));
      const verified = spawnSync("systemd-analyze", ["verify", `${place.folder}/pipedrive-planhat.service`], {
        encoding: "utf8",
      });
      place.remove();
      if (verified.error !== undefined) this.skip();
      expect(verified.stderr).to.equal("");
      expect(verified.status).to.equal(0);
    });

    it("runs a command that there is, and gives it the time to stop", async () => {
      const [, command] = /^ExecStart=\S+ (.*)$/m.exec(unit)!;
      const place = makeWorkplace();
      const { status, stdout } = await runBin(place.folder, [...command!.split(" "), "--help"]);
      place.remove();
      expect(status).to.equal(0);
      for (const [option] of command!.matchAll(/--[\w-]+/g)) expect(stdout).to.contain(option);
      expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).to.be.greaterThan(10);
      expect(unit).to.match(/^SuccessExitStatus=143$/m);
      expect(unit).to.match(/^EnvironmentFile=/m);
    });
  });

  it("docs/running.md's commands for systemd and Kubernetes run as they stand, from the folder that init wrote", () => {
    const place = makeWorkplace();
    try {
      const { folder: root } = place;
      for (const made of ["etc/systemd/system", "programs", "mappings"])
        mkdirSync(join(root, made), { recursive: true });
      for (const name of readdirSync(`${packageRoot}mappings`)) place.write(`mappings/${name}`, "");
      place.write("config.yaml", "company_url: acme.pipedrive.com\napi_token: ${PIPEDRIVE_API_TOKEN}\n");
      place.write(".env", "PIPEDRIVE_API_TOKEN=secret\n");
      place.write("Dockerfile", "");
      symlinkSync(`${packageRoot}deploy`, join(root, "deploy"));
      // Programs that a test machine has not, or must not run: each takes what it is given only if that is there.
      const stands: Record<string, string> = {
        npm: '[ "$*" = "install --global pipedrive-planhat" ]',
        systemctl:
          'case "$*" in daemon-reload) ;; "enable --now pipedrive-planhat") [ -f "$ROOT/etc/systemd/system/$3.service" ];; *) false;; esac',
        journalctl: '[ "$*" = "-u pipedrive-planhat -f" ]',
        docker: '[ "$1 $2 $4" = "build -t ." ] && grep -qF "image: $3" deploy/kubernetes/*.yaml && [ -f Dockerfile ]',
        kubectl: `name() { grep -qE "^kind: $1$" deploy/kubernetes/*.yaml && grep -qE "^  name: $2$" deploy/kubernetes/*.yaml; }
case "$*" in
  "apply -k deploy/kubernetes") [ -f "$3/kustomization.yaml" ];;
  "-n pipedrive-planhat rollout status deployment/"*) name Deployment "\${5#deployment/}";;
  "-n pipedrive-planhat create job --from=cronjob/"*) name CronJob "\${5#--from=cronjob/}";;
  *) false;;
esac`,
      };
      for (const [name, test] of Object.entries(stands)) {
        place.write(`programs/${name}`, `#!/bin/bash\n${test}\n`);
        chmodSync(join(root, "programs", name), 0o755);
      }
      const blocks = fencedBlocks("running.md").filter(({ text }) => /systemctl|kubectl/.test(text));
      expect(blocks).to.have.length(2);
      for (const { text } of blocks)
        for (const line of text.trim().split("\n")) {
          const command = line.replace(/^[#$] /, "").replaceAll("/etc/", `${root}/etc/`);
          const env = { PATH: `${root}/programs:${process.env["PATH"]}`, ROOT: root };
          const { status, stderr } = spawnSync("bash", ["-c", command], { cwd: root, env, encoding: "utf8" });
          expect(status, `${line}\n${stderr}`).to.equal(0);
        }
      const installed = (name: string) => statSync(join(root, "etc/pipedrive-planhat", name));
      expect(installed("environment").mode & 0o777).to.equal(0o600);
      expect(installed("config.yaml").mode & 0o777).to.equal(0o644);
      expect(readdirSync(join(root, "etc/pipedrive-planhat/mappings"))).to.include("deals.yaml");
    } finally {
      place.remove();
    }
  });

  it("docs/running.md shows a config for serve that is one", async () => {
    const place = makeWorkplace();
    place.write("config.yaml", fencedBlocks("running.md").find(({ name }) => name === "serve.yaml")!.text);
    const env = { PIPEDRIVE_API_TOKEN: "token", DATABASE_URL: "postgres://127.0.0.1:1/none" };
    const { status, stderr } = await runBin(place.folder, ["status"], { env });
    place.remove();
    expect(stderr).to.contain("127.0.0.1:1");
    expect(status).to.equal(3);
  });
});

async function passwords({ url, token }: Sandbox): Promise<unknown[]> {
  const answer = await fetch(`${url}/v1/webhooks`, { headers: { "x-api-token": token } });
  const { data } = (await answer.json()) as { data: Record<string, unknown>[] };
  return data.map((webhook) => webhook["http_auth_password"]);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
