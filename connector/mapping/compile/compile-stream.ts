import type { AccountCatalog } from "../../account-catalog.ts";
import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { CompiledStream, Direction, Preference } from "../compiled-mapping.ts";
import { sends } from "../direction.ts";
import { applier, type Condition } from "../evaluate/condition.ts";
import { recordMapper } from "../evaluate/map-record.ts";
import { type SourceScope, sourceScope } from "../evaluate/source.ts";
import { modelsOf, streamSchema } from "../language/document-schema.ts";
import { below, keyPlace, type Located, type Place, plain, textOf } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { EMPTY } from "../value.ts";
import type { WordBinder } from "../word-binder.ts";
import { compileCondition } from "./compile-condition.ts";
import { checkModelOrder, compileDealRules, type DealRules } from "./compile-deals.ts";
import type { FieldScope, PlacedField } from "./compile-field.ts";
import { checkSentName, compileFields } from "./compile-model.ts";
import type { ModelCatalog } from "./model-catalog.ts";

/** One compiled mapping file, with the places of its fields. */
export interface PlacedStream {
  stream: CompiledStream;
  rules: DealRules | undefined;
  models: ModelEntry<ModelName>[];
  /** Conditions under which a deal becomes no row. */
  none: Condition[];
  /** True if an entry makes deals no row. */
  mayBeNone: boolean;
}

interface ModelEntry<Model = ModelName | "none"> {
  model: Model;
  fields: PlacedField[];
  /** The fields of the line item that is made of a deal without products. */
  lineItem?: PlacedField[] | undefined;
  condition: Condition | undefined;
  /** The place of its model, for messages. */
  place: Place;
}

/** The surroundings in which a stream is compiled. */
export interface StreamSurroundings {
  catalog: AccountCatalog | undefined;
  models: ModelCatalog;
  words: WordBinder;
  /** The secret key of the transform `hash`; undefined if the config has none. */
  hashKey?: string | undefined;
  /** Of products: the rules of the deals that they belong to. */
  deals?: DealRules | undefined;
  /** Of deals: true if their products are read. */
  readsProducts?: boolean;
}

/**
 * Compiles the document of one stream; undefined if anything in it is wrong (reported). Its form was checked before.
 */
export function compileStream(
  stream: StreamName,
  root: Located,
  { catalog, models, words, hashKey, deals, readsProducts = false }: StreamSurroundings,
  report: Report,
): PlacedStream | undefined {
  const direction = directionOf(stream, root);
  const scope = sourceScope(stream, catalog, words, hashKey);
  const rules = stream === "deals" ? compileDealRules(root, direction === "none", scope, report) : undefined;
  // With invalid rules `$start_date` is still a known word: its fault was reported once already.
  const fieldScope: SourceScope =
    stream === "deals"
      ? {
          ...scope,
          readsProducts,
          startDate: rules?.startDate ?? (() => EMPTY),
          startDateReads: rules?.startDateReads ?? [],
        }
      : { ...scope, ...(deals === undefined ? {} : { ofDeal: deals }) };
  const entries = compileModels(stream, root, { direction, sources: fieldScope, catalog: models, report });
  const createInPipedrive = below(root, "create_in_pipedrive");
  const creates = createInPipedrive !== undefined && plain(createInPipedrive) === true && sends(direction);
  const named =
    !creates ||
    entries === undefined ||
    checkSentName(
      entries.flatMap(({ fields }) => fields),
      keyPlace(root, "create_in_pipedrive"),
      report,
    );
  if (entries === undefined || !named || (stream === "deals" && rules === undefined)) return undefined;
  const runnable = entries.map(({ model, condition, fields, lineItem }) => ({
    model,
    condition,
    applies: applier(condition),
    fields: fields.map(({ field }) => field),
    ...(lineItem === undefined ? {} : { lineItem: lineItem.map(({ field }) => field) }),
  }));
  const rows = entries.filter(isRow);
  return {
    rules,
    models: rows.flatMap(withLineItem),
    mayBeNone: rows.length < entries.length,
    none: entries.flatMap((entry) => (isRow(entry) || entry.condition === undefined ? [] : [entry.condition])),
    stream: {
      stream,
      direction,
      prefer: (textOf(below(root, "prefer")) ?? "pipedrive") as Preference,
      createInPipedrive: creates,
      models: runnable.filter(isRow),
      map: recordMapper(runnable, modelsOf[stream][0]),
    },
  };
}

/** Returns an entry, followed by that of the line item that its deals make. */
function withLineItem(entry: ModelEntry<ModelName>): ModelEntry<ModelName>[] {
  const { lineItem, condition, place } = entry;
  return lineItem === undefined ? [entry] : [entry, { model: "lineitem", fields: lineItem, condition, place }];
}

function isRow<Entry extends { model: ModelName | "none" }>(entry: Entry): entry is Entry & { model: ModelName } {
  return entry.model !== "none";
}

/**
 * Returns the direction. One that the stream cannot have was reported with the form; read as none, it causes no more
 * errors.
 */
function directionOf(stream: StreamName, root: Located): Direction {
  const written = below(root, "direction");
  const word = textOf(written) ?? (written === undefined ? "receive" : "none");
  const known = streamSchema(stream).properties?.["direction"]?.enum?.includes(word) === true;
  return known ? (word as Direction) : "none";
}

/** The input for compiling the models of a stream. */
interface ModelScope {
  direction: Direction;
  sources: SourceScope;
  catalog: ModelCatalog;
  report: Report;
}

function compileModels(stream: StreamName, root: Located, scope: ModelScope): ModelEntry[] | undefined {
  const { direction, report } = scope;
  const several = below(root, "models");
  const single = below(root, "fields");
  if (several !== undefined) {
    const extra = (["model", "fields"] as const).find((key) => below(root, key) !== undefined);
    if (extra !== undefined) {
      report.error(keyPlace(root, extra), `\`${extra}\` belongs in the entries of \`models\`, not beside them.`);
      return undefined;
    }
    return compileEntries(several, scope);
  }
  if (single === undefined) {
    if (direction === "none") return [];
    const missing = modelsOf[stream].length > 1 ? "`models`" : "`fields`";
    report.error(
      root,
      `${missing} is missing: nothing says what a record becomes.`,
      "Add it, or write `direction: none`.",
    );
    return undefined;
  }
  const [only, ...others] = modelsOf[stream];
  const written = textOf(below(root, "model"));
  if (written === undefined && others.length > 0) {
    report.error(root, `\`model\` is missing: ${[only, ...others].join(" or ")}.`);
    return undefined;
  }
  const model = (written ?? only) as ModelName;
  const fields = compileFieldsOf(model, single, keyPlace(root, "fields"), scope);
  return fields === undefined ? undefined : [{ model, fields, condition: undefined, place: keyPlace(root, "model") }];
}

function compileEntries(located: Located, scope: ModelScope): ModelEntry[] | undefined {
  const { sources, report } = scope;
  const items = located.kind === "array" ? located.items : [];
  const ordered = checkModelOrder(items, report);
  const entries = items.map((entry): ModelEntry | undefined => {
    const model = textOf(below(entry, "model")) as ModelName | "none" | undefined;
    const when = below(entry, "when");
    const condition = when === undefined ? undefined : compileCondition(when, sources, report);
    if (model === "none" && sources.stream === "deals") {
      const named = below(entry, "fields") !== undefined;
      if (named)
        report.error(keyPlace(entry, "fields"), "An entry of the model none makes no row, so it has no fields.");
      return named || (when !== undefined && condition === undefined)
        ? undefined
        : { model, fields: [], condition, place: entry };
    }
    if (model === undefined || model === "none" || !(modelsOf[sources.stream] as readonly string[]).includes(model))
      return undefined;
    const listed = below(entry, "fields");
    if (listed === undefined) report.error(entry, "`fields` is missing here.", `It lists the fields of the ${model}.`);
    const place = keyPlace(entry, "model");
    const fields = listed === undefined ? undefined : compileFieldsOf(model, listed, place, scope);
    const lineItem = compileLineItem(model, entry, scope);
    if (fields === undefined || lineItem === "wrong" || (when !== undefined && condition === undefined))
      return undefined;
    return { model, fields, lineItem, condition, place };
  });
  const sound = entries.filter((entry) => entry !== undefined);
  return ordered && sound.length === entries.length && sound.length > 0 ? sound : undefined;
}

/** Compiles the line item that deals of an entry make; undefined without one, `wrong` if it is wrong (reported). */
function compileLineItem(model: ModelName, entry: Located, scope: ModelScope): PlacedField[] | "wrong" | undefined {
  const located = below(entry, "line_item");
  if (located === undefined) return undefined;
  const at = keyPlace(entry, "line_item");
  if (model !== "deal") {
    scope.report.error(at, `A ${model} has no line items: only deals of the model deal have.`, "Remove `line_item`.");
    return "wrong";
  }
  const fields = below(located, "fields");
  return (fields && compileFieldsOf("lineitem", fields, at, scope)) ?? "wrong";
}

function compileFieldsOf(
  model: ModelName,
  fields: Located | undefined,
  at: Place,
  { direction, sources, catalog, report }: ModelScope,
): PlacedField[] | undefined {
  const properties = catalog[model];
  if (properties === undefined) return undefined;
  const scope: FieldScope = { sources, model, properties, direction, report };
  return compileFields(fields, at, scope);
}

/** Returns a stream without a mapping file: none of its records sync. */
export function idleStream(stream: StreamName): CompiledStream {
  return {
    stream,
    direction: "none",
    prefer: "pipedrive",
    createInPipedrive: false,
    models: [],
    map: recordMapper([], modelsOf[stream][0]),
  };
}
