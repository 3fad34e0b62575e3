import { firstTables } from "./0001-first-tables.ts";
import { published } from "./0002-published.ts";
import { service } from "./0004-service.ts";
import { generations } from "./0005-generations.ts";
import { dealsOfPersonsIndex } from "./0008-deals-of-persons.ts";
import { sendsOfCompanies } from "./0009-sends.ts";
import { consents } from "./0012-consents.ts";
import { progressOfRuns } from "./0016-progress-of-runs.ts";
import { livingDeals } from "./0018-living-deals.ts";
import { refusedSends } from "./0019-refused-sends.ts";
import { account } from "./0020-account.ts";
import { changes } from "./0021-changes.ts";
import { holds } from "./0022-holds.ts";
import { harm } from "./0023-harm.ts";
import { dismissed } from "./0025-dismissed.ts";
import { alerts } from "./0027-alerts.ts";
import { dealProducts } from "./0030-deal-products.ts";
import { rowsOfProducts } from "./0031-rows-of-products.ts";
import { forgotten } from "./0032-forgotten.ts";
import { console } from "./0033-console.ts";
import { dealsAndLineitems } from "./0034-deals-and-lineitems.ts";
import { leanCopies } from "./0035-lean-copies.ts";
import type { Migration } from "./migration.ts";

/** Every migration, in order. */
export const allMigrations: readonly Migration[] = [
  firstTables,
  published,
  service,
  generations,
  dealsOfPersonsIndex,
  sendsOfCompanies,
  consents,
  progressOfRuns,
  livingDeals,
  refusedSends,
  account,
  changes,
  holds,
  harm,
  dismissed,
  alerts,
  dealProducts,
  rowsOfProducts,
  forgotten,
  console,
  dealsAndLineitems,
  leanCopies,
];
