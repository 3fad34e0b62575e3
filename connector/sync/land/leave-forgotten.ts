import type { Transaction } from "../../database/database.ts";
import { readLandedIds } from "../../database/landing/landing.ts";
import { type Forgotten, readForgotten, rememberForgotten } from "../../database/tables/forgotten.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { emailsOf } from "../../person-emails.ts";
import { type RejectedRecord, type SourceRecord, wholeRecord } from "../../pipedrive/records/decode.ts";
import type { StreamName } from "../../stream-name.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { countSkipped, countsOf } from "../summary.ts";

/** Received records of one stream, from a list page, by id, or from stdin. Only their `glanceKeys` are read. */
export interface IncomingRecords {
  stream: StreamName;
  records: readonly SourceRecord[];
  /** Records that break their schema or cannot be stored: kept whole, with the reason. */
  rejected: readonly RejectedRecord[];
}

/** The part of a run that landing needs. */
export type LandingRun = Pick<Run<RunRequest>, "id" | "summary" | "forgotten" | "arrived"> & {
  request?: Pick<RunRequest, "keptCatalog" | "landing">;
};

/**
 * Leaves out what was forgotten: persons whose id or address the memory knows, and the name that notes of such a person
 * embed. A new person with a forgotten address is remembered by its id too, for its notes. Costs nothing without a
 * memory.
 */
export async function leaveForgotten(
  transaction: Transaction,
  run: LandingRun,
  incoming: IncomingRecords,
): Promise<IncomingRecords> {
  const { forgotten } = run;
  if (forgotten === undefined) return incoming;
  if (incoming.stream === "persons") return withoutPersons(transaction, run, forgotten, incoming);
  if (incoming.stream !== "notes") return incoming;
  return {
    ...incoming,
    records: incoming.records.map((one) => withoutName(forgotten, one)),
    rejected: incoming.rejected.map((one) => withoutRejectedName(forgotten, one)),
  };
}

async function withoutPersons(
  transaction: Transaction,
  run: LandingRun,
  forgotten: Forgotten,
  { stream, records, rejected }: IncomingRecords,
): Promise<IncomingRecords> {
  const byId = new Set(records.filter(({ id }) => forgotten.person(id) !== undefined).map(({ id }) => id));
  const byAddress = records
    .filter((one) => !byId.has(one.id) && forgotten.hasAddress(emailsOf(wholeRecord(one))))
    .map(({ id }) => id);
  // A landed person that now has a forgotten address may be somebody else: only its new state is left out.
  const landed = await readLandedIds(transaction, stream, byAddress);
  const met = byAddress.filter((id) => !landed.has(id));
  if (met.length > 0) {
    await rememberForgotten(transaction, { ids: met, addresses: [] });
    run.forgotten = await readForgotten(transaction);
  }
  const left = new Set([...byId, ...byAddress]);
  const kept = rejected.filter(({ id, text }) => {
    const isKnown = id !== null && forgotten.person(id) !== undefined;
    return !isKnown && !forgotten.hasAddress(text.match(/[^\s"'<>,;:()[\]{}\\]+@[^\s"'<>,;:()[\]{}\\]+/g) ?? []);
  });
  const count = left.size + rejected.length - kept.length;
  if (count > 0) countSkipped(countsOf(run.summary, stream), { forgotten: count });
  return { stream, records: records.filter(({ id }) => !left.has(id)), rejected: kept };
}

function withoutName(forgotten: Forgotten, note: SourceRecord): SourceRecord {
  if (!isOnForgotten(forgotten, note.record)) return note;
  const { person: _, ...record } = wholeRecord(note);
  const { bytes, ...rest } = note;
  return bytes === undefined ? { ...rest, record } : { ...rest, bytes: Buffer.from(JSON.stringify(record)) };
}

function withoutRejectedName(forgotten: Forgotten, note: RejectedRecord): RejectedRecord {
  const record = parsed(note.text);
  if (record === undefined || !isOnForgotten(forgotten, record)) return note;
  const { person: _, ...rest } = record;
  return { ...note, text: JSON.stringify(rest) };
}

function isOnForgotten(forgotten: Forgotten, { person_id: id }: JsonObject): boolean {
  return typeof id === "number" && forgotten.person(id) !== undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return value === null || typeof value !== "object" || Array.isArray(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
