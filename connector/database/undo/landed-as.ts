import type { ModelName, RevenueModel } from "../../model-name.ts";
import { recordIdSql, streamSql, streamsOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";

/** A landing of the records of which rows of a model are made. */
export interface Landing<Stream extends StreamName = StreamName> {
  stream: Stream;
  /** Returns the SQL that is true if a landed record is that of a row, by their aliases. */
  joined(row: string, landed: string): string;
}

/** The streams of deals and their products. */
type RevenueStream = "deals" | "deal_products";

export function landingsOf(model: RevenueModel): Landing<RevenueStream>[];
export function landingsOf(model: ModelName): Landing[];

/** Returns the landings of the records of which a model's rows are made: of a deal's own line item, the deal's. */
export function landingsOf(model: ModelName): Landing[] {
  const landings = streamsOf[model].map((stream): Landing => {
    return {
      stream,
      joined: (row, landed) =>
        `${landed}.id = ${recordIdSql(`${row}.source_id`)} and ${streamSql(model, `${row}.source_id`)} = '${stream}'`,
    };
  });
  if (model !== "lineitem") return landings;
  return [
    ...landings,
    { stream: "deals", joined: (row, landed) => `-${landed}.id = ${recordIdSql(`${row}.source_id`)}` },
  ];
}
