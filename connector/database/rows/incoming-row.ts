import { Failure } from "../../failure.ts";
import type { ModelName } from "../../model-name.ts";
import { unstorable, unstorableJson } from "../../text/storable-text.ts";
import type { WrittenColumn } from "../bulk/row-merge.ts";
import type { RowWrite } from "../row.ts";

/**
 * A row prepared for writing: its values in the order of the columns, undefined for columns that it leaves unchanged.
 */
export interface IncomingRow {
  sourceId: string;
  /** The bit mask of the columns that it sets. */
  present: number;
  values: (string | null | undefined)[];
  /** The JSON of the custom fields that it sets. */
  custom: string | null;
}

/** Prepares a write for the columns. Throws a Failure naming row and column for a value that Postgres cannot store. */
export function incomingRow(model: ModelName, columns: readonly WrittenColumn[], write: RowWrite): IncomingRow {
  const { sourceId, externalId, companyId, custom } = write;
  refuseUnstorable(model, sourceId, "source_id", unstorable(sourceId));
  let present = 0;
  let known = 0;
  const values = columns.map(({ name, type, bit }) => {
    let value: string | null | undefined;
    if (name === "external_id") value = externalId;
    else if (name === "company_id") value = companyId;
    else if (Object.hasOwn(write.columns, name)) {
      value = write.columns[name];
      known++;
    }
    if (value === undefined) return undefined;
    present += bit;
    if (typeof value === "string") {
      refuseUnstorable(model, sourceId, name, type === "jsonb" ? unstorableColumnJson(value) : unstorable(value));
    }
    return value;
  });
  if (known < Object.keys(write.columns).length) {
    const unknown = Object.keys(write.columns).find((name) => !columns.some((column) => column.name === name));
    if (unknown !== undefined) throw new Error(`The model ${model} has no column ${unknown}.`);
  }
  const customJson = custom === undefined ? null : JSON.stringify(custom);
  if (customJson !== null) refuseUnstorable(model, sourceId, "custom", unstorableJson(customJson));
  return { sourceId, present, values, custom: customJson };
}

/**
 * Returns why a jsonb column's text cannot be stored; undefined if it can. It is inserted verbatim into a larger JSON
 * text, so it must be exactly one value.
 */
function unstorableColumnJson(text: string): string | undefined {
  try {
    return unstorableJson(JSON.stringify(JSON.parse(text)));
  } catch {
    return "is not JSON";
  }
}

function refuseUnstorable(model: ModelName, sourceId: string, column: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new Failure("run", `The ${model} ${JSON.stringify(sourceId)} cannot be stored: its ${column} ${reason}.`);
}
