import type { Hold } from "../../database/history/holds.ts";
import type {
  CompiledField,
  CompiledMapping,
  CompiledModel,
  CompiledStream,
  Direction,
  MappedRecord,
  RecordContext,
  TraceStep,
  Verdict,
} from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { type ModelName, tableOf } from "../../model-name.ts";
import { models } from "../../planhat/models.ts";
import { sourceIdOf } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import { productSkipReason } from "../apply/apply-products.ts";
import { decideCandidate } from "../decide/decide-candidate.ts";
import { skipReason } from "../decide/eligibility.ts";
import { type HeldRecord, isRowHeld } from "../decide/judge-holds.ts";
import { decideRow } from "../decide/row-action.ts";
import type { Candidate, ExistingRows, FieldChange, RowAction } from "../decision.ts";
import type { SkipReason } from "../summary.ts";

/** A record with everything on which its row depends besides the mapping. */
export interface PreviewMaterial {
  stream: StreamName;
  id: number;
  record: JsonObject;
  updateTime: string | null;
  deleted: boolean;
  /** The source of the record. */
  from: "landing" | "api" | "file";
  /** The records to which `$organization` and `$person` refer. */
  context: RecordContext;
  /** The existing rows of the record, by model. */
  rows: ExistingRows;
  /** The link's base, for organizations. */
  base: JsonObject | undefined;
  /** The reason why the row's company does not exist yet; undefined if it does, or if none is needed. */
  waiting: string | undefined;
  /** The holds of the record, and the mark of the landed record if its whole row is held. */
  holds: readonly Hold[];
  recordMark: string | undefined;
}

/** The result of one entry of `fields:`. */
export type FieldOutcome =
  | { outcome: "not received" }
  /** Its `when` does not hold, or an earlier entry for the field takes precedence. */
  | { outcome: "passed over"; reason: string }
  | { outcome: "refused"; reason: string }
  /** The value is empty, or Planhat's own change is kept. */
  | { outcome: "left alone"; reason: string }
  | { outcome: "unchanged" }
  | ({ outcome: "changed" } & FieldChange);

/** One entry of `fields:`, step by step. */
export interface FieldPreview {
  field: string;
  sources: string[];
  direction: Direction;
  /** The target: `planhat.companies.city`, or `planhat.companies.custom` for a custom field. */
  column: string;
  /** The source's value, then each transform's result. */
  steps: TraceStep[];
  result: FieldOutcome;
}

/** One record, mapped field by field, and the action of a sync on its row. */
export interface RecordPreview {
  stream: StreamName;
  id: number;
  from: PreviewMaterial["from"];
  /** The reason why the record would not sync, whatever its fields; null if there is none known here. */
  skipped: SkipReason | null;
  waiting: string | null;
  model: ModelName;
  /** The model whose row would be removed, because the record moved to another one; null if there is none. */
  moved_from: ModelName | null;
  action: RowAction["action"];
  /** The reason why the whole row is rejected; null if it is not. */
  /** True if an undo removed or moved the whole row, and it stays as the undo left it. */
  held: boolean;
  refused: { field: string; reason: string } | null;
  fields: FieldPreview[];
}

/** Maps one record and compares it with its row, as a sync would, without side effects. */
export function previewRecord(mapping: CompiledMapping, material: PreviewMaterial): RecordPreview {
  const { record, context, id, rows, base, updateTime } = material;
  const stream: CompiledStream = mapping[material.stream];
  const mapped = stream.map(record, context);
  const constants = mapped.model === "note" ? { constants: { type: "note" } } : {};
  const sourceId = sourceIdOf(material.stream, id, record, mapped.model);
  const candidate: Candidate = { recordId: id, sourceId, mapped, updateTime, ...constants };
  const { holds, recordMark } = material;
  const { marks } = mapping;
  const heldRecord = holds.length === 0 ? undefined : { holds, marks };
  const isHeld = holds.some(
    (hold) => hold.field === null && isRowHeld(hold, candidate, { rows, marks, stream: material.stream, recordMark }),
  );
  const { action, movedFrom } = decideCandidate(stream, candidate, { rows, base, heldRecord });
  return {
    stream: material.stream,
    id,
    from: material.from,
    skipped: whySkipped(mapping, material),
    waiting: material.waiting ?? null,
    model: mapped.model,
    moved_from: isHeld ? null : (movedFrom ?? null),
    action: isHeld ? "unchanged" : action.action,
    held: isHeld,
    refused: action.refused === undefined ? null : { field: action.refused.field, reason: action.refused.reason },
    fields: previewFields(stream, { record, context, candidate, rows, base, heldRecord, isHeld }),
  };
}

/** The inputs of mapping and comparing a record's fields. */
export interface FieldMaterial extends Pick<PreviewMaterial, "record" | "context" | "rows" | "base"> {
  candidate: Candidate;
  /** The holds of the record. */
  heldRecord: HeldRecord | undefined;
  /** True if the whole row stays as an undo left it. */
  isHeld: boolean;
}

/** Returns every entry of `fields:` of the record's model, with its steps and result, whatever its company. */
export function previewFields(
  stream: CompiledStream,
  { record, context, candidate, rows, base, heldRecord, isHeld }: FieldMaterial,
): FieldPreview[] {
  const { company: _whatever, ...free } = candidate;
  const { mapped, sourceId, constants } = free;
  const { action, held } = decideCandidate(stream, free, { rows, base, heldRecord });
  const { model: own } = mapped;
  const takenBack = new Map(
    (heldRecord?.holds ?? []).flatMap(({ model: of, field, taken }) =>
      of === own && field !== null && held.has(field) ? [[field, taken] as const] : [],
    ),
  );
  // Decide again without Planhat's own changes: the difference is what is kept for Planhat.
  const existing = rows.get(mapped.model)?.get(sourceId);
  const alone = decideRow({
    sourceId,
    mapped,
    existing,
    ...(constants === undefined ? {} : { constants }),
  });
  const isNone = mapped.none === true;
  const model = isNone ? undefined : stream.models.find((one) => one.applies(record, context) !== false);
  return entriesOf(model, record, context, (field) =>
    isHeld
      ? { outcome: "left alone", reason: "an undo took the whole row back" }
      : outcomeOf(field, { mapped, action, alone, takenBack }),
  );
}

function whySkipped(mapping: CompiledMapping, material: PreviewMaterial): SkipReason | null {
  if (material.stream === "deals") return skipReason(mapping.deals, material) ?? null;
  if (material.stream === "deal_products") return whyProductSkipped(mapping, material);
  if (!receives(mapping[material.stream].direction)) return "direction_none";
  return material.deleted ? "deleted" : null;
}

/** Returns why a product becomes no row: its deal's reason, else its own. */
function whyProductSkipped(mapping: CompiledMapping, material: PreviewMaterial): SkipReason | null {
  const { deal } = material.context;
  const ofDeal = deal && skipReason(mapping.deals, { record: deal, deleted: false, context: material.context });
  return ofDeal ?? productSkipReason(mapping, material) ?? null;
}

function entriesOf(
  model: CompiledModel | undefined,
  record: JsonObject,
  context: RecordContext,
  outcome: (field: string) => FieldOutcome,
): FieldPreview[] {
  const counted = new Set<string>();
  return (model?.fields ?? []).map((field): FieldPreview => {
    const passed = passedOver(field, counted, field.applies(record, context));
    if (passed === undefined) counted.add(field.field);
    return {
      field: field.field,
      sources: field.sources,
      direction: field.direction,
      column: columnOf(model!.model, field.field),
      steps: field.trace(record, context),
      result: passed ?? outcome(field.field),
    };
  });
}

/** Returns why an entry does not decide about its field; undefined if it does. */
function passedOver({ field, direction }: CompiledField, counted: ReadonlySet<string>, applies: Verdict) {
  if (!receives(direction)) return { outcome: "not received" as const };
  if (applies === false) return { outcome: "passed over" as const, reason: "its `when` does not hold" };
  if (counted.has(field)) return { outcome: "passed over" as const, reason: "an earlier entry for the field counts" };
  return undefined;
}

/** Returns the decision about a field of the row; `alone` is the decision that ignores Planhat's own changes. */
function outcomeOf(
  field: string,
  given: { mapped: MappedRecord; action: RowAction; alone: RowAction; takenBack: ReadonlyMap<string, Json> },
): FieldOutcome {
  const { mapped, action, alone, takenBack } = given;
  const refusals = action.refused === undefined ? action.rejections : [...action.rejections, action.refused];
  const refusal = refusals.find((rejection) => rejection.field === field);
  if (refusal !== undefined) return { outcome: "refused", reason: refusal.reason };
  if (action.action === "refuse") return { outcome: "left alone", reason: "the row is refused" };
  const empty = mapped.fields.some((one) => one.field === field && one.value.state === "empty");
  if (empty) return { outcome: "left alone", reason: "it is empty" };
  const taken = takenBack.get(field);
  if (taken !== undefined) return { outcome: "left alone", reason: `an undo took ${JSON.stringify(taken)} back` };
  const change = action.fields[field];
  if (change !== undefined) return { outcome: "changed", ...change };
  if (alone.fields[field] !== undefined) return { outcome: "left alone", reason: "Planhat's own change is kept" };
  return { outcome: "unchanged" };
}

function columnOf(model: ModelName, field: string): string {
  const table = `planhat.${tableOf[model]}`;
  return field.startsWith("custom.") ? `${table}.custom` : `${table}.${models[model].get(field)?.column}`;
}
