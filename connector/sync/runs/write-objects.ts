import { readRejectedObjects } from "../../database/tables/object-rejections.ts";
import { isObject, type JsonObject } from "../../mapping/value.ts";
import { modelNames } from "../../model-name.ts";
import { type ObjectMode, objectModes } from "../../object-mode.ts";
import { memberText } from "../../pipedrive/records/json-elements.ts";
import type { ObjectGroup, ObjectRecord } from "../../protocol/input-batch.ts";
import { applyObjects } from "../apply/apply-objects.ts";
import { applyOnce } from "../apply/apply-pending.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { countSkipped, countsOf } from "../summary.ts";

/**
 * Stores the objects of a batch in one transaction: companies first, because other rows belong to them. Counts rejected
 * records once it is committed.
 */
export async function writeObjects(run: Run<RunRequest>, objects: readonly ObjectGroup[]): Promise<void> {
  if (objects.length === 0) return;
  const known = objects.map((group) => withoutForgotten(run, group));
  const context = {
    mapping: run.request.mapping,
    runId: run.id,
    history: run.history,
    summary: run.summary,
    rejections: 0,
    ...(run.brake === undefined ? {} : { brake: run.brake }),
  };
  const rejected = await applyOnce(run.request.database, context, async (transaction, attempt) => {
    const all: ObjectGroup["records"] = [];
    for (const model of modelNames) {
      for (const { group } of known.filter((one) => one.group.model === model))
        for (const record of await applyObjects(transaction, attempt, group)) all.push(record);
    }
    return all;
  });
  run.rejections += context.rejections;
  countRejected(rejected);
  for (const { left } of known) countRejected(left);
}

function countRejected(records: readonly ObjectRecord[]): void {
  for (const { counts } of records) {
    for (const one of counts) {
      one.landed--;
      one.rejected++;
    }
  }
}

/** Leaves out end users with an address that was forgotten; no rejection of them is kept. */
function withoutForgotten(
  { forgotten, summary }: Run<RunRequest>,
  group: ObjectGroup,
): { group: ObjectGroup; left: ObjectRecord[] } {
  if (forgotten === undefined || group.model !== "enduser") return { group, left: [] };
  const isForgotten = ({ data: { email, otherEmails } }: ObjectRecord) =>
    forgotten.hasAddress([email, otherEmails].flat().filter((one) => typeof one === "string"));
  const left = group.records.filter(isForgotten);
  if (left.length > 0) countSkipped(countsOf(summary, "persons"), { forgotten: left.length });
  return { group: { ...group, records: group.records.filter((one) => !isForgotten(one)) }, left };
}

const objectsAtOnce = 1000;

/**
 * Applies rejected objects again, from the records that their rejections hold: those with the given ids, or those of
 * this run that lacked the row to which they belong. What is rejected again keeps its rejection, and counts once.
 */
export async function retryObjects(run: Run<RunRequest>, ids?: readonly string[]): Promise<void> {
  const chosen = ids === undefined ? { lackingIn: run.id } : { ids };
  let after = "0";
  for (;;) {
    run.request.signal.throwIfAborted();
    const found = await readRejectedObjects(run.request.database, chosen, { after, limit: objectsAtOnce });
    const last = found.at(-1);
    if (last === undefined) return;
    after = last.id;
    const groups: ObjectGroup[] = [];
    for (const { model, text } of found) {
      const read = objectOf(text);
      if (read === undefined) continue;
      if (ids === undefined) {
        run.summary.models[model].rejected--;
        run.rejections--;
      }
      let group = groups.find((one) => one.model === model && one.mode === read.mode);
      if (group === undefined) {
        group = { model, mode: read.mode, records: [] };
        groups.push(group);
      }
      group.records.push({ data: read.data, text: memberText(text, ["data"])!, counts: [] });
    }
    await writeObjects(run, groups);
  }
}

/** Reads a stored record; undefined for one that is nested too deep, which is stored as a text. */
function objectOf(text: string): { mode: ObjectMode; data: JsonObject } | undefined {
  const stored: unknown = JSON.parse(text);
  if (typeof stored !== "object" || stored === null) return undefined;
  const { sync_mode: given, data } = stored as JsonObject;
  const mode = objectModes.find((one) => one === given);
  return mode === undefined || !isObject(data) ? undefined : { mode, data };
}
