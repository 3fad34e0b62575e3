import { pause } from "../http/pause.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { Client } from "./client.ts";
import type { SourceRecord } from "./decode.ts";
import { Unclear } from "./given-up.ts";
import { patchOrganization } from "./organization-writes.ts";
import { readRecord } from "./read-of-organization.ts";
import { isOwnRefusal, isRefusedBody } from "./refusal.ts";

/** What became of a change: the organization as it is afterwards, or why there is none, and whether that is what was sent. */
export type ChangeOutcome = { record: SourceRecord } | { refused: string; ofBody: boolean };

const tries = 3;
/** Before a try after an unclear one (ms), doubled each time. */
const firstPause = 500;

/**
 * Changes an organization and reads it back. Where it is not known whether Pipedrive carried the change out, the
 * organization is read before the change is tried again: `isDone` says whether it holds what was sent. A refusal of this
 * one change is returned; what concerns all requests is thrown.
 */
export async function changeOrganization(
  client: Client,
  before: SourceRecord,
  body: JsonObject,
  isDone: (record: JsonObject) => boolean,
  signal: AbortSignal,
): Promise<ChangeOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { records } = await patchOrganization(client, before.id, body);
      const [after] = records;
      // What the answer lacks of the record, or says in a form that cannot be kept, is asked for.
      if (after !== undefined && Object.keys(before.record).every((key) => key in after.record))
        return { record: after };
      return await readBack(client, before.id);
    } catch (error) {
      if (isOwnRefusal(error)) return { refused: error.message, ofBody: isRefusedBody(error) };
      if (!(error instanceof Unclear)) throw error;
      const outcome = await readBack(client, before.id);
      if ("refused" in outcome || isDone(outcome.record.record)) return outcome;
      if (attempt === tries) return { refused: error.message, ofBody: false };
      await pause(firstPause * 2 ** (attempt - 1), signal);
    }
  }
}

async function readBack(client: Client, id: number): Promise<ChangeOutcome> {
  const found = await readRecord(client, "organizations", id);
  const [record] = found?.records ?? [];
  if (record !== undefined) return { record };
  const [rejected] = found?.rejected ?? [];
  const why =
    rejected === undefined
      ? "is gone, or the token's user may not see it any more"
      : `cannot be read back: ${rejected.reason}`;
  return { refused: `the organization ${id} ${why}`, ofBody: false };
}
