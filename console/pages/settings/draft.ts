import { signal } from "@preact/signals";
import type { Edit } from "../../edits.ts";

/** The edits that are not saved yet, in the order in which they were made; each path once. */
export const draft = signal<readonly Edit[]>([]);

/** Sets a value at a path of a file, or removes it where the value is undefined. */
export function edit(file: string, path: Edit["path"], value: unknown): void {
  const one: Edit = value === undefined ? { file, path } : { file, path, value };
  const others = path.at(-1) === "-" ? draft.value : draft.value.filter((other) => !isAt(other, file, path));
  draft.value = [...others, one];
}

/** Takes an edit back. */
export function forget(one: Edit): void {
  draft.value = draft.value.filter((other) => other !== one);
}

/** Returns the edit of a path, if there is one. */
export function editOf(file: string, path: Edit["path"]): Edit | undefined {
  return draft.value.find((one) => isAt(one, file, path));
}

/** Returns a value as it would be: by the draft, else by the document. */
export function valueAt(file: string, path: Edit["path"], document: unknown): unknown {
  const edited = editOf(file, path);
  if (edited !== undefined) return edited.value;
  let at = document;
  for (const part of path)
    at = typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[part] : undefined;
  return at;
}

/**
 * Returns the edits so that each finds its place: what removes an item of a list comes late, the last item first, and
 * what goes before all items comes last.
 */
export function inOrder(edits: readonly Edit[]): Edit[] {
  const removes = ({ path, value }: Edit) => value === undefined && typeof path.at(-1) === "number";
  const precedes = ({ path }: Edit) => path.at(-1) === "+";
  return [
    ...edits.filter((one) => !removes(one) && !precedes(one)),
    ...edits.filter(removes).sort((one, other) => Number(other.path.at(-1)) - Number(one.path.at(-1))),
    ...edits.filter(precedes),
  ];
}

function isAt(one: Edit, file: string, path: Edit["path"]): boolean {
  return one.file === file && one.path.length === path.length && one.path.every((part, index) => part === path[index]);
}
