import type { Expectation, MappingCase } from "../../mapping/check/case-file.ts";
import type { CompiledMapping, RecordContext } from "../../mapping/compiled-mapping.ts";
import { receives } from "../../mapping/direction.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { columnJson, sameJson } from "../../planhat/column-value.ts";
import { models } from "../../planhat/models.ts";
import { skipReason } from "../decide/eligibility.ts";
import { decideRow } from "../decide/row-action.ts";

/** The outcome of a record, with which a case's expectation is compared. */
export type CaseOutcome =
  | { model: ModelName; row: JsonObject; rejected: JsonObject }
  | { refused: string }
  | { skipped: string };

/** Returns the differences between a case's outcome and its expectation, one line each; none if it passes. */
export function caseDifferences({ expected }: MappingCase, outcome: CaseOutcome): string[] {
  if ("row" in expected && "row" in outcome) {
    const model =
      expected.model === undefined || expected.model === outcome.model
        ? []
        : [`model: expected ${expected.model}, got ${outcome.model}`];
    return [
      ...model,
      ...keysThatDiffer(expected.row, outcome.row, ""),
      ...keysThatDiffer(expected.rejected, outcome.rejected, "rejected "),
    ];
  }
  const [wanted, got] = [inShort(expected), inShort(outcome)];
  return wanted === got ? [] : [`expected ${wanted}, got ${got}`];
}

/** Maps a case's record like a sync that has no row for it yet. */
export function runCase(mapping: CompiledMapping, one: MappingCase, record: JsonObject): CaseOutcome {
  const stream = mapping[one.stream];
  const context: RecordContext = { organization: one.organization, person: one.person };
  const skipped =
    one.stream === "deals"
      ? skipReason(mapping.deals, { record, deleted: record["is_deleted"] === true, context })
      : undefined;
  if (skipped !== undefined) return { skipped };
  if (!receives(stream.direction)) return { skipped: "direction_none" };
  const mapped = stream.map(record, context);
  // Planhat requires a property of notes that the connector sets; a case is about the mapping alone.
  const constants: Record<string, string> = mapped.model === "note" ? { type: "note" } : {};
  const action = decideRow({ sourceId: String(record["id"]), mapped, existing: undefined, constants });
  if (action.refused !== undefined) return { refused: `${action.refused.field}: ${action.refused.reason}` };
  const row: JsonObject = {};
  for (const property of models[mapped.model].values()) {
    const text = action.write.columns[property.column];
    if (text !== undefined && constants[property.name] === undefined) row[property.name] = columnJson(property, text);
  }
  for (const [name, value] of Object.entries(action.write.custom ?? {})) row[`custom.${name}`] = value;
  const rejected = Object.fromEntries(action.rejections.map(({ field, reason }) => [field, reason]));
  return { model: mapped.model, row, rejected };
}

function keysThatDiffer(expected: JsonObject, got: JsonObject, kind: string): string[] {
  const keys = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...keys].flatMap((key) => {
    const [wanted, found] = [ownValue(expected, key), ownValue(got, key)];
    return sameJson(wanted, found) ? [] : [`${kind}${key}: expected ${shown(wanted)}, got ${shown(found)}`];
  });
}

function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function shown(value: Json | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function inShort(outcome: Expectation | CaseOutcome): string {
  if ("skipped" in outcome) return `skipped (${outcome.skipped})`;
  return "refused" in outcome ? `refused (${outcome.refused})` : "a row";
}
