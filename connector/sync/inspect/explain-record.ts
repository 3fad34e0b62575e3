import type { Hold } from "../../database/history/holds.ts";
import type { TouchingRun } from "../../database/landing/record-history.ts";
import type { StoredRow } from "../../database/row.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { type ModelName, tableOf } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { decideCandidate } from "../decide/decide-candidate.ts";
import { isRowHeld } from "../decide/judge-holds.ts";
import { hasTerm, lostDay } from "../decide/lost-day.ts";
import { fieldJson } from "../decide/row-action.ts";
import { rowValues } from "../decide/row-values.ts";
import type { Decision, FieldChange, RowAction } from "../decision.ts";
import { type ListedRejection, listedRejection } from "../listed-rejection.ts";
import type { SkipReason } from "../summary.ts";
import { type Absence, explainAbsence } from "./explain-absence.ts";
import type { ExplainMaterial } from "./explain-material.ts";
import { type ExplainedRule, explainDealRules, explainOtherRules, type RuleMaterial } from "./explain-rules.ts";
import type { Way } from "./explain-ways.ts";
import { type FieldPreview, previewFields } from "./preview-record.ts";

/** One entry of `fields:`, step by step, and the row's present value (null if there is none, or no row). */
export interface ExplainedField extends FieldPreview {
  row: Json;
}

/** The row of a record. */
export interface ExplainedRow {
  model: ModelName;
  /** The table's SQL name: `planhat.licenses`. */
  table: string;
  /** The row's own id, a bigint as text. */
  id: string;
  planhat_id: string | null;
  source_id: string;
  external_id: string | null;
  company: { id: string; source_id: string | null; name: string | null } | null;
  created_at: string | null;
  updated_at: string;
  /** The row's values, by Planhat's names; fields without a value are left out. */
  values: JsonObject;
}

/** The landed state of a record. */
export interface ExplainedCopy {
  extracted_at: string;
  update_time: string | null;
  deleted: boolean;
  archived: boolean;
  /** True if only ids, references, states and times are kept (`landing: eligible`): then no field is explained. */
  lean: boolean;
}

/** The explanation why a record is or is not in Planhat, under the names that scripts read (contract, section 7). */
export interface Explanation {
  stream: StreamName;
  id: number;
  /** The record's name or title; null if it has none, or is unknown. */
  name: string | null;
  /** The source of the record: the landing, or else Pipedrive; null if neither has it. */
  from: "landing" | "api" | null;
  /** The landed state; null if it has not landed. */
  landed: ExplainedCopy | null;
  /** The reason why it has not landed; null if it has. */
  not_landed: Absence | null;
  /** True if a sync maps it; null if unknown, because it could not be requested. */
  eligible: boolean | null;
  /** The reason why not, in the contract's words: the first rule that is not met. */
  reasons: SkipReason[];
  /** Every rule with its verdict and the values that decided. */
  rules: ExplainedRule[];
  /** The deals that may bring an organization, a person or a note, by path. */
  ways: { by: Way["by"]; id: number; deals: { id: number; eligible: boolean; reason: SkipReason | null }[] }[];
  /** The model to which the mapping maps it; null if there is no record. */
  model: ModelName | null;
  fields: ExplainedField[];
  row: ExplainedRow | null;
  /** The row of the line item that is made of a deal without products; null for other records. */
  line_item: ExplainedRow | null;
  /** The line items from which Planhat computes a deal's `mrr`, `arr` and `total`; null if it computes none of them. */
  computed: { line_items: number } | null;
  /** True if the row is no longer updated, because the record is not eligible. */
  kept: boolean;
  /** The time when a run first kept it, as `…Z`; null if none has, and for all streams but deals. */
  kept_since: string | null;
  /**
   * The day on which its license or line item ends, unless it ended before: the deal was lost or deleted (`when_lost:
   * end`), or the product was removed or disabled (`when_removed: end`).
   */
  ends: string | null;
  /** The key of the config by which it ends; null if it does not. */
  ends_by: "when_lost" | "when_removed" | null;
  /** The model whose row the next sync removes, because the record moved to another one. */
  moves_from: ModelName | null;
  /** The action of a sync on the row now; null if it leaves the record out. */
  action: RowAction["action"] | null;
  /** The changes that this action makes to the row. */
  changes: Record<string, FieldChange>;
  /** The rejection of the record, or of a newer state, at landing. */
  unlanded: ListedRejection | null;
  rejections: (ListedRejection & { stage: string; waiting_for: number | null })[];
  conflicts: { field: string; pipedrive: Json; planhat: Json; winner: string; at: string }[];
  /** The values that an undo left, the whole row if `field` is null. `stands`: the next sync leaves it too. */
  holds: { field: string | null; taken: Json; restored: Json; run: string | null; since: string; stands: boolean }[];
  /** True if pending work will apply it in the next sync. */
  pending: boolean;
  /** True if the mapping differs from that of the last run, so the next sync maps everything again. */
  mapping_changed: boolean;
  /** The run that last wrote its row; null if none did. */
  last_run: TouchingRun | null;
}

/** The inputs of an explanation besides the record. */
export interface ExplainRules extends RuleMaterial {
  /** `start_date` of the config, RFC 3339. */
  startDate: string | undefined;
}

/** Builds the answer of `explain` from what was read, without side effects, by the rules of a sync. */
export function explainRecord(given: ExplainRules, material: ExplainMaterial): Explanation {
  const { stream, id, found, extractedAt, identity, rejections, unlanded } = material;
  const { mapping, startDate } = given;
  const rules = rulesFor(given, material);
  const failed = rules.find(({ holds }) => !holds);
  const absence = explainAbsence(material, {
    direction: mapping[stream].direction,
    dealsIdle: mapping.deals.direction === "none",
    startDate,
  });
  const eligible = found === undefined ? (absence?.why === "not_asked" ? null : false) : failed === undefined;
  const heldRow = material.holds.find((hold) => hold.field === null && isHeld(given, material, hold));
  const isLean = isLeanCopy(found);
  const decides = eligible === true && heldRow === undefined && !isLean;
  const decision = decides ? decide(given, material) : undefined;
  const row = firstRow(material);
  const mayEnd = row !== undefined && eligible === false && hasTerm(row.model, row);
  const end = mayEnd ? endOfRow(given, material, failed?.reason) : undefined;
  const isNone = material.candidate?.mapped.none === true;
  const isLeft = eligible === false || (eligible === true && isNone);
  return {
    stream,
    id,
    name: nameOf(found?.record),
    from: found?.from ?? null,
    landed:
      extractedAt === undefined || found === undefined
        ? null
        : {
            extracted_at: extractedAt,
            update_time: found.updateTime,
            deleted: found.deleted,
            archived: found.record["is_archived"] === true,
            lean: isLean,
          },
    not_landed: absence ?? null,
    eligible,
    reasons:
      material.forgotten !== undefined
        ? ["forgotten"]
        : failed === undefined
          ? isNone
            ? ["no_row"]
            : []
          : [failed.reason],
    rules,
    ways: material.ways.map(({ by, id: of, deals }) => ({
      by,
      id: of,
      deals: deals.map(({ id: deal, reason }) => ({ id: deal, eligible: reason === null, reason })),
    })),
    model: material.candidate?.mapped.none === true ? null : (material.candidate?.mapped.model ?? null),
    fields: fieldsOf(given, material, heldRow !== undefined),
    row: row === undefined ? null : explainRow(row, identity),
    line_item:
      material.ownItem === undefined
        ? null
        : explainRow({ ...material.ownItem.row, model: "lineitem" }, material.ownItem.identity),
    computed: material.lineItems === 0 ? null : { line_items: material.lineItems },
    kept: row !== undefined && isLeft,
    kept_since: row !== undefined && isLeft ? (material.kept?.since ?? null) : null,
    ends: end?.day ?? null,
    ends_by: end?.by ?? null,
    moves_from: decision?.movedFrom ?? null,
    action: decision?.action.action ?? null,
    changes: decision?.action.fields ?? {},
    unlanded: unlanded === undefined ? null : listedRejection(unlanded),
    rejections: rejections.map((one) => ({ ...listedRejection(one), stage: one.stage, waiting_for: one.waitingFor })),
    conflicts: material.conflicts.map(({ field, pipedrive, planhat, winner, at }) => ({
      field,
      pipedrive,
      planhat,
      winner,
      at,
    })),
    holds: material.holds.map((hold) => ({
      field: hold.field,
      taken: hold.taken,
      restored: hold.restored,
      run: hold.runId,
      since: hold.since,
      stands: hold === heldRow || decision?.held.has(hold.field ?? "") === true,
    })),
    pending: material.pending,
    mapping_changed: material.mappingChanged,
    last_run: material.run ?? null,
  };
}

/**
 * Returns the day on which the row of a lost deal or a removed product ends, and the key of the config that says so;
 * today if no run has applied it since.
 */
function endOfRow(
  { mapping: { deals } }: ExplainRules,
  { stream, found, kept, context }: ExplainMaterial,
  reason: SkipReason | undefined,
): { day: string; by: "when_lost" | "when_removed" } | undefined {
  if (found === undefined) return undefined;
  const since = kept?.since ?? new Date().toISOString();
  if (stream === "deal_products" && (reason === "deleted" || reason === "not_enabled")) {
    return deals.whenRemoved === "end" ? { day: since.slice(0, 10), by: "when_removed" } : undefined;
  }
  if (deals.whenLost !== "end") return undefined;
  const { record = {}, deleted } = stream === "deals" ? found : { record: context.deal, deleted: false };
  const day = lostDay({ record, deleted, since });
  return day === undefined ? undefined : { day, by: "when_lost" };
}

/** Returns the rules for a record; without a record only the rule of its stream's direction. */
function rulesFor(given: ExplainRules, { stream, found, context, ways }: ExplainMaterial): ExplainedRule[] {
  const { record, deleted } = found ?? { record: {}, deleted: false };
  const rules =
    stream === "deals"
      ? explainDealRules(given, { record, deleted, context })
      : explainOtherRules(given, stream, { record, deleted }, ways);
  return found === undefined ? rules.filter(({ reason, holds }) => reason === "direction_none" && !holds) : rules;
}

function decide(
  { mapping }: ExplainRules,
  { stream, candidate, rows, base, holds }: ExplainMaterial,
): Decision | undefined {
  if (candidate === undefined || candidate.mapped.none === true) return undefined;
  return decideCandidate(mapping[stream], candidate, { rows, base, heldRecord: { holds, marks: mapping.marks } });
}

function isHeld({ mapping }: ExplainRules, { stream, candidate, rows, recordMark }: ExplainMaterial, hold: Hold) {
  return candidate !== undefined && isRowHeld(hold, candidate, { rows, marks: mapping.marks, stream, recordMark });
}

function fieldsOf({ mapping }: ExplainRules, material: ExplainMaterial, isRowKept: boolean): ExplainedField[] {
  const { stream, found, candidate, context, rows, base } = material;
  if (found === undefined || isLeanCopy(found) || candidate === undefined || candidate.mapped.none === true) return [];
  const { model } = candidate.mapped;
  const row = rows.get(model)?.get(candidate.sourceId);
  const heldRecord = material.holds.length === 0 ? undefined : { holds: material.holds, marks: mapping.marks };
  const fields = { record: found.record, context, candidate, rows, base, heldRecord, isHeld: isRowKept };
  return previewFields(mapping[stream], fields).map((field) => ({
    ...field,
    row: row === undefined ? null : fieldJson(model, field.field, row),
  }));
}

/** Returns the row of the model to which the record is mapped now, otherwise its row of another model. */
function firstRow({ rows, candidate }: ExplainMaterial): (StoredRow & { model: ModelName }) | undefined {
  const mapped = candidate?.mapped.model;
  const order = [...rows.keys()].sort((one, other) => Number(other === mapped) - Number(one === mapped));
  for (const model of order) {
    for (const row of rows.get(model)?.values() ?? []) return { ...row, model };
  }
  return undefined;
}

function explainRow(row: StoredRow & { model: ModelName }, identity: ExplainMaterial["identity"]): ExplainedRow {
  const { model, id, sourceId, externalId, updatedAt } = row;
  const { company } = identity ?? { company: null };
  return {
    model,
    table: `planhat.${tableOf[model]}`,
    id,
    planhat_id: identity?.planhatId ?? null,
    source_id: sourceId,
    external_id: externalId,
    company: company === null ? null : { id: company.id, source_id: company.sourceId, name: company.name },
    created_at: identity?.createdAt ?? null,
    updated_at: updatedAt,
    values: rowValues(model, row),
  };
}

/** Returns true for a copy without values; those of a deleted record are not asked for. */
function isLeanCopy(found: ExplainMaterial["found"]): boolean {
  return found !== undefined && "lean" in found && found.lean === true;
}

function nameOf(record: JsonObject | undefined): string | null {
  for (const key of ["title", "name"]) {
    const name = record?.[key];
    if (typeof name === "string" && name !== "") return name;
  }
  return null;
}
