import type { Queryable, Transaction } from "../../database/database.ts";
import {
  addMappedFields,
  countWritten,
  findWrittenFields,
  type ModelField,
  readMappedFields,
} from "../../database/rows/mapped-fields.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import { streamNames } from "../../stream-name.ts";

/** A field that is no longer mapped, and the number of rows in which it holds a value of the connector. */
export interface UnmappedField extends ModelField {
  rows: number;
}

/** Records the fields that a mapping writes. Fields that an earlier version wrote are found in the rows. */
export async function rememberMapped(
  transaction: Transaction,
  mapping: CompiledMapping,
  { hasRows }: { hasRows: boolean },
): Promise<void> {
  if (hasRows && (await readMappedFields(transaction)).length === 0) {
    await addMappedFields(transaction, await findWrittenFields(transaction));
  }
  await addMappedFields(transaction, mappedFields(mapping));
}

/** Returns the fields that are no longer mapped, belong to a model that still is, and hold values. */
export async function readUnmapped(queryable: Queryable, mapping: CompiledMapping): Promise<UnmappedField[]> {
  const mapped = mappedFields(mapping);
  const keyOf = ({ model, field }: ModelField) => `${model} ${field}`;
  const known = new Set(mapped.map(keyOf));
  const models = new Set(mapped.map(({ model }) => model));
  const found: UnmappedField[] = [];
  for (const { model, field } of await readMappedFields(queryable)) {
    if (known.has(keyOf({ model, field })) || !models.has(model)) continue;
    const rows = await countWritten(queryable, { model, field });
    if (rows > 0) found.push({ model, field, rows });
  }
  return found;
}

function mappedFields(mapping: CompiledMapping): ModelField[] {
  return streamNames.flatMap((stream) => {
    const { direction, models } = mapping[stream];
    if (!receives(direction)) return [];
    return models.flatMap(({ model, fields, lineItem = [] }) => [
      ...fields.flatMap(({ field, direction: own }) => (receives(own) ? [{ model, field }] : [])),
      ...lineItem.flatMap(({ field, direction: own }) =>
        receives(own) ? [{ model: "lineitem" as const, field }] : [],
      ),
    ]);
  });
}
