import type { ModelName } from "../../model-name.ts";
import type { Transaction } from "../database.ts";

/** A row by its model and source id. */
export interface RowName {
  model: ModelName;
  sourceId: string;
}

/** A row of a deal, or of one of its products, that went, and the rows that took its place. */
export interface Replacement extends RowName {
  dealId: number;
  by: readonly RowName[];
}

/** Records which rows took the place of others, in place of what was recorded of these deals before. */
export async function noteReplaced(transaction: Transaction, replaced: readonly Replacement[]): Promise<void> {
  if (replaced.length === 0) return;
  await transaction.query("delete from connector.replaced where deal_id = any($1::bigint[])", [
    [...new Set(replaced.map(({ dealId }) => dealId))],
  ]);
  const pairs = replaced.flatMap(({ by, ...row }) => by.map((other) => ({ ...row, other })));
  await transaction.query(
    `insert into connector.replaced (deal_id, model, source_id, by_model, by_source_id)
     select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])`,
    [
      pairs.map(({ dealId }) => dealId),
      pairs.map(({ model }) => model),
      pairs.map(({ sourceId }) => sourceId),
      pairs.map(({ other }) => other.model),
      pairs.map(({ other }) => other.sourceId),
    ],
  );
}
