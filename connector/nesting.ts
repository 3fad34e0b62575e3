import type { Json } from "./mapping/value.ts";

/** So many objects and lists may stand in each other. Pipedrive's records have 4; Postgres gives up at some thousands. */
export const deepestNesting = 100;

/** Why a record that is nested deeper is not taken, as a sentence without its full stop. */
export const tooDeep = `it is nested more than ${deepestNesting} levels deep, and no record of Pipedrive's is`;

/** Whether objects and lists stand in each other more than `levels` deep. Looks no deeper than that. */
export function isNestedDeeper(value: Json | undefined, levels: number = deepestNesting): boolean {
  if (value === null || typeof value !== "object") return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((element) => isNestedDeeper(element, levels - 1));
  for (const key in value) if (isNestedDeeper(value[key], levels - 1)) return true;
  return false;
}
