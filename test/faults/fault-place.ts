import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Database } from "../../connector/database/database.ts";
import { openDatabase } from "../../connector/database/open/open-database.ts";
import { packageRoot } from "../../connector/package-root.ts";
import type { Random } from "../../connector/sandbox/account/random.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { type DatabaseKind, migratedLocation, removeLocation } from "../databases.ts";
import { everythingIn } from "../everything.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";
import { changeSomething, withoutNeighbours } from "./account-changes.ts";
import { emptied, filledTables } from "./emptied.ts";
import { expectSame } from "./expect-same.ts";
import { mappingFiles, syncInProcess } from "./in-process-sync.ts";
import { type MisbehavingApi, misbehavingApi, misdeeds } from "./misbehaving-api.ts";

/** A tiny account behind an API that can misbehave, and one database that is emptied for each round. */
export class FaultPlace {
  readonly sandbox: Sandbox;
  readonly api: MisbehavingApi;
  readonly location: string;
  readonly workplace: Workplace;
  #open: Database | undefined;
  /** Time (ms) to wait for a silent server: short only if it is silent on purpose. */
  #patience = 30_000;
  #undisturbed: Promise<Record<string, unknown>> | undefined;

  private constructor(sandbox: Sandbox, api: MisbehavingApi, location: string) {
    this.sandbox = sandbox;
    this.api = api;
    this.location = location;
    this.workplace = makeWorkplace();
    this.workplace.write(
      "config.yaml",
      `company_url: ${sandbox.url}\napi_token: ${sandbox.token}\ndatabase: ${location}\nmappings: ./mappings\nfollow_changes: true\n`,
    );
    mkdirSync(join(this.workplace.folder, "mappings"));
    for (const [name, text] of Object.entries(mappingFiles)) this.workplace.write(`mappings/${name}`, text);
  }

  static async make(kind: DatabaseKind): Promise<FaultPlace> {
    const limits = { burstLimit: 100_000, dailyTokens: Number.POSITIVE_INFINITY };
    const sandbox = await startSandbox({
      organizations: 12,
      persons: 25,
      deals: 40,
      notes: 30,
      ...limits,
      seed: "faults",
    });
    const api = await misbehavingApi(sandbox.url, { pageSize: 5, dateSkew: -600_000 });
    const place = new FaultPlace(sandbox, api, await migratedLocation(kind));
    try {
      const filled = await filledTables(await place.open());
      expect(filled).to.deep.equal(["connector.fence", "connector.migrations"]);
      const undisturbed = await place.undisturbed();
      for (const what of ["planhat.licenses", "planhat.sales", "planhat.endusers", "planhat.notes", "rejections"])
        expect(undisturbed[what], what).to.have.length.greaterThan(0);
    } catch (error) {
      await place.remove();
      throw error;
    }
    return place;
  }

  async remove(): Promise<void> {
    await this.leave();
    await this.api.close();
    await this.sandbox.close();
    await removeLocation(this.location);
    this.workplace.remove();
  }

  /** Opens the database and keeps it open: opening an embedded one takes longer than a sync of a tiny account. */
  async open(): Promise<Database> {
    this.#open ??= await openDatabase(this.location);
    return this.#open;
  }

  /** Closes the database, so that other processes may open it. */
  async leave(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  async empty(): Promise<void> {
    await emptied(await this.open());
  }

  /** Changes something in Pipedrive: the result of an undisturbed sync changes too. */
  change(random: Random): void {
    changeSomething(this.sandbox, random);
    this.#undisturbed = undefined;
  }

  /** Returns the result of one sync into an empty database; it changes only with the account. Empties the database. */
  async undisturbed(): Promise<Record<string, unknown>> {
    this.#undisturbed ??= (async () => {
      const database = await this.open();
      await emptied(database);
      await syncInProcess({ url: this.sandbox.url, token: this.sandbox.token, location: this.location }, { database });
      return withoutNeighbours(await everythingIn(database));
    })();
    return this.#undisturbed;
  }

  /** Empties the database, syncs one to three times with faults and changes in between, and compares. */
  async round(random: Random, inTrouble: () => Promise<void>): Promise<void> {
    await this.empty();
    const attempts = random.integer(1, 3);
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0 && random.chance(0.3)) this.change(random);
      await inTrouble();
    }
    await this.expectHealed();
  }

  /** Runs one sync, whose failure must be a known one; on the open database, unless another location is given. */
  async sync(random: Random, told: RegExp, location?: string): Promise<void> {
    const at = { url: this.api.url, token: this.sandbox.token, location: location ?? this.location };
    const database = location === undefined ? { database: await this.open() } : {};
    const clockSkew = random.integer(-10, 10) * 60_000;
    await syncInProcess(at, { silence: this.#patience, clockSkew, ...database }).catch((failure: Error) => {
      expect(failure.name, failure.stack).to.equal("Failure");
      expect(failure.message).to.match(told);
    });
  }

  /** Makes Pipedrive misbehave until `behave`, in some of the ways, rarely or often, sometimes with changes. */
  disturbApi(random: Random): void {
    const chosen = random.some(misdeeds, 4);
    const often = random.pick([0.02, 0.1, 0.4]);
    const changing = random.chance(0.3);
    this.#patience = 50;
    this.api.misbehave((request) => {
      if (changing && random.chance(0.05)) this.change(random);
      const misdeed = random.chance(often) ? random.pick(chosen) : undefined;
      return misdeed === "expired cursor" && !request.searchParams.has("cursor") ? undefined : misdeed;
    });
  }

  /** Ends the misbehaviour of Pipedrive. */
  behave(): void {
    this.#patience = 30_000;
    this.api.behave();
  }

  /** Runs an undisturbed sync and throws if the result differs from a run that never failed. */
  async expectHealed(): Promise<void> {
    this.behave();
    const database = await this.open();
    await syncInProcess({ url: this.api.url, token: this.sandbox.token, location: this.location }, { database });
    const left = withoutNeighbours(await everythingIn(database));
    expect(left["pending"]).to.deep.equal([]);
    expectSame(left, await this.undisturbed());
  }

  /**
   * Runs the bin's sync under a parent that does not wait for it, and kills it after some milliseconds. It stays a
   * zombie until the parent ends, which the returned function causes.
   */
  async zombieSync(afterMilliseconds: number): Promise<() => void> {
    const script = '"$0" "$@" >/dev/null 2>&1 & echo $!; exec sleep 600';
    const command = [process.execPath, `${packageRoot}dist/main.js`, "sync", "--wait", "30"];
    const parent = spawn("sh", ["-c", script, ...command], { cwd: this.workplace.folder });
    const [text] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string];
    const pid = Number(text);
    await sleep(afterMilliseconds);
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    return () => void parent.kill("SIGKILL");
  }

  /** Runs the bin's sync and kills it after some milliseconds; returns true if it was not done by then. */
  async killedSync(afterMilliseconds: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const { status, signal, stderr } = await runBin(this.workplace.folder, ["sync", "--wait", "30"], {
      onStart: (child) => {
        timer = setTimeout(() => child.kill("SIGKILL"), afterMilliseconds);
      },
    });
    clearTimeout(timer);
    if (signal !== "SIGKILL") expect(status, stderr).to.equal(0);
    return signal === "SIGKILL";
  }
}
