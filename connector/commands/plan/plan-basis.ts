import type { Config } from "../../config/config.ts";
import { readIdentity } from "../../database/open/identity.ts";
import { readOwnAccount } from "../../database/tables/account.ts";
import { Failure } from "../../failure.ts";
import type { DatabaseIdentity, PlanBasis } from "../../sync/plan/kept-plan.ts";
import type { SyncRequest } from "../../sync/run-context.ts";
import type { SyncOptions } from "../sync/sync-once.ts";

/** Returns the conditions under which a run would start now. */
export async function planBasis(config: Config, { database, mapping, ...request }: SyncRequest): Promise<PlanBasis> {
  const own = await readOwnAccount(database);
  return {
    account: { company_id: own?.companyId ?? null, name: own?.companyName ?? "" },
    database: { location: database.location, identity: await readIdentity(database, database) },
    mapping: mapping.fingerprint,
    config: {
      start_date: config.start_date ?? null,
      follow_changes: config.follow_changes,
      planhat: config.planhat === undefined ? null : new URL(config.planhat.api_url).host,
    },
    options: { full: request.full, companies: [...request.companies] },
  };
}

/** Throws a Failure if a plan was made for another account, mapping or config than the current one. */
export function refuseOtherBasis(file: string, plan: PlanBasis, now: PlanBasis): void {
  const { account, mapping, config } = plan;
  if (account.company_id !== now.account.company_id) {
    const named = (one: PlanBasis["account"]) => `${one.name === "" ? "" : `${one.name}, `}company ${one.company_id}`;
    throw refusal(
      `The plan ${file} is of another Pipedrive account (${named(account)}); the config names ${named(now.account)}.`,
    );
  }
  refuseOtherDatabase(file, plan, now.database);
  if (mapping !== now.mapping) {
    throw refusal(`The plan ${file} was made with another mapping than there is now; nothing was changed.`);
  }
  for (const key of ["start_date", "follow_changes", "planhat"] as const) {
    if (config[key] === now.config[key]) continue;
    const [then, today] = [config[key], now.config[key]].map((value) => (value === null ? "none" : String(value)));
    throw refusal(`The plan ${file} was made with another \`${key}\` in the config: ${then}, and now ${today}.`);
  }
}

/** Throws a Failure if a plan was made for another database. */
export function refuseOtherDatabase(file: string, { database }: PlanBasis, now: DatabaseIdentity): void {
  if (database.identity === now.identity) return;
  throw refusal(
    `The plan ${file} was made for another database (${database.location}); the config names ${now.location}.`,
  );
}

/** Throws a Failure if the given options differ from the plan's. */
export function refuseOtherOptions(
  file: string,
  { options: planned }: PlanBasis,
  given: { full?: true; company?: number[] },
): void {
  if (given.full === true && !planned.full) throw contradiction(file, "--full", "without it");
  if (given.company === undefined) return;
  const asked = new Set(given.company);
  const isSame = asked.size === new Set(planned.companies).size && planned.companies.every((id) => asked.has(id));
  if (isSame) return;
  const made = planned.companies.length === 0 ? "without it" : `for ${planned.companies.join(", ")}`;
  throw contradiction(file, "--company", made);
}

function contradiction(file: string, option: string, made: string): Failure {
  return new Failure("usage", `${option} contradicts the plan ${file}, which was made ${made}.`, {
    hint: "`sync --plan` takes these options from the plan: leave them out.",
  });
}

function refusal(message: string): Failure {
  return new Failure("usage", message, {
    hint: "Nothing was changed. Create the plan again: pipedrive-planhat plan --out <file>.",
  });
}

/** The options of `plan`. */
export interface PlanOptions extends SyncOptions {
  /** The file that stores the plan. */
  out?: string;
  /** True to exit 10 if there is something to do. */
  exitCode?: true;
  /** True to show what the mapping would change, from landed records alone. */
  remap?: true;
}
