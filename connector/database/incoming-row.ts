import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { unstorable, unstorableJson } from "../storable-text.ts";
import type { Because } from "./history/changes.ts";
import type { WrittenColumn } from "./row-merge.ts";

/** What to write of one row: only what is named is written. */
export interface RowWrite {
  sourceId: string;
  /** Absent: stays as it is. */
  externalId?: string | null;
  /** The row id of its company; absent: stays as it is. Companies have none. */
  companyId?: string | null;
  /** Columns of properties in canonical text; an absent one stays as it is, null becomes NULL. */
  columns: Record<string, string | null>;
  /** Custom fields to set; null stays a JSON null, an absent key stays as it is. */
  custom?: JsonObject;
  /** Tells why it is written, for the history of the row. */
  because?: (() => Because | undefined) | undefined;
}

/** A row on its way: its values in the order of the columns, with undefined for those that it does not bring. */
export interface IncomingRow {
  sourceId: string;
  /** The mask of the columns that it brings. */
  present: number;
  values: (string | null | undefined)[];
  /** The JSON of the custom fields that it brings. */
  custom: string | null;
}

/** A write made ready for the columns. Throws a Failure that names row and column for what Postgres cannot store. */
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

/** A jsonb column's text goes into a larger JSON text as it is, so it must be one value, whole. */
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
