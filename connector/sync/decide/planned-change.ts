import type { RowWrite, StoredRow } from "../../database/row.ts";
import { rowChange, wholeRow } from "../../database/row-change.ts";
import type { ModelName } from "../../model-name.ts";
import { sameJson } from "../../planhat/column-value.ts";
import type { Decision, FieldChange, RowAction } from "../decision.ts";
import type { PlannedChange } from "../planned.ts";

/**
 * Returns the changes of a decision: none, its row, its previous row of another model, and rows whose place it takes.
 */
export function plannedChanges({ action, movedFrom, removed, replaces }: Decision): PlannedChange[] {
  const changes: PlannedChange[] = replaces.map(({ model, row }) => removal(model, row));
  if (movedFrom !== undefined && removed !== undefined) changes.push(removal(movedFrom, removed));
  if (action.action === "create" || action.action === "update") {
    const fields = action.action === "create" ? { ...action.fields, ...keysOf(action) } : action.fields;
    changes.push({ model: action.model, source_id: action.sourceId, action: action.action, fields });
  }
  return changes;
}

function removal(model: ModelName, row: StoredRow): PlannedChange {
  const fields = Object.entries(wholeRow(model, row)).map(([field, from]) => [field, { from, to: null }]);
  return { model, source_id: row.sourceId, action: "delete", fields: Object.fromEntries(fields) };
}

/** Returns the changes that Planhat's own edit makes to a company's row; none if the row holds it already. */
export function editedCompany(row: StoredRow, write: RowWrite | undefined): PlannedChange[] {
  const change = write === undefined ? undefined : rowChange("company", row, write);
  if (change === undefined) return [];
  const { before, after } = change;
  const fields = Object.keys(after).map((field): [string, FieldChange] => {
    return [field, { from: (Object.hasOwn(before, field) ? before[field] : undefined) ?? null, to: after[field]! }];
  });
  return [{ model: "company", source_id: row.sourceId, action: "update", fields: Object.fromEntries(fields) }];
}

/**
 * Merges two changes of one row, the later after the earlier; undefined if they cancel each other out. A person may be
 * applied with one company's deals and again with another's.
 */
export function mergeChanges(earlier: PlannedChange, later: PlannedChange): PlannedChange | undefined {
  const wasThere = earlier.action !== "create";
  const isThere = later.action !== "delete";
  if (!wasThere && !isThere) return undefined;
  const fields = new Map(Object.entries(earlier.fields));
  for (const [field, { from, to }] of Object.entries(later.fields)) {
    const before = fields.get(field);
    if (before === undefined) fields.set(field, { from, to });
    else if (wasThere && sameJson(before.from, to)) fields.delete(field);
    else fields.set(field, { from: before.from, to });
  }
  if (wasThere && isThere && fields.size === 0) return undefined;
  return {
    ...earlier,
    action: !wasThere ? "create" : isThere ? "update" : "delete",
    fields: Object.fromEntries(fields),
  };
}

/** Returns the keys that the connector sets in a new row. */
function keysOf({ write: { companyId, externalId } }: RowAction): Record<string, FieldChange> {
  return {
    ...(companyId === undefined ? {} : { companyId: { from: null, to: companyId } }),
    ...(externalId === undefined ? {} : { externalId: { from: null, to: externalId } }),
  };
}
