import { expect } from "chai";
import type { Database } from "../connector/database/database.ts";
import { type Change, readChanges } from "../connector/database/history/changes.ts";
import type { Rows } from "./row-difference.ts";

/** Reads every saved change of a run, the last one first. */
export async function changesOf(database: Database, run: string): Promise<Change[]> {
  return readChanges(database, run, { most: 1_000_000, newestFirst: true });
}

/**
 * Reverts a run's changes on the rows after it. It expects each change to hold the present value, and the result to be
 * the rows before the run: then the changes contain every write, field by field.
 */
export function expectToLeadBack(before: Rows, after: Rows, changes: readonly Change[]): void {
  const rows: Rows = new Map([...after].map(([key, values]) => [key, { ...values }]));
  for (const change of changes) {
    const { action, model, sourceId, rowId, lastRowId } = change;
    if (action === "publish" || action === "send") continue;
    const key = `${model} ${rowId}`;
    if (action === "create") {
      const [first, last] = [BigInt(rowId!), BigInt(lastRowId ?? rowId!)];
      for (let id = first; id <= last; id++)
        expect(rows.delete(`${model} ${id}`), `made: ${model} ${id}`).to.equal(true);
    } else if (action === "remove") {
      expect(rows.has(key), `removed: ${key}`).to.equal(false);
      rows.set(key, { ...change.before, sourceId });
    } else {
      const row = rows.get(key);
      expect(row, `changed: ${key}`).to.not.equal(undefined);
      const [old, now] = [change.before as Record<string, unknown>, change.after as Record<string, unknown>];
      for (const field of new Set([...Object.keys(old), ...Object.keys(now)])) {
        const where = `${key} ${field}`;
        expect(held(row!, field), where).to.deep.equal(held(now, field));
        expect(held(now, field), `${where}: a change`).to.not.deep.equal(held(old, field));
        const value = held(old, field);
        if (value === undefined) Reflect.deleteProperty(row!, field);
        else define(row!, field, value);
      }
    }
  }
  expect(sorted(rows)).to.deep.equal(sorted(before));
}

/** Returns the value that counts as present: a column that is NULL does not, a custom field that is null does. */
function held(values: Record<string, unknown>, field: string): unknown {
  const value = Object.hasOwn(values, field) ? values[field] : undefined;
  return value === null && !field.startsWith("custom.") ? undefined : value;
}

function define(values: Record<string, unknown>, field: string, value: unknown): void {
  Object.defineProperty(values, field, { value, enumerable: true, configurable: true, writable: true });
}

function sorted(rows: Rows): [string, [string, unknown][]][] {
  return [...rows]
    .map(([key, values]): [string, [string, unknown][]] => [key, Object.entries(values).sort(byName)])
    .sort(byName);
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
