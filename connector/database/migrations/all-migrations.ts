import type { Migration } from "./migration.ts";
import { firstTables } from "./steps/0001-first-tables.ts";
import { published } from "./steps/0002-published.ts";
import { service } from "./steps/0004-service.ts";
import { generations } from "./steps/0005-generations.ts";
import { dealsOfPersonsIndex } from "./steps/0008-deals-of-persons.ts";
import { sendsOfCompanies } from "./steps/0009-sends.ts";
import { consents } from "./steps/0012-consents.ts";
import { progressOfRuns } from "./steps/0016-progress-of-runs.ts";
import { livingDeals } from "./steps/0018-living-deals.ts";
import { refusedSends } from "./steps/0019-refused-sends.ts";
import { account } from "./steps/0020-account.ts";
import { changes } from "./steps/0021-changes.ts";
import { holds } from "./steps/0022-holds.ts";
import { harm } from "./steps/0023-harm.ts";
import { dismissed } from "./steps/0025-dismissed.ts";
import { alerts } from "./steps/0027-alerts.ts";
import { dealProducts } from "./steps/0030-deal-products.ts";
import { rowsOfProducts } from "./steps/0031-rows-of-products.ts";
import { forgotten } from "./steps/0032-forgotten.ts";
import { console } from "./steps/0033-console.ts";
import { dealsAndLineitems } from "./steps/0034-deals-and-lineitems.ts";
import { leanCopies } from "./steps/0035-lean-copies.ts";

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
