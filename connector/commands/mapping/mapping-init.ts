import { join } from "node:path";
import type { Config } from "../../config/config.ts";
import { configFolder } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import type { RevenueKind } from "../../model-name.ts";
import { packageRoot } from "../../package-root.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { askAccount, openAccount } from "../opening/with-account.ts";
import { keptOwner } from "../opening/with-database.ts";
import { describeStarterFile, planStarters } from "./starter-files.ts";
import { writeTogether } from "./write-together.ts";

/** The options of `mapping init`. */
export interface MappingInitOptions extends CommonOptions {
  force?: true;
  /** The revenue models of the tenant; by default those that it has, if it can be asked. */
  models?: RevenueKind;
  /** For deals of every status. */
  deals?: "all";
  json?: true;
}

/**
 * Writes a starter mapping file for each stream, made for the account, into the config's folder, or `mappings` beside
 * the config. An existing file that differs is kept, unless `force` is set. Returns the exit status.
 */
export async function mappingInit(options: MappingInitOptions): Promise<number> {
  const { config, client } = await openAccount(options);
  const asked = await askAccount(client);
  if (asked instanceof Failure) throw asked;
  refuseOther(await keptOwner(config.database), asked.account, config.database);
  const models = options.models ?? (await kindOfTenant(config));
  const allDeals = options.deals === "all";
  if (allDeals && models !== "deals") {
    throw new Failure("usage", "`--deals all` needs a tenant with Deal and Line Item: an open deal is no license.", {
      hint: "Add --models deals if the tenant has these models.",
    });
  }
  const named = config.mappings !== `${packageRoot}mappings`;
  const folder = named ? config.mappings : join(configFolder(options.config), "mappings");
  const files = writing(folder, () => {
    const starters = planStarters(folder, asked.catalog, options.force ?? false, { models, allDeals });
    writeTogether(starters.writes);
    return starters.files;
  });
  const configLine = named ? null : "mappings: ./mappings";
  if (options.json) await writeMessage({ folder, models, files, config_line: configLine });
  else
    for (const line of [...files.flatMap(describeStarterFile), ...nextStep(options.config, configLine)])
      await writeLine(line);
  return 0;
}

/** Returns the revenue models of the config's tenant; licenses if there is none, or it cannot be asked. */
export async function kindOfTenant({ planhat }: Pick<Config, "planhat">): Promise<RevenueKind> {
  if (planhat === undefined) return "licenses";
  const { createPlanhatClient } = await import("../../planhat/client.ts");
  const { findKind } = await import("../../planhat/rights.ts");
  try {
    return (await findKind(createPlanhatClient(planhat, { patience: { tries: 1, silence: 30_000 } }))) ?? "licenses";
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return "licenses";
  }
}

function writing<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = code === "EEXIST" || code === "ENOTDIR" ? "is a file, not a folder" : `cannot be written (${code})`;
    throw new Failure("usage", `The mappings folder ${folder} ${reason}.`, {
      hint: path === undefined || path === folder ? "`mappings` in the config names it." : `It failed at ${path}.`,
      cause: error,
    });
  }
}

function nextStep(config: string, configLine: string | null): string[] {
  const line = configLine === null ? [] : ["", `Add this line to ${config}:`, "", `  ${configLine}`];
  return [...line, "", "Then: pipedrive-planhat mapping check"];
}
