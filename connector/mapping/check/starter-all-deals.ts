import type { AccountCatalog } from "../../account-catalog.ts";

const wonOnly = /^statuses: \[won\].*$/m;
const startDate = /^start_date: .*$/m;
const stage = /^ {6}- planhat: stage .*\n {8}pipedrive: status\n {8}transform: .*$/m;
const closeDate = /^( {6}- planhat: closeDate\n {8}pipedrive: ).*$/m;

/**
 * Returns the shipped mapping of deals, for tenants with Deal and Line Item, for deals of every status: an open deal
 * has the stage that the account's stage stands for, a won or lost one Planhat's own.
 */
export function forAllDeals(shipped: string, { stages }: Pick<AccountCatalog, "stages">): string {
  const names = [...new Set(stages.map(({ name }) => name))].map((name) => JSON.stringify(name));
  const lookup = names.map((name) => `              ${name}: ${name}`);
  const lines = [
    "      - planhat: stage        # Closed Won and Closed Lost are Planhat's own; only Closed Won counts as revenue",
    "        value: Closed Won",
    "        when: {field: status, is: won}",
    "      - planhat: stage",
    "        value: Closed Lost",
    "        when: {field: status, is: lost}",
    "      - planhat: stage        # on the left the account's stages, on the right those of the Planhat tenant",
    "        pipedrive: $stage.name",
    "        when: {field: status, is: open}",
    ...(names.length === 0
      ? []
      : ["        transform:", "          - lookup:", ...lookup, "            otherwise: keep"]),
  ];
  return shipped
    .replace(wonOnly, "statuses: [open, won, lost]")
    .replace(startDate, "start_date: [local_won_date, won_time, expected_close_date, add_time]")
    .replace(stage, () => lines.join("\n"))
    .replace(closeDate, "$1[local_won_date, local_lost_date, won_time, lost_time, expected_close_date]");
}
