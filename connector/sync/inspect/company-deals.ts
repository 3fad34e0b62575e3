import type { Queryable } from "../../database/database.ts";
import { dealsOfOrganizations } from "../../database/landing/association.ts";
import { readLanded } from "../../database/landing/landing.ts";
import { readKeptRows } from "../../database/rows/kept.ts";
import { readLinks } from "../../database/rows/links.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { Json } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { selectDeals } from "../apply/select-deals.ts";
import { emptyGraph } from "../land/record-graph.ts";
import type { SkipReason } from "../summary.ts";

/** A deal of a company's organization. */
export interface CompanyDeal {
  id: number;
  title: string | null;
  status: string | null;
  pipeline_id: number | null;
  value: Json;
  currency: Json;
  /** The reason why it does not sync; null if it is eligible. */
  reason: SkipReason | null;
  /** The model of its row; null if it has none. */
  model: ModelName | null;
  /** Since when its row is kept although it does not sync, an instant `…Z`; null if it is not. */
  kept_since: string | null;
}

/** Returns the landed deals of an organization, and why each does or does not sync. */
export async function dealsOfCompany(
  queryable: Queryable,
  mapping: CompiledMapping,
  organization: number,
): Promise<CompanyDeal[]> {
  const ids = await dealsOfOrganizations(queryable, [organization]);
  const landed = await readLanded(queryable, "deals", ids);
  const { skipped } = await selectDeals(queryable, mapping.deals, landed, emptyGraph(mapping));
  const kept = new Map((await readKeptRows(queryable, "deals", ids)).map((row) => [row.recordId, row.since]));
  const models = new Map((await readLinks(queryable, "deals", ids)).map((link) => [link.recordId, link.model]));
  return landed.map(({ id, record }) => ({
    id,
    title: textOf(record["title"]),
    status: textOf(record["status"]),
    pipeline_id: typeof record["pipeline_id"] === "number" ? record["pipeline_id"] : null,
    value: record["value"] ?? null,
    currency: record["currency"] ?? null,
    reason: skipped.get(id) ?? null,
    model: models.get(id) ?? null,
    kept_since: kept.get(id) ?? null,
  }));
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
