import { dayOf } from "../day.ts";
import { decimalOf } from "../decimal.ts";
import type { Source } from "../evaluate/source.ts";
import type { Place } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import type { Value } from "../value.ts";
import type { ModelCatalogProperty } from "./model-catalog.ts";

/** Warns if the type a field reads cannot go into its column untransformed, so that every record would be rejected. */
export function warnMisfit(
  property: ModelCatalogProperty | undefined,
  { sources, constant }: { sources: readonly Source[]; constant: Value | undefined },
  place: Place,
  report: Report,
): void {
  if (property === undefined) return;
  if (constant?.state === "present") {
    if (!constantFits(constant.value, property)) {
      report.warning(
        place,
        `The constant ${JSON.stringify(constant.value)} does not fit \`${property.name}\`, which takes ${wanted(property)}.`,
      );
    }
    return;
  }
  for (const source of sources) {
    const misfit = misfitOf(source, property);
    if (misfit !== undefined) {
      report.warning(
        place,
        `\`${source.text}\` reads as ${misfit.reads}, and \`${property.name}\` takes ${wanted(property)}.`,
        misfit.hint,
      );
    }
  }
}

function misfitOf({ kind, text }: Source, { type }: ModelCatalogProperty): { reads: string; hint: string } | undefined {
  if (type === "array" || type === "object") return undefined;
  switch (kind) {
    case "contacts":
      return { reads: "a list", hint: `Write \`${text}.primary\`.` };
    case "options":
    case "list":
      return { reads: "a list", hint: 'Add: transform: [{join: ", "}]' };
    case "address":
    case "money":
    case "range":
    case "time":
      return { reads: "an object", hint: `Name a part of it, such as \`${text}.value\`.` };
    default:
      return undefined;
  }
}

function constantFits(value: unknown, { type, format }: ModelCatalogProperty): boolean {
  switch (type) {
    case "string":
      if (format !== undefined) return typeof value === "string" && dayOf(value) !== undefined;
      return typeof value !== "object";
    case "number":
    case "integer":
      return (typeof value === "number" || typeof value === "string") && decimalOf(value) !== undefined;
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return true;
    case "object":
      return typeof value === "object" && !Array.isArray(value);
  }
}

function wanted({ type, format }: ModelCatalogProperty): string {
  if (format !== undefined) return format === "date" ? "a date" : "a date and time";
  return {
    string: "text",
    number: "a number",
    integer: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "an object",
  }[type];
}
