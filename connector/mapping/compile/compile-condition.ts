import {
  allOf,
  anyOf,
  type Condition,
  elements,
  isOneOf,
  magnitude,
  not,
  onField,
  onSource,
  word,
} from "../evaluate/condition.ts";
import type { Source, SourceScope } from "../evaluate/source.ts";
import type { ThingSource } from "../evaluate/taken-away.ts";
import { below, type Located, listOf, plain, textOf } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { rejected, shown } from "../outcome.ts";
import { safePattern } from "../pattern.ts";
import type { Json } from "../value.ts";
import type { WordBinder } from "../word-binder.ts";
import { type Comparison, onLabelsOfThings, onNamedThings, onPresence } from "./compile-thing-condition.ts";
import { resolvePipelines } from "./pipelines.ts";
import { resolveSource } from "./resolve-source.ts";

/** Compiles a `when`. Names are checked here. Its form was checked before, so malformed parts are skipped. */
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
  const products = below(located, "products");
  if (products !== undefined) return onProducts(products, scope, report);
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
    if (operator !== "field") return operate({ operator, operand: value, source }, scope.words, report);
  }
  return undefined;
}

function operate(comparison: Comparison, words: WordBinder, report: Report): Condition | undefined {
  const { operator, operand, source } = comparison;
  switch (operator) {
    case "is":
    case "in":
      return oneOf(operand, source, words, report);
    case "not": {
      const other = oneOf(operand, source, words, report);
      return other === undefined ? undefined : not(other);
    }
    case "present": {
      const wanted = plain(operand);
      return namesThings(source)
        ? onPresence(source, wanted === true)
        : onField(source, ({ state }) => (state === "present") === wanted);
    }
    case "greater":
    case "less":
      return compared(comparison, words, report);
    case "matches":
      return matching(comparison, words, report);
    default:
      return undefined;
  }
}

function oneOf(operand: Located, source: Source, words: WordBinder, report: Report): Condition | undefined {
  if (namesThings(source)) return onNamedThings(operand, source, words, report);
  return onField(source, isOneOf(new Set(listOf(operand).map((item) => word(plain(item))))));
}

function namesThings(source: Source): source is ThingSource {
  return source.things !== undefined;
}

function compared({ operator, operand, source }: Comparison, words: WordBinder, report: Report): Condition | undefined {
  const bound = magnitude(plain(operand));
  if (bound === undefined) {
    report.error(operand, `\`${operator}\` compares with a number or a date, not with \`${word(plain(operand))}\`.`);
    return undefined;
  }
  const holds = (value: Json) => {
    const size = magnitude(value);
    if (size === undefined || size.kind !== bound.kind) return false;
    return operator === "greater" ? size.size > bound.size : size.size < bound.size;
  };
  if (namesThings(source)) return onLabelsOfThings({ operator, operand, source }, holds, words, report);
  return onField(source, (value) => value.state === "present" && holds(value.value));
}

function matching({ operator, operand, source }: Comparison, words: WordBinder, report: Report): Condition | undefined {
  const pattern = safePattern(textOf(operand) ?? "");
  if ("fault" in pattern) {
    report.error(operand, `The pattern ${pattern.fault}.`);
    return undefined;
  }
  if (namesThings(source)) {
    return onLabelsOfThings({ operator, operand, source }, (label) => pattern.test(label), words, report);
  }
  return onField(
    source,
    (value) => value.state === "present" && elements(value.value).some((element) => pattern.test(word(element))),
  );
}

/** Returns a condition on whether a deal has enabled products; it is undecided while they have not been read. */
function onProducts(located: Located, scope: SourceScope, report: Report): Condition | undefined {
  if (scope.stream !== "deals") {
    report.error(located, `\`products\` asks for the products of a deal; ${scope.stream} have none.`);
    return undefined;
  }
  if (scope.readsProducts !== true) {
    report.error(
      located,
      "`products` asks for the products of deals, and no file maps them, so they are not read.",
      "Add a file deal_products.yaml, or take the condition out.",
    );
    return undefined;
  }
  const wanted = textOf(located) === "some";
  return {
    sources: [],
    doubt: () => undefined,
    holds: (_record, { products }) =>
      products === undefined
        ? rejected("the products of the deal have not been read; `sync --full` reads them")
        : products > 0 === wanted,
  };
}

function onPipeline(located: Located, scope: SourceScope, report: Report): Condition | undefined {
  if (scope.stream !== "deals") {
    report.error(located, `${scope.stream} have no pipeline; only deals do.`);
    return undefined;
  }
  const selected = resolvePipelines(listOf(located), scope, report);
  const source = resolveSource("pipeline_id", located, scope, report);
  if (selected === undefined || source === undefined) return undefined;
  const ids = new Set(selected.ids.map(String));
  return onSource(source, {
    holds: (record, context) => {
      if (selected.unknown) return rejected("the account's pipelines are not known");
      const own = source.read(record, context);
      if (own.state !== "present") return own.state === "rejected" ? own : false;
      if (ids.has(word(own.value))) return true;
      return selected.known?.has(word(own.value)) === false
        ? rejected(`${shown(own.value)} is not a pipeline of the account`)
        : false;
    },
  });
}
