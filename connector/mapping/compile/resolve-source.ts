import type { Source, SourceScope } from "../evaluate/source.ts";
import type { Place } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { parseSourcePath } from "../language/source-path.ts";
import { resolveComputed } from "./computed-source.ts";
import { labelHint, resolveField } from "./resolve-field.ts";

/**
 * Resolves one name of a mapping file. If it is wrong, reports the fault with the nearest valid word and returns
 * undefined.
 */
export function resolveSource(text: string, place: Place, scope: SourceScope, report: Report): Source | undefined {
  const path = parseSourcePath(text);
  if ("fault" in path) {
    report.error(place, `\`${text}\` ${path.fault}.`, labelHint(text, scope, scope.stream));
    return undefined;
  }
  const [first] = path.parts;
  if (first!.startsWith("$") && !path.quoted) return resolveComputed({ text, parts: path.parts, place }, scope, report);
  return resolveField({ text, stream: scope.stream, parts: path.parts, place }, scope, report);
}
