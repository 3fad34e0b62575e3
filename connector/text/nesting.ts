import type { Json } from "../mapping/value.ts";

/** Levels of objects and lists within each other. Pipedrive's records have 4; Postgres fails at some thousands. */
export const deepestNesting = 100;

/** The reason to reject a record with deeper nesting, as a sentence without its full stop. */
export const tooDeep = `it is nested more than ${deepestNesting} levels deep, and no record of Pipedrive's is`;

/** Returns true if objects and lists are nested more than `levels` deep. Reads no deeper than that. */
export function isNestedDeeper(value: Json | undefined, levels: number = deepestNesting): boolean {
  if (value === null || typeof value !== "object") return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((element) => isNestedDeeper(element, levels - 1));
  for (const key in value) if (isNestedDeeper(value[key], levels - 1)) return true;
  return false;
}
