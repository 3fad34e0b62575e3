import type { FieldOption } from "../../account-catalog.ts";
import type { ModelName } from "../../model-name.ts";
import type { Direction, FieldInverse, FieldReference, ShownNames } from "../compiled-mapping.ts";
import { isWider, sends, withoutSending } from "../direction.ts";
import { applier } from "../evaluate/condition.ts";
import { fieldFunctions, type RunnableField } from "../evaluate/runnable-field.ts";
import type { ChainStep, Source, SourceScope } from "../evaluate/source.ts";
import { definitions } from "../language/document-schema.ts";
import { below, keyPlace, type Located, listOf, type Place, plain, textOf } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { type Json, toValue, type Value } from "../value.ts";
import { warnMisfit } from "./check-fit.ts";
import { compileCondition } from "./compile-condition.ts";
import { compileInverse, inverseOf } from "./compile-inverse.ts";
import { type ChainContext, compileTransforms } from "./compile-transforms.ts";
import type { ModelCatalogProperty } from "./model-catalog.ts";
import { checkPlanhatField } from "./planhat-field.ts";
import { resolveLabel } from "./resolve-field.ts";
import { resolveSource } from "./resolve-source.ts";

/** The surroundings in which an entry of `fields:` is compiled. */
export interface FieldScope {
  sources: SourceScope;
  model: ModelName;
  properties: readonly ModelCatalogProperty[];
  /** The object's direction. */
  direction: Direction;
  report: Report;
}

/** A compiled field and its place in the file. */
export interface PlacedField {
  field: RunnableField;
  place: Place;
  transforms: string[];
  /** The Pipedrive fields that may hold its value; undefined if the value is computed or its place unknown. */
  filledBy: FilledBy[] | undefined;
  /** The account's names that its value is made of. */
  shows: ShownNames[];
  /** Its `when` as written; undefined without one. */
  when: Json | undefined;
}

/** A field of Pipedrive, or a part of it, that fills a field of the row. */
export interface FilledBy extends FieldReference {
  part?: string;
}

/** Compiles one entry; undefined if anything in it is wrong (reported). */
export function compileField(located: Located, scope: FieldScope): PlacedField | undefined {
  const { report } = scope;
  const planhat = below(located, "planhat");
  const name = textOf(planhat);
  if (located.kind !== "object" || planhat === undefined || name === undefined) return undefined;
  const target = checkPlanhatField(name, planhat, scope);
  const from = readFrom(located, scope);
  const chain =
    from === undefined
      ? undefined
      : compileTransforms(below(located, "transform"), chainContext(from.sources, scope.sources), report);
  const when = below(located, "when");
  const condition = when === undefined ? undefined : compileCondition(when, scope.sources, report);
  const way = from === undefined ? undefined : directionOf(located, from, scope);
  const inverse =
    from === undefined || chain === undefined || way === undefined
      ? undefined
      : wayBack(located, { sources: from.sources, chain, direction: way }, report);
  if (!target || from === undefined || chain === undefined || way === undefined || inverse === undefined)
    return undefined;
  if (when !== undefined && condition === undefined) return undefined;
  const required = plainOf(located, "required") === true;
  if (chain.length === 0) {
    const property = scope.properties.find((known) => known.name === name);
    warnMisfit(property, from, planhat, report);
  }
  const functions = fieldFunctions({
    ...from,
    chain,
    rules: {
      required,
      ignoreNull: plainOf(located, "on_null") === "ignore",
      clearEmpty: plainOf(located, "on_empty") === "clear",
    },
  });
  return {
    place: planhat,
    transforms: chain.map(({ text }) => text),
    filledBy: filledBy(from, chain),
    shows: from.sources.flatMap(({ shows }) => shows ?? []),
    when: when === undefined ? undefined : plain(when),
    field: {
      field: name,
      sources: from.sources.map(({ text }) => text),
      reads: [...from.sources, ...(condition?.sources ?? [])].flatMap(({ reads }) => reads),
      direction: way,
      required,
      condition,
      applies: applier(condition),
      ...(inverse === "none" ? {} : { inverse }),
      ...functions,
    },
  };
}

function filledBy({ sources, constant }: FieldOrigin, chain: readonly ChainStep[]): FilledBy[] | undefined {
  const elsewhere = constant !== undefined || chain.some(({ step }) => step.fill !== undefined);
  // The start date is read from several fields; it does not matter which of them is empty.
  if (elsewhere || sources.some(({ reads, text }) => reads.length === 0 || text === "$start_date")) return undefined;
  return sources.map(({ reads, part }) => ({ ...reads.at(-1)!, ...(part === undefined ? {} : { part }) }));
}

interface FieldOrigin {
  sources: Source[];
  constant: Value | undefined;
}

function readFrom(located: Located, { sources: scope, report }: FieldScope): FieldOrigin | undefined {
  const pipedrive = below(located, "pipedrive");
  const value = below(located, "value");
  if (pipedrive !== undefined && value !== undefined) {
    report.error(keyPlace(located, "value"), "A field takes either `pipedrive` or `value`, not both.");
    return undefined;
  }
  if (value !== undefined) return value.kind === "null" ? undefined : { sources: [], constant: toValue(plain(value)) };
  if (pipedrive === undefined) {
    // A misspelt key was reported, and is most likely the one that is missing.
    if (hasUnknownKey(located)) return undefined;
    report.error(
      located,
      "This field has no `pipedrive` and no `value`, so nothing would ever fill it.",
      "Add `pipedrive: <a field>`, or `value: <a constant>`.",
    );
    return undefined;
  }
  const sources = resolveSources(pipedrive, scope, report);
  return sources === undefined ? undefined : { sources, constant: undefined };
}

function hasUnknownKey(located: Located): boolean {
  const known = definitions["field"]?.properties ?? {};
  return located.kind === "object" && [...located.entries.keys()].some((key) => !Object.hasOwn(known, key));
}

/**
 * Resolves a `pipedrive:` or `start_date:` entry: one name, or a list of names and `["…"]` labels. `accepts` may reject
 * a source (reported).
 */
export function resolveSources(
  located: Located,
  scope: SourceScope,
  report: Report,
  accepts: (source: Source, place: Place) => boolean = () => true,
): Source[] | undefined {
  const items = listOf(located);
  const sources = items.map((item) => {
    const source = resolveItem(item, located.kind === "array" && items.length === 1, scope, report);
    return source !== undefined && accepts(source, item) ? source : undefined;
  });
  const sound = sources.filter((source) => source !== undefined);
  return sound.length === sources.length && sound.length > 0 ? sound : undefined;
}

function resolveItem(item: Located, alone: boolean, scope: SourceScope, report: Report): Source | undefined {
  const [inner] = item.kind === "array" ? item.items : [];
  const label = textOf(inner);
  if (label !== undefined) return resolveLabel(label, item, scope, report);
  const text = textOf(item);
  if (text === undefined || text === "") return undefined;
  // YAML reads an unquoted ["Rev. 2026"] as a list of one text: treat that text as the label.
  return alone && /[.$]/.test(text) && scope.fieldsOf(scope.stream).hasLabel(text)
    ? resolveLabel(text, item, scope, report)
    : resolveSource(text, item, scope, report);
}

/** Returns the field's direction, or the object's; undefined if it is wider than the object's (reported). */
function directionOf(
  located: Located,
  from: FieldOrigin,
  { direction: object, report }: FieldScope,
): Direction | undefined {
  const written = below(located, "direction");
  const own = textOf(written) as Direction | undefined;
  if (object === "none") return "none";
  const sendable = from.sources[0]?.target !== undefined;
  // A field that is read-only in Pipedrive inherits only the receiving half.
  if (written === undefined || own === undefined) return sendable ? object : withoutSending(object);
  if (!["both", "send", "receive", "none"].includes(own)) return undefined;
  if (isWider(own, object)) {
    report.error(written, `The direction \`${own}\` is wider than the object's, \`${object}\`.`, widerHint(object));
    return undefined;
  }
  // A field that was deleted in Pipedrive sends nothing; a warning reported it.
  if (sends(own) && from.sources[0]?.gone === true) return withoutSending(own);
  if (sends(own) && !sendable) {
    const what =
      from.constant === undefined
        ? `\`${from.sources[0]?.text}\` cannot be written in Pipedrive`
        : "A constant has no field in Pipedrive";
    report.error(written, `${what}, so its direction cannot be \`${own}\`.`, "Write `direction: receive`.");
    return undefined;
  }
  return own;
}

function widerHint(object: Direction): string {
  return object === "both"
    ? "Write one of: both, send, receive, none."
    : `Write \`${object}\` or \`none\`, or leave the key out.`;
}

/** A field that may send: its sources, the transforms from them, and its direction. */
interface SentField {
  sources: readonly Source[];
  chain: readonly ChainStep[];
  direction: Direction;
}

/**
 * Returns the inverse of a field that sends, "none" for one that does not, undefined if a transform lacks one
 * (reported).
 */
function wayBack(
  located: Located,
  { sources, chain, direction }: SentField,
  report: Report,
): FieldInverse | "none" | undefined {
  const [source] = sources;
  if (!sends(direction) || source?.target === undefined) return "none";
  const inverse = inverseOf(chain);
  if ("changes" in inverse) return compileInverse(inverse.changes, source.target, source.type);
  const inherited = below(located, "direction") === undefined ? ", which the field has from the object," : "";
  report.error(
    inverse.missing.place,
    `The transform \`${inverse.missing.name}\` has no inverse (${inverse.because}), and direction \`${direction}\`${inherited} needs one.`,
    "Write `direction: receive` for this field, or leave the transform out.",
  );
  return undefined;
}

/**
 * Returns the options of all sources together, because a value may come from any of them. Without the account their
 * options are unknown: the list is empty, and that is not a fault of the mapping.
 */
function optionsOf(sources: readonly Source[], { catalog }: SourceScope): readonly FieldOption[] | undefined {
  const lists = sources.flatMap(({ options }) => (options === undefined ? [] : [options]));
  if (lists.length === 0) return catalog === undefined ? [] : undefined;
  return lists.flat();
}

function chainContext(sources: readonly Source[], scope: SourceScope): ChainContext {
  return { sources, options: optionsOf(sources, scope), words: scope.words, hashKey: scope.hashKey };
}

function plainOf(located: Located, key: string) {
  const value = below(located, key);
  return value === undefined ? undefined : plain(value);
}
