import type { RevenueKind } from "../../model-name.ts";
import { writeLine } from "../../protocol/standard-output.ts";
import { defaultSizes } from "../../sandbox/account/account.ts";
import type { AccountSizes } from "../../sandbox/account/account-setting.ts";
import { describeAccount } from "../../sandbox/account/describe-account.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { stopSignal } from "../terminal/stop-signal.ts";

/** The options of `sandbox`. */
export interface SandboxArguments {
  port: number;
  deals?: number;
  timeZone?: string;
  planhatModels: RevenueKind;
}

/** Serves a local Pipedrive and Planhat until a signal stops it. Returns the exit status. */
export async function sandbox(options: SandboxArguments): Promise<number> {
  const signal = stopSignal();
  const server = await startSandbox({
    port: options.port,
    planhat: { revenue: options.planhatModels },
    ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
    ...sizes(options.deals),
  });
  for (const line of describeAccount(server.account, server)) await writeLine(line);
  await writeLine("Stop it with Ctrl-C.");
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await server.close();
  return (signal.reason as { exitStatus: number }).exitStatus;
}

/** Returns sizes for the other records that grow with the deals, in the proportions of the default account. */
function sizes(deals: number | undefined): Partial<AccountSizes> {
  if (deals === undefined) return {};
  const grown = (standard: number) => Math.max(1, Math.round((standard * deals) / defaultSizes.deals));
  return {
    deals,
    organizations: grown(defaultSizes.organizations),
    persons: grown(defaultSizes.persons),
    notes: grown(defaultSizes.notes),
  };
}
