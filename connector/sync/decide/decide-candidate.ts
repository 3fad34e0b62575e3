import type { StoredRow } from "../../database/row.ts";
import type { CompiledStream, FieldRejection, MappedRecord } from "../../mapping/compiled-mapping.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, revenueKindOf } from "../../model-name.ts";
import type { Candidate, Decision, ExistingRows, PlacedRow } from "../decision.ts";
import { type HeldRecord, judgeHolds, nothingHeld } from "./judge-holds.ts";
import { decideRow } from "./row-action.ts";
import { sameMeaning } from "./same-meaning.ts";
import { comparable, mergeRow, rowValue } from "./three-way-merge.ts";

/** The facts about a record, beside its mapped values, that decide about its row. */
export interface KnownOfRecord {
  rows: ExistingRows;
  /** The last agreed values of a company; undefined if there are none. */
  base?: JsonObject | undefined;
  /** The time of the last change in Planhat, if it is known better than by the row. */
  changedInPlanhat?: string | undefined;
  heldRecord?: HeldRecord | undefined;
  /** Rows of other source ids that go if this one is made. */
  replaces?: readonly PlacedRow[] | undefined;
}

/**
 * Decides, without side effects, what a candidate's row becomes. `base` is the link's, if the stream may send.
 * `changedInPlanhat` is the time of a change there, if the row does not show it. `heldRecord` holds the values of an
 * undo.
 */
export function decideCandidate(
  stream: CompiledStream,
  candidate: Candidate,
  { rows, base, changedInPlanhat, heldRecord, replaces = [] }: KnownOfRecord,
): Decision {
  const { recordId, sourceId, mapped, company } = candidate;
  const existing = rows.get(mapped.model)?.get(sourceId);
  const decision: Decision = {
    candidate,
    action: {
      model: mapped.model,
      sourceId,
      action: "refuse",
      fields: {},
      write: { sourceId, columns: {} },
      rejections: [],
    },
    existing,
    movedFrom: undefined,
    removed: undefined,
    replaces: [],
    base: null,
    conflicts: [],
    rejections: [],
    held: nothingHeld.keep,
    endedHolds: nothingHeld.ended,
  };
  if (company !== undefined && "missing" in company) {
    const waitingFor = company.organizationId === null ? {} : { waitingFor: company.organizationId };
    decision.rejections.push({
      recordId,
      model: mapped.model,
      field: null,
      stage: "company",
      reason: company.missing,
      ...waitingFor,
    });
    return decision;
  }
  if (candidate.deal !== undefined && "missing" in candidate.deal) {
    const { missing: reason } = candidate.deal;
    decision.rejections.push({ recordId, model: mapped.model, field: null, stage: "company", reason });
    return decision;
  }
  const { decided, doubtful } = withoutDoubtful(mapped, existing);
  const believed = decided === mapped ? candidate : { ...candidate, mapped: decided };
  const held = heldRecord === undefined ? nothingHeld : judgeHolds(heldRecord, believed, existing);
  const merge =
    stream.stream === "organizations"
      ? mergeRow(stream, decided, {
          existing,
          base: held === nothingHeld ? base : { ...base, ...held.unchanged },
          times: { pipedrive: candidate.updateTime, planhat: changedInPlanhat ?? existing?.updatedAt ?? null },
          held: held.keep,
        })
      : undefined;
  const movedFrom = otherModel(rows, mapped.model, sourceId);
  const isMove = movedFrom !== undefined || replaces.length > 0;
  const doubt = !isMove || existing !== undefined ? undefined : mapped.doubt;
  decision.action = decideRow({
    sourceId,
    mapped: doubt === undefined ? decided : { ...decided, refused: decided.refused ?? doubt },
    existing,
    ...(company === undefined ? {} : { companyId: company.rowId }),
    ...(candidate.deal === undefined ? {} : { dealId: candidate.deal.rowId }),
    ...(candidate.externalId === undefined ? {} : { externalId: candidate.externalId }),
    ...(candidate.constants === undefined ? {} : { constants: candidate.constants }),
    ...(merge === undefined && heldRecord === undefined ? {} : { keep: merge?.keep ?? held.keep }),
  });
  decision.action.rejections.push(...doubtful);
  const { refused, rejections } = decision.action;
  for (const { field, reason, value } of refused === undefined ? rejections : [...rejections, refused]) {
    decision.rejections.push({ recordId, model: mapped.model, field, stage: "mapping", reason, value });
  }
  if (refused !== undefined) return decision;
  if (heldRecord !== undefined) {
    decision.held = held.keep;
    decision.endedHolds = [...held.ended, ...ofModel(heldRecord, movedFrom)];
  }
  decision.movedFrom = movedFrom;
  // A row that is there already is reason enough to let the others go, but not on a condition in doubt.
  decision.replaces = mapped.doubt === undefined ? replaces : [];
  if (movedFrom !== undefined) decision.removed = rows.get(movedFrom)?.get(sourceId);
  decision.base = merge?.base ?? null;
  decision.conflicts = merge?.conflicts ?? [];
  return decision;
}

/** Returns the holds of a model's row: they end when the row is removed. */
function ofModel(held: HeldRecord, model: ModelName | undefined): string[] {
  return held.holds.filter((one) => one.model === model).map(({ id }) => id);
}

/**
 * Leaves out fields of a row that would change to a doubtful value; each keeps its value and gets a rejection. An equal
 * value, or a new row, loses nothing.
 */
function withoutDoubtful(
  mapped: MappedRecord,
  existing: StoredRow | undefined,
): { decided: MappedRecord; doubtful: FieldRejection[] } {
  const doubtful: FieldRejection[] = [];
  if (existing === undefined || mapped.fields.every(({ doubt }) => doubt === undefined))
    return { decided: mapped, doubtful };
  const fields = mapped.fields.filter(({ field, value, doubt }) => {
    if (doubt === undefined) return true;
    const to = comparable(mapped.model, field, value);
    if (to === undefined || sameMeaning(to, rowValue(mapped.model, field, existing))) return true;
    doubtful.push({ field, reason: `its value stays what it is: ${doubt}`, value });
    return false;
  });
  return { decided: { ...mapped, fields }, doubtful };
}

/** Returns the other model of the same kind in which a row of the same source id is. */
function otherModel(rows: ExistingRows, model: ModelName, sourceId: string): ModelName | undefined {
  for (const [other, byId] of rows) {
    if (other !== model && byId.has(sourceId) && revenueKindOf(other) === revenueKindOf(model)) return other;
  }
  return undefined;
}
