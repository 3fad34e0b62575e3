import { allOf, anyOf, type Condition, elements, isOneOf, magnitude, not, onField, word } from "./condition.ts";
import { below, type Located, listOf, plain, textOf } from "./located.ts";
import { rejected } from "./outcome.ts";
import { safePattern } from "./pattern.ts";
import { resolvePipelines } from "./pipelines.ts";
import type { Report } from "./report.ts";
import { resolveSource } from "./resolve-source.ts";
import type { Source, SourceScope } from "./source.ts";

/** Compiles a `when`. Names are checked here; its form was checked before, so what is malformed is passed over. */
export function compileCondition(located: Located, scope: SourceScope, report: Report): Condition | undefined {
  const every = below(located, "all");
  const some = below(located, "any");
  const pipeline = below(located, "pipeline");
  if (every !== undefined || some !== undefined) {
    const parts = listOf(every ?? some).map((part) => compileCondition(part, scope, report));
    const sound = parts.filter((part) => part !== undefined);
    if (sound.length < parts.length) return undefined;
    return every === undefined ? anyOf(sound) : allOf(sound);
  }
  if (pipeline !== undefined) return onPipeline(pipeline, scope, report);
  const field = below(located, "field");
  if (field !== undefined) return onOneField(located, field, scope, report);
  const other = below(located, "not");
  const compiled = other === undefined ? undefined : compileCondition(other, scope, report);
  return compiled === undefined ? undefined : not(compiled);
}

function onOneField(located: Located, field: Located, scope: SourceScope, report: Report): Condition | undefined {
  const name = textOf(field);
  const source = name === undefined ? undefined : resolveSource(name, field, scope, report);
  if (source === undefined || located.kind !== "object") return undefined;
  for (const [operator, { value }] of located.entries) {
    if (operator !== "field") return operate(operator, value, source, report);
  }
  return undefined;
}

function operate(operator: string, operand: Located, source: Source, report: Report): Condition | undefined {
  const words = () => {
    checkOptions(operand, source, report);
    return new Set(listOf(operand).map((item) => word(plain(item))));
  };
  switch (operator) {
    case "is":
    case "in":
      return onField(source, isOneOf(words()));
    case "not":
      return not(onField(source, isOneOf(words())));
    case "present": {
      const wanted = plain(operand);
      return onField(source, ({ state }) => (state === "present") === wanted);
    }
    case "greater":
    case "less":
      return compared(operator, operand, source, report);
    case "matches":
      return matching(operand, source, report);
    default:
      return undefined;
  }
}

function compared(
  operator: "greater" | "less",
  operand: Located,
  source: Source,
  report: Report,
): Condition | undefined {
  const bound = magnitude(plain(operand));
  if (bound === undefined) {
    report.error(operand, `\`${operator}\` compares with a number or a date, not with \`${word(plain(operand))}\`.`);
    return undefined;
  }
  return onField(source, (value) => {
    const size = value.state === "present" ? magnitude(value.value) : undefined;
    if (size === undefined || size.kind !== bound.kind) return false;
    return operator === "greater" ? size.size > bound.size : size.size < bound.size;
  });
}

function matching(operand: Located, source: Source, report: Report): Condition | undefined {
  const pattern = safePattern(textOf(operand) ?? "");
  if ("fault" in pattern) {
    report.error(operand, `The pattern ${pattern.fault}.`);
    return undefined;
  }
  return onField(
    source,
    (value) => value.state === "present" && elements(value.value).some((element) => pattern.test(word(element))),
  );
}

/** A word that no option has would never hold: almost always a typing mistake, but the option may come. */
function checkOptions(operand: Located, { kind, options, text }: Source, report: Report): void {
  if ((kind !== "option" && kind !== "options") || options === undefined) return;
  const labels = options.map(({ label }) => label);
  for (const item of listOf(operand)) {
    const label = word(plain(item));
    if (labels.includes(label)) continue;
    report.warning(item, `\`${text}\` has no option \`${label}\`.`, optionHint(label, labels));
  }
}

function onPipeline(located: Located, scope: SourceScope, report: Report): Condition | undefined {
  if (scope.stream !== "deals") {
    report.error(located, `${scope.stream} are in no pipeline; only deals are.`);
    return undefined;
  }
  const selected = resolvePipelines(listOf(located), scope.catalog, report);
  const source = resolveSource("pipeline_id", located, scope, report);
  if (selected === undefined || source === undefined) return undefined;
  if (selected.unknown) {
    return { sources: [source], holds: () => rejected("the account's pipelines are not known") };
  }
  return onField(source, isOneOf(new Set(selected.ids.map(String))));
}

function optionHint(label: string, labels: readonly string[]): string {
  const same = labels.find((known) => known.toLowerCase() === label.toLowerCase());
  return same === undefined ? `It has: ${labels.slice(0, 20).join(", ")}.` : `Did you mean \`${same}\`?`;
}
