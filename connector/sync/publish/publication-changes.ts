import type { NewChange } from "../../database/history/changes.ts";
import { creationsOfMany } from "../../database/history/run-history.ts";
import type { SincePublished } from "../../database/history/since-published.ts";
import type { OutboxRow } from "../../database/rows/published.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { sameJson } from "../../planhat/column-value.ts";

/** An object that Planhat accepted. */
export interface TakenObject {
  row: OutboxRow;
  object: JsonObject;
  /** True if it was created; false if it existed. */
  created: boolean;
}

/** Number of new objects from which they are stored as ranges of row ids. */
const manyObjects = 100;

/** Returns the changes for objects that Planhat accepted, in the order of their rows. */
export function publicationChanges(
  model: ModelName,
  taken: readonly TakenObject[],
  since: ReadonlyMap<string, SincePublished>,
): NewChange[] {
  const created = taken.filter((one) => one.created);
  const ofRow = ({ id, sourceId }: OutboxRow) =>
    ({ action: "publish", model, sourceId, rowId: id }) satisfies Partial<NewChange>;
  const made: NewChange[] =
    created.length < manyObjects
      ? created.map(({ row }) => ({ ...ofRow(row), because: { by: "created" } }))
      : creationsOfMany(
          model,
          created.map(({ row }) => row),
          { by: "created" },
        ).map((change) => ({ ...change, action: "publish" }));
  const others = taken.filter((one) => !one.created);
  return [
    ...made,
    ...others.map(({ row, object }): NewChange => {
      const by = row.hash === null && (row.planhatId === null || !row.isKnown) ? "taken_over" : "updated";
      return { ...ofRow(row), ...changedFields(object, since.get(row.sourceId)), because: { by } };
    }),
  ];
}

/** Returns the changed fields; undefined if the previously published content is no longer known. */
function changedFields(
  object: JsonObject,
  since: SincePublished | undefined,
): Pick<NewChange, "before" | "after"> | undefined {
  if (since === undefined) return undefined;
  const { content, changes } = since;
  if (content !== null) return difference(flat(content), flat(object));
  const [before, after] = [new Map<string, Json>(), new Map<string, Json>()];
  for (const change of changes) {
    for (const field of new Set([...Object.keys(change.before), ...Object.keys(change.after)])) {
      if (!before.has(field) && !after.has(field) && Object.hasOwn(change.before, field))
        before.set(field, change.before[field]!);
      after.set(field, Object.hasOwn(change.after, field) ? change.after[field]! : null);
    }
  }
  return after.size === 0 ? undefined : difference(before, after);
}

function difference(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>) {
  const fields = [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => !sameJson(before.get(field) ?? null, after.get(field) ?? null),
  );
  const values = (of: ReadonlyMap<string, Json>) =>
    Object.fromEntries(fields.map((field) => [field, of.get(field) ?? null]));
  return { before: values(before), after: values(after) };
}

/** Returns an object's fields by name, custom ones as `custom.<name>`. */
function flat({ custom, ...fields }: JsonObject): Map<string, Json> {
  const values = new Map(Object.entries(fields));
  for (const [name, value] of Object.entries((custom ?? {}) as JsonObject)) values.set(`custom.${name}`, value);
  return values;
}
