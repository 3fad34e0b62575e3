import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Hono } from "hono";
import { kindOfTenant } from "../../commands/mapping/mapping-init.ts";
import { planStarters } from "../../commands/mapping/starter-files.ts";
import { writeTogether } from "../../commands/mapping/write-together.ts";
import { askAccount } from "../../commands/opening/with-account.ts";
import { configFolder } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import { answer } from "../answer.ts";
import { body, objectOf } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { editYaml } from "../edit-yaml.ts";
import { log, needs } from "../guard.ts";
import { catalogOf } from "../known-mapping.ts";
import { isShipped } from "../proposed-change.ts";
import { isWritable, replaceTogether } from "../replace-files.ts";

/** The mapping files that were made, each with what became of it, and whether `serve` has to be started again. */
export interface OwnMappingAnswer {
  files: { file: string; action: string }[];
  restart: boolean;
}

/** Adds the route that makes the shipped mapping files of the config's folder, as `mapping init` does. */
export function ownMappingRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>().post(
    "/mapping/init",
    needs("editor"),
    body<{ hash: string }>(objectOf({ hash: { type: "string" } }, ["hash"])),
    async (context) => {
      const { config, client, database } = runningService(host);
      const { configFile } = host;
      if (!isShipped(config)) throw new Failure("usage", `The mapping is yours already: ${config.mappings}.`);
      const kept = await catalogOf({ database });
      const asked = await askAccount(ofOwnAccount(client, database, database.location), kept);
      if (asked instanceof Failure && kept === undefined) throw asked;
      const catalog = asked instanceof Failure ? kept! : asked.catalog;
      const models = await kindOfTenant(config);
      const before = readFileSync(configFile, "utf8");
      refuseChanged(configFile, before, context.req.valid("json").hash);
      const after = editYaml(configFile, before, [{ path: ["mappings"], value: "./mappings" }]);
      const folder = join(configFolder(configFile), "mappings");
      const { files, writes } = planStarters(folder, catalog, false, { models, allDeals: false });
      writeTogether(writes);
      try {
        replaceTogether([{ path: resolve(configFile), text: after }]);
      } catch (error) {
        for (const { path, how } of writes) if (how === "create") rmSync(path, { force: true });
        throw error;
      }
      await log(host, context.var.person.name, { action: "mapping init", subject: folder });
      await host.restart?.();
      host.live.tell("settings", null);
      const told = files.map(({ file, action }) => ({ file, action }));
      return answer<OwnMappingAnswer>(context, { files: told, restart: host.restart === undefined });
    },
  );
}

function refuseChanged(file: string, text: string, hash: string): void {
  if (sha256(text) !== hash) {
    throw new Failure("usage", `Nothing was written: ${file} changed since the page read it.`, {
      hint: "Reload the page, and try again.",
    });
  }
  if (isWritable(file)) return;
  throw new Failure("surroundings", `Nothing was written: ${file} or its folder cannot be written.`, {
    hint: "Run `pipedrive-planhat mapping init` where the config comes from.",
  });
}
