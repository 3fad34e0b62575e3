import type { JsonObject } from "../../mapping/value.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import { changeOrganization } from "../../pipedrive/writes/change-organization.ts";
import { bodyOf, type FieldSend } from "../decide/decide-send.ts";

/** The result of sending fields of one organization. */
export interface SentFields {
  /** The organization afterwards; undefined if Pipedrive accepted nothing. */
  record: SourceRecord | undefined;
  taken: FieldSend[];
  /** The refused fields, with Pipedrive's reasons. */
  refused: { field: FieldSend; reason: string }[];
}

/** Refused bodies per organization and run; the rest waits for the next run. */
const mostRefusals = 12;

/** The fields to send, and a test of whether a record holds the sent values. */
export interface Sendable {
  fields: readonly FieldSend[];
  isDone(record: JsonObject, fields: readonly FieldSend[]): boolean;
}

/**
 * Sends fields of one organization in as few requests as possible. A refusal because of a field costs only that field:
 * fields that the refusal names are left out. If it names none, the body is sent in halves until each refused field
 * stands alone. Fields refused before are sent alone.
 */
export async function sendFields(
  client: Client,
  before: SourceRecord,
  { fields, isDone }: Sendable,
  signal: AbortSignal,
): Promise<SentFields> {
  const delivery: SentFields = { record: undefined, taken: [], refused: [] };
  let refusals = 0;
  const refuse = (some: readonly FieldSend[], reason: string) => {
    for (const field of some) delivery.refused.push({ field, reason });
  };
  const send = async (some: readonly FieldSend[]): Promise<void> => {
    if (some.length === 0) return;
    if (refusals >= mostRefusals) return refuse(some, notTried);
    const current = delivery.record ?? before;
    const body = bodyOf(some, current.record);
    const outcome = await changeOrganization(
      client,
      current,
      { body, isDone: (record) => isDone(record, some) },
      signal,
    );
    if ("record" in outcome) {
      delivery.record = outcome.record;
      delivery.taken.push(...some);
      return;
    }
    refusals++;
    if (!outcome.ofBody || some.length === 1) return refuse(some, outcome.refused);
    const named = some.filter(({ inverse }) => namesField(outcome.refused, inverse.key));
    if (named.length > 0 && named.length < some.length) {
      refuse(named, outcome.refused);
      return send(some.filter((field) => !named.includes(field)));
    }
    for (const half of halves(some)) await send(half);
  };
  await send(fields.filter(({ refusedBefore }) => !refusedBefore));
  for (const field of fields) if (field.refusedBefore) await send([field]);
  return delivery;
}

const notTried = `it was not tried again: Pipedrive had refused ${mostRefusals} changes of this organization in this run`;

/** Splits fields into halves; fields of one place in Pipedrive, such as the parts of an address, stay together. */
function halves(fields: readonly FieldSend[]): FieldSend[][] {
  const places = [...new Set(fields.map(({ inverse }) => inverse.key))];
  const first = new Set(places.slice(0, Math.max(1, places.length >> 1)));
  const [one, other] = [true, false].map((isFirst) =>
    fields.filter(({ inverse }) => first.has(inverse.key) === isFirst),
  );
  // The parts of one refused place are sent one by one.
  return other!.length === 0 ? fields.map((field) => [field]) : [one!, other!];
}

/**
 * Returns whether a refusal names a field: by its key in quotation marks or before a colon, or, if the key is not an
 * English word, anywhere.
 */
export function namesField(refusal: string, key: string): boolean {
  if (/_|\d/.test(key)) return new RegExp(`(?<![\\w-])${key}(?![\\w-])`).test(refusal);
  return new RegExp(`['"\`]${key}['"\`]|(?<![\\w-])${key}:`).test(refusal);
}
