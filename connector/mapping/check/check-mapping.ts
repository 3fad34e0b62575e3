import type { AccountCatalog } from "../../account-catalog.ts";
import type { ModelName, RevenueKind } from "../../model-name.ts";
import type { Problem } from "../../problem.ts";
import { isStreamName, type StreamName, streamNames } from "../../stream-name.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import type { DealRules } from "../compile/compile-deals.ts";
import type { FilledBy, PlacedField } from "../compile/compile-field.ts";
import { compileStream, idleStream, type PlacedStream } from "../compile/compile-stream.ts";
import type { ModelCatalog } from "../compile/model-catalog.ts";
import type { CompiledMapping, Direction, FieldReference, ShownNames } from "../compiled-mapping.ts";
import { receives } from "../direction.ts";
import type { Condition } from "../evaluate/condition.ts";
import { fingerprintOf } from "../fingerprint.ts";
import { structureCheck } from "../language/check-structure.ts";
import { definitions, streamSchema } from "../language/document-schema.ts";
import { below, type Located, type Place, plain, textOf } from "../language/located.ts";
import { parseMappingDocument } from "../language/parse-document.ts";
import { type Report, reportTo } from "../language/report.ts";
import { keyedHash } from "../transforms/hash.ts";
import { EMPTY, type Json } from "../value.ts";
import { type PassedWord, WordBinder } from "../word-binder.ts";
import { askedFields, unreadFields } from "./asked-fields.ts";
import { hashKeyMark, mappingMarks } from "./mapping-marks.ts";
import { checkRevenueKind, type ReportedStream } from "./revenue-kind.ts";

/** A mapping file: its name, as messages show it, and its text. */
export interface MappingFile {
  name: string;
  text: string;
}

/** The account and the models that the mapping is checked against. */
export interface MappingSurroundings {
  /** The account's fields and pipelines; absent without a token, and then labels cannot be checked. */
  catalog?: AccountCatalog;
  models: ModelCatalog;
  /** The config's secret key of the transform `hash`; a field that uses it without a key is an error. */
  hashKey?: string | undefined;
  /** Returns true if a word that passed from one thing to another means the other from now on. */
  agrees?: (passed: PassedWord) => boolean;
}

/** The origin of a field of a row, known without running anything. */
export interface FieldLineage extends Place {
  file: string;
  stream: StreamName;
  model: ModelName;
  /** The Planhat field: `name`, or `custom.Industry`. */
  field: string;
  direction: Direction;
  /** The Pipedrive fields as written in the file. */
  sources: string[];
  reads: FieldReference[];
  /** The Pipedrive fields that may hold its value; undefined if the value is computed or its place unknown. */
  filledBy: FilledBy[] | undefined;
  /** The transforms as written in the file. */
  transforms: string[];
}

/** The fields that decide which model a record becomes. */
export interface ModelChoice {
  stream: StreamName;
  model: ModelName | "none";
  reads: FieldReference[];
}

/** The verdict on all mapping files. */
export interface CheckedMapping {
  /** Sorted by file, then by place. */
  problems: Problem[];
  /** Present exactly when no problem is an error. */
  mapping?: CompiledMapping;
  /** Every valid field. */
  lineage: FieldLineage[];
  /** The fields that the conditions of models read. */
  choices: ModelChoice[];
}

/**
 * Checks and compiles the mapping files, and reports all problems of all files together. Pure: it reads nothing but its
 * arguments. Without a catalog, built-in fields and 40-digit keys compile as usual. A field named by its label is then
 * rejected for every record, and pipelines given by name select nothing.
 */
export function checkMapping(files: readonly MappingFile[], surroundings: MappingSurroundings): CheckedMapping {
  const problems: Problem[] = [];
  const streams: Partial<Record<StreamName, PlacedStream>> = {};
  const reported: Partial<Record<StreamName, ReportedStream>> = {};
  const documents: Record<string, Json> = {};
  const lineage: FieldLineage[] = [];
  const choices: ModelChoice[] = [];
  const fileOf = new Map<StreamName, string>();
  const { catalog, models, hashKey, agrees } = surroundings;
  const words = new WordBinder(catalog?.words, agrees);
  const parsed = files.map(({ name, text }) => {
    const found: Problem[] = [];
    const report = reportTo(found, name);
    const root = parseMappingDocument(text, report);
    const stream = root === undefined ? undefined : streamOf(root, name, fileOf, report);
    if (stream !== undefined) fileOf.set(stream, name);
    return { name, found, report, root, stream };
  });
  const ofProducts = parsed.find(({ stream }) => stream === "deal_products")?.root;
  const readsProducts = ofProducts !== undefined && textOf(below(ofProducts, "direction")) !== "none";
  // Products come with their deals, and read what these say: they come after them.
  for (const { name, report, root, stream } of parsed.toSorted(productsLast)) {
    if (root === undefined || stream === undefined) continue;
    documents[stream] = plain(root);
    structureCheck(definitions, report)(root, streamSchema(stream), stream);
    const around = { catalog, models, words, hashKey, deals: streams.deals?.rules, readsProducts };
    const compiled = compileStream(stream, root, around, report);
    if (compiled === undefined) continue;
    streams[stream] = compiled;
    reported[stream] = { stream: compiled, report };
    lineage.push(...lineageOf(name, stream, compiled));
    choices.push(...choicesOf(stream, compiled));
  }
  const kind = checkRevenueKind(reported, asksForProducts(documents["deals"] ?? null));
  for (const { found } of parsed) {
    // A wrong `stream` is told by `streamOf`, and again by the structure of the stream that is meant.
    const once = found.filter((one, at) => !isOfStream(one) || found.findIndex(isOfStream) === at);
    problems.push(...once.sort((one, other) => one.line - other.line || one.column - other.column));
  }
  if (problems.some(({ severity }) => severity === "error")) return { problems, lineage, choices };
  return {
    problems,
    lineage,
    choices,
    mapping: assembled({
      streams,
      documents: withKey(documents, hashKey, lineage),
      reads: readsOf(streams, lineage, choices),
      catalog,
      words,
      kind,
    }),
  };
}

function isOfStream({ message }: Problem): boolean {
  return message.startsWith("`stream` ");
}

function productsLast(one: { stream: StreamName | undefined }, other: typeof one): number {
  return Number(one.stream === "deal_products") - Number(other.stream === "deal_products");
}

/**
 * Returns the stream that a file maps; its name must match. A wrong or missing `stream` is reported, and the stream is
 * that of the file's name or the nearest word, so that the rest of the file is checked too; undefined if there is none.
 */
function streamOf(
  root: Located,
  file: string,
  fileOf: ReadonlyMap<StreamName, string>,
  report: Report,
): StreamName | undefined {
  if (root.kind !== "object") {
    report.error(root, "A mapping file is made of `key: value` lines, the first being `stream: …`.");
    return undefined;
  }
  const written = below(root, "stream");
  const baseName = file
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.ya?ml$/i, "");
  const free = (stream: string | undefined) =>
    stream !== undefined && isStreamName(stream) && !fileOf.has(stream) ? stream : undefined;
  if (written === undefined) {
    report.error(
      root,
      "`stream` is missing here.",
      `Add: stream: ${isStreamName(baseName) ? baseName : streamNames.join(" | ")}`,
    );
    return free(baseName);
  }
  const stream = textOf(written);
  if (!isStreamName(stream)) {
    const near = nearestWord(String(plain(written)), streamNames);
    report.error(
      written,
      `\`stream\` must be one of: ${streamNames.join(", ")}.`,
      near === undefined ? undefined : didYouMean(String(plain(written)), near),
    );
    return free(baseName) ?? free(near);
  }
  if (stream !== baseName) {
    report.error(
      written,
      `The file is named ${file}, but maps ${stream}.`,
      `Rename it to ${stream}.yaml${isStreamName(baseName) ? `, or write \`stream: ${baseName}\`` : ""}.`,
    );
  }
  const other = fileOf.get(stream);
  if (other !== undefined) {
    report.error(written, `${stream} are mapped in ${other} already; there is one file per stream.`);
    return undefined;
  }
  return stream;
}

function lineageOf(file: string, stream: StreamName, { models }: PlacedStream): FieldLineage[] {
  return models.flatMap(({ model, fields }) =>
    fields.map(({ field, place, transforms, filledBy }: PlacedField) => ({
      file,
      line: place.line,
      column: place.column,
      stream,
      model,
      field: field.field,
      direction: field.direction,
      sources: field.sources,
      reads: field.reads,
      filledBy,
      transforms,
    })),
  );
}

function choicesOf(stream: StreamName, { models, none }: PlacedStream): ModelChoice[] {
  const readsOf = ({ sources }: Condition) => sources.flatMap(({ reads }) => reads);
  return [
    ...none.map((condition) => ({ stream, model: "none" as const, reads: readsOf(condition) })),
    ...models.flatMap(({ model, condition }) =>
      condition === undefined ? [] : [{ stream, model, reads: readsOf(condition) }],
    ),
  ];
}

/** Returns whether a `when` in a document asks for the products of a deal. */
function asksForProducts(document: Json): boolean {
  if (document === null || typeof document !== "object") return false;
  if (Array.isArray(document)) return document.some(asksForProducts);
  return Object.entries(document).some(
    ([key, value]) => (key === "products" && (value === "none" || value === "some")) || asksForProducts(value),
  );
}

/** Adds the fingerprint of the key of `hash`, where a field uses it: another key gives other rows. */
function withKey(
  documents: Readonly<Record<string, Json>>,
  hashKey: string | undefined,
  lineage: readonly FieldLineage[],
): Record<string, Json> {
  const uses = hashKey !== undefined && lineage.some(({ transforms }) => transforms.includes("hash"));
  return uses ? { ...documents, [hashKeyMark]: keyedHash(hashKey, hashKeyMark) } : { ...documents };
}

function rulesOf(
  rules: DealRules | undefined,
): Pick<DealRules, "statuses" | "pipelineIds" | "startDate" | "startDateTrace"> {
  if (rules === undefined)
    return { statuses: ["won"], pipelineIds: null, startDate: () => EMPTY, startDateTrace: () => [] };
  const { statuses, pipelineIds, startDate, startDateTrace } = rules;
  return { statuses, pipelineIds, startDate, startDateTrace };
}

/** Returns the fields that rows, conditions and the start date read, by the stream of the mapped records. */
function readsOf(
  streams: Partial<Record<StreamName, PlacedStream>>,
  lineage: readonly FieldLineage[],
  choices: readonly ModelChoice[],
): Record<StreamName, FieldReference[]> {
  const startDate = { stream: "deals" as const, reads: streams.deals?.rules?.startDateReads ?? [] };
  const targets = [...lineage, ...choices, startDate];
  const of = (name: StreamName) => targets.flatMap(({ stream, reads }) => (stream === name ? reads : []));
  return {
    organizations: of("organizations"),
    persons: of("persons"),
    notes: of("notes"),
    deals: of("deals"),
    deal_products: of("deal_products"),
  };
}

function aroundOf(reads: Readonly<Record<StreamName, readonly FieldReference[]>>): CompiledMapping["around"] {
  const of = (stream: StreamName) =>
    (["organizations", "persons", "deals"] as const).filter(
      (related) => related !== stream && reads[stream].some((read) => read.stream === related),
    );
  return {
    organizations: of("organizations"),
    persons: of("persons"),
    notes: of("notes"),
    deals: of("deals"),
    deal_products: of("deal_products"),
  };
}

/** Returns the account's names that rows of these streams show, each once. */
function shownBy(streams: Partial<Record<StreamName, PlacedStream>>): ShownNames[] {
  const models = Object.values(streams).flatMap((stream) => stream.models);
  const fields = models.flatMap((model) => model.fields).filter(({ field }) => receives(field.direction));
  const shown = fields.flatMap(({ shows }) => shows);
  return [...new Map(shown.map((one) => [Object.values(one).join(), one])).values()];
}

/** The compiled streams of all files without a fault, and what the whole mapping takes besides. */
interface SoundFiles {
  streams: Partial<Record<StreamName, PlacedStream>>;
  documents: Record<string, Json>;
  reads: Readonly<Record<StreamName, readonly FieldReference[]>>;
  catalog: AccountCatalog | undefined;
  words: WordBinder;
  kind: RevenueKind | undefined;
}

function assembled({ streams, documents, reads, catalog, words, kind }: SoundFiles): CompiledMapping {
  const turned = words.turned().map(({ of, word, ids }): Json => [of, word, ids]);
  const compiled = (stream: StreamName) => streams[stream]?.stream ?? idleStream(stream);
  return {
    organizations: compiled("organizations"),
    persons: compiled("persons"),
    notes: compiled("notes"),
    deals: {
      ...compiled("deals"),
      ...rulesOf(streams.deals?.rules),
      whenLost: "keep",
      whenRemoved: "keep",
      asksForProducts: asksForProducts(documents["deals"] ?? null),
      mayBeNone: streams.deals?.mayBeNone === true,
      kind,
      makesLineItems: compiled("deals").models.some(({ lineItem }) => lineItem !== undefined),
    },
    deal_products: compiled("deal_products"),
    unread: unreadFields(Object.values(reads).flat()),
    asked: askedFields(Object.values(reads).flat(), catalog),
    around: aroundOf(reads),
    words: words.bound(),
    passed: words.passed(),
    shown: shownBy(streams),
    marks: mappingMarks(documents),
    fingerprint: fingerprintOf(turned.length === 0 ? documents : { ...documents, turned }),
  };
}
