import { type ModelName, type ParentModel, revenueKindOf } from "../../model-name.ts";
import type { DecidedRows } from "../database.ts";
import type { RowWrite, StoredRow } from "../row.ts";

/** Prefix of the source id in the id of a row that does not exist yet. */
const made = "new ";

/** Returns the source id of a row that exists only in `AsIfRows`; undefined for the id of a stored row. */
export function asIfSourceId(rowId: string): string | undefined {
  return rowId.startsWith(made) ? rowId.slice(made.length) : undefined;
}

/**
 * Row writes that were decided but not executed. Readers see them as if they had been written, so a rule that depends
 * on an earlier decision finds its result.
 */
export class AsIfRows implements DecidedRows {
  readonly #writes = new Map<ModelName, Map<string, RowWrite>>();
  /** Companies and deals that would be created: row id by source id. */
  readonly #parents: Record<ParentModel, Map<string, string>> = { company: new Map(), deal: new Map() };

  /** Adds a write of a row; it merges with earlier writes of the same row. */
  add(model: ModelName, write: RowWrite, isNew: boolean): void {
    const { sourceId } = write;
    if (model === "company" || model === "deal") {
      // It is decided once, and later decisions depend only on whether it exists.
      if (isNew) this.#parents[model].set(sourceId, made + sourceId);
      return;
    }
    // No decision reads the row of another deal.
    if (revenueKindOf(model) !== undefined) return;
    const writes = this.#writes.get(model) ?? new Map<string, RowWrite>();
    this.#writes.set(model, writes);
    const before = writes.get(sourceId);
    writes.set(sourceId, before === undefined ? write : merged(before, write));
  }

  rowIds(model: ParentModel, sourceIds: readonly string[], rowIds: Map<string, string>): Map<string, string> {
    const parents = this.#parents[model];
    if (parents.size === 0) return rowIds;
    for (const sourceId of sourceIds) {
      const rowId = parents.get(sourceId);
      if (rowId !== undefined) rowIds.set(sourceId, rowId);
    }
    return rowIds;
  }

  companiesOfEndusers(personIds: readonly number[]): Map<number, string> {
    const writes = this.#writes.get("enduser");
    const companies = new Map<number, string>();
    for (const id of writes === undefined ? [] : personIds) {
      const companyId = writes?.get(String(id))?.companyId;
      if (companyId !== undefined && companyId !== null) companies.set(id, companyId);
    }
    return companies;
  }

  rows(model: ModelName, sourceIds: readonly string[], rows: StoredRow[]): StoredRow[] {
    const writes = this.#writes.get(model);
    if (writes === undefined) return rows;
    const there = new Set(rows.map(({ sourceId }) => sourceId));
    const changed = rows.map((row) => {
      const write = writes.get(row.sourceId);
      return write === undefined ? row : withWrite(row, write);
    });
    for (const sourceId of sourceIds) {
      const write = there.has(sourceId) ? undefined : writes.get(sourceId);
      if (write !== undefined) changed.push(withWrite(emptyRow(sourceId), write));
    }
    return changed;
  }
}

function emptyRow(sourceId: string): StoredRow {
  return {
    id: made + sourceId,
    sourceId,
    companyId: null,
    externalId: null,
    columns: {},
    custom: {},
    updatedAt: "",
  };
}

function withWrite(row: StoredRow, { columns, custom, companyId, externalId }: RowWrite): StoredRow {
  return {
    ...row,
    columns: { ...row.columns, ...columns },
    custom: { ...row.custom, ...custom },
    companyId: companyId === undefined ? row.companyId : companyId,
    externalId: externalId === undefined ? row.externalId : externalId,
  };
}

function merged(before: RowWrite, later: RowWrite): RowWrite {
  return {
    ...before,
    ...later,
    columns: { ...before.columns, ...later.columns },
    ...(before.custom === undefined && later.custom === undefined
      ? {}
      : { custom: { ...before.custom, ...later.custom } }),
  };
}
