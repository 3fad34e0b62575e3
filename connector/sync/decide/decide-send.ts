import type { StoredRow } from "../../database/row.ts";
import type { FieldConflict } from "../../database/tables/conflicts.ts";
import type { CompiledField, CompiledStream, FieldInverse, RecordContext } from "../../mapping/compiled-mapping.ts";
import { receives, sends } from "../../mapping/direction.ts";
import { type Json, type JsonObject, NULL, toValue, type Value } from "../../mapping/value.ts";
import { asKept, type HeldRecord, judgeSent } from "./judge-holds.ts";
import { OrganizationBody, valueAt } from "./organization-body.ts";
import { fieldJson } from "./row-action.ts";
import { sameMeaning } from "./same-meaning.ts";
import { agreedOn, comparable, rowValue, type SideTimes, verdictOf, winnerOf } from "./three-way-merge.ts";

/** A field to send. */
export interface FieldSend {
  /** The Planhat field. */
  field: string;
  /** Pipedrive's value, as the mapping reads it. */
  from: Json;
  /** Planhat's value. */
  to: Json;
  /** The number of consecutive sends of this value, including this one. */
  rounds: number;
  /** The target in Pipedrive, and the value in Pipedrive's form. */
  inverse: FieldInverse;
  value: Json;
  /** True if Pipedrive has refused this value before. */
  refusedBefore: boolean;
}

/** The reason why a field is not sent although Planhat changed it. */
export interface SendRejection {
  field: string;
  reason: string;
  value: Value;
}

/** The fields to send for one company. */
export interface SendDecision {
  fields: FieldSend[];
  body: JsonObject;
  /** The agreed base, before anything is sent. */
  base: JsonObject;
  conflicts: FieldConflict[];
  rejections: SendRejection[];
}

/** A linked company: its organization in Pipedrive, its row, and the base. */
export interface LinkedCompany {
  record: JsonObject;
  row: StoredRow;
  base: JsonObject | undefined;
  times: SideTimes;
  /** The previous sends, by field. */
  sent: ReadonlyMap<string, { value: Json; rounds: number; refused: string | null }>;
  /** The limit of consecutive sends of one value. */
  mostRounds: number;
  /** The values that an undo restored. */
  held?: HeldRecord;
}

const context: RecordContext = {};

/**
 * Decides what goes to Pipedrive, field by field, by a three-way comparison (contract, section 5). A field that only
 * Planhat changed is sent; if both sides changed it, `prefer` decides. A field that only sends cannot accept
 * Pipedrive's value, so Planhat's wins.
 */
export function decideSend(stream: CompiledStream, company: LinkedCompany): SendDecision {
  const { record, row, base, times } = company;
  const body = new OrganizationBody(record);
  const decision: SendDecision = { fields: [], body: body.json, base: { ...base }, conflicts: [], rejections: [] };
  for (const field of applicable(stream, record)) {
    const name = field.field;
    const planhat = rowValue("company", name, row);
    const mapped = readBack(field, record);
    const pipedrive = comparable("company", name, mapped);
    const hold = judgeSent(company.held, name, mapped, row);
    if (hold?.state === "stands") continue;
    const agreed = hold?.state === "over" ? hold.restored : agreedOn(base, name);
    const verdict = verdictOf(pipedrive, planhat, agreed);
    if (verdict === "same") {
      // Empty in Pipedrive and cleared in Planhat: the old base is no longer the value of either side.
      if (pipedrive !== undefined || agreed !== undefined) decision.base[name] = pipedrive ?? null;
      continue;
    }
    if (verdict === "pipedrive") continue;
    if (verdict === "conflict") {
      const winner = receives(field.direction) ? winnerOf(stream, times) : "planhat";
      decision.conflicts.push({ field: name, base: agreed, pipedrive: pipedrive ?? null, planhat, winner });
      if (winner === "pipedrive") continue;
    }
    const to = fieldJson("company", name, row);
    const encoded = encode(field, to);
    const refuse = (reason: string) => decision.rejections.push({ field: name, reason, value: toValue(to) });
    if (encoded.state === "rejected") {
      refuse(encoded.reason);
      continue;
    }
    const value = encoded.state === "present" ? encoded.value : null;
    // The value is an option's id, which Pipedrive has already.
    if (sameMeaning(value, valueAt(record, field.inverse!))) continue;
    const from = mapped.state === "present" ? mapped.value : null;
    const { rounds, refused } = nextRound(company, name, planhat);
    if (rounds > company.mostRounds) {
      refuse(refused === undefined ? changedBack(company.mostRounds, from) : refusedAgain(company.mostRounds, refused));
      continue;
    }
    const inverse = field.inverse!;
    const problem = body.place(inverse, value);
    const refusedBefore = refused !== undefined;
    if (problem === undefined) decision.fields.push({ field: name, from, to, rounds, inverse, value, refusedBefore });
    else refuse(problem);
  }
  return decision;
}

/** Returns the body that sends only these fields to an organization in its present state. */
export function bodyOf(fields: readonly FieldSend[], record: JsonObject): JsonObject {
  const body = new OrganizationBody(record);
  for (const { inverse, value } of fields) body.place(inverse, value);
  return body.json;
}

function changedBack(times: number, now: Json): string {
  return `it was sent ${times} times, and each time Pipedrive changed it back, now to ${JSON.stringify(now)}; it is not sent again until somebody changes it in Planhat`;
}

function refusedAgain(times: number, reason: string): string {
  return `it was sent ${times} times, and Pipedrive does not take it: ${reason} It is not sent again until somebody changes it in Planhat, or asks for it with \`rejections retry\``;
}

/** Decides the fields of a new organization: all values of the company in fields that send. */
export function decideCreation(stream: CompiledStream, row: StoredRow): Omit<SendDecision, "base" | "conflicts"> {
  const body = new OrganizationBody({});
  const decision = { fields: [] as FieldSend[], body: body.json, rejections: [] as SendRejection[] };
  for (const field of applicable(stream, {})) {
    const to = fieldJson("company", field.field, row);
    if (to === null || to === "") continue;
    const encoded = encode(field, to);
    const inverse = field.inverse!;
    const value = encoded.state === "present" ? encoded.value : null;
    const problem = encoded.state === "rejected" ? encoded.reason : body.place(inverse, value);
    if (problem === undefined)
      decision.fields.push({ field: field.field, from: null, to, rounds: 1, inverse, value, refusedBefore: false });
    else decision.rejections.push({ field: field.field, reason: problem, value: toValue(to) });
  }
  return decision;
}

/** Returns the fields whose value in Pipedrive differs from the sent one, with Pipedrive's value. */
export function unlike(stream: CompiledStream, record: JsonObject, row: StoredRow, fields: readonly FieldSend[]) {
  const names = new Set(fields.map(({ field }) => field));
  return applicable(stream, record).flatMap((field) => {
    if (!names.has(field.field)) return [];
    const mapped = readBack(field, record);
    if (sameMeaning(comparable("company", field.field, mapped) ?? null, rowValue("company", field.field, row)))
      return [];
    // An instant may have been sent as its day, or a label as its id.
    const encoded = encode(field, fieldJson("company", field.field, row));
    if (encoded.state === "present" && sameMeaning(encoded.value, valueAt(record, field.inverse!))) return [];
    return [{ field: field.field, now: mapped.state === "present" ? mapped.value : null }];
  });
}

/** Returns the base of the given fields once Pipedrive has them. */
export function agreedAfter(stream: CompiledStream, record: JsonObject, fields: readonly FieldSend[]): JsonObject {
  const names = new Set(fields.map(({ field }) => field));
  const agreed: JsonObject = {};
  for (const field of applicable(stream, record)) {
    if (names.has(field.field))
      agreed[field.field] = comparable("company", field.field, readBack(field, record)) ?? null;
  }
  return agreed;
}

/**
 * Returns the mapping entries that send and apply to the record; of several for one Planhat field the first that
 * applies counts.
 */
function applicable({ models }: CompiledStream, record: JsonObject): CompiledField[] {
  const chosen = new Map<string, CompiledField>();
  for (const field of models.flatMap(({ fields }) => fields)) {
    if (!chosen.has(field.field) && field.applies(record, context) === true) chosen.set(field.field, field);
  }
  return [...chosen.values()].filter((field) => sends(field.direction) && field.inverse !== undefined);
}

/** Returns the record's value as the mapping reads it; empty if the mapping rejects it. */
function readBack(field: CompiledField, record: JsonObject): Value {
  const result = field.trace(record, context).at(-1)?.result;
  return result === undefined || result.state === "rejected" ? { state: "empty" } : result;
}

/** Encodes a value for Pipedrive. A text or list that was emptied in Planhat counts as cleared. */
function encode(field: CompiledField, json: Json) {
  const value = toValue(json);
  return field.inverse!.apply(value.state === "empty" ? NULL : value);
}

function nextRound({ sent }: LinkedCompany, field: string, value: Json): { rounds: number; refused?: string } {
  const last = sent.get(field);
  if (last === undefined || !sameMeaning(last.value, value)) return { rounds: 1 };
  return { rounds: last.rounds + 1, ...(last.refused === null ? {} : { refused: last.refused }) };
}

/** The sent value of a field, and Pipedrive's previous one. */
export interface SentChange {
  from: Json;
  to: Json;
}

/**
 * Decides what to send so that an organization gets back its values before a send. Only fields that still hold the sent
 * value are restored. `kept` lists the fields that stay, each with the reason.
 */
export function decideTakingBack(
  stream: CompiledStream,
  record: JsonObject,
  sent: ReadonlyMap<string, SentChange>,
): { fields: FieldSend[]; kept: { field: string; because: string }[] } {
  const body = new OrganizationBody(record);
  const fields: FieldSend[] = [];
  const kept: { field: string; because: string }[] = [];
  const known = new Map(applicable(stream, record).map((field) => [field.field, field]));
  for (const [name, { from, to }] of sent) {
    const field = known.get(name);
    const keep = (because: string) => void kept.push({ field: name, because });
    if (field === undefined) keep("the mapping does not send it any more");
    else if (!holds(field, record, to)) {
      const now = readBack(field, record);
      keep(`Pipedrive has ${JSON.stringify(now.state === "present" ? now.value : null)} now, and not what was sent`);
    } else {
      const encoded = encode(field, from);
      const value = encoded.state === "present" ? encoded.value : null;
      const inverse = field.inverse!;
      const problem = encoded.state === "rejected" ? encoded.reason : body.place(inverse, value);
      if (problem === undefined)
        fields.push({ field: name, from: to, to: from, rounds: 1, inverse, value, refusedBefore: false });
      else keep(problem);
    }
  }
  return { fields, kept };
}

/** Returns the fields whose value an organization does not hold. */
export function notHeld(stream: CompiledStream, record: JsonObject, fields: readonly FieldSend[]): FieldSend[] {
  const known = new Map(applicable(stream, record).map((field) => [field.field, field]));
  return fields.filter(({ field, to }) => {
    const compiled = known.get(field);
    return compiled === undefined || !holds(compiled, record, to);
  });
}

/** Returns a field's value as the mapping reads it, in the form that changes store; null if it is empty. */
export function readAsKept(stream: CompiledStream, record: JsonObject, name: string): Json {
  const field = applicable(stream, record).find((one) => one.field === name);
  return field === undefined ? null : (asKept("company", name, readBack(field, record)) ?? null);
}

function holds(field: CompiledField, record: JsonObject, value: Json): boolean {
  if (sameMeaning(comparable("company", field.field, readBack(field, record)) ?? null, value)) return true;
  const encoded = encode(field, value);
  return encoded.state === "present" && sameMeaning(encoded.value, valueAt(record, field.inverse!));
}
