import { pause } from "../../http/pause.ts";
import type { JsonObject } from "../../mapping/value.ts";
import type { Client } from "../client/client.ts";
import { Unclear } from "../client/given-up.ts";
import { isOwnRefusal, isRefusedBody } from "../client/refusal.ts";
import { readRecord } from "../lists/read-of-organization.ts";
import type { SourceRecord } from "../records/decode.ts";
import { patchOrganization } from "./organization-writes.ts";

/**
 * The result of a change: the organization afterwards, or the reason of a rejection and whether it concerns the body.
 */
export type ChangeOutcome = { record: SourceRecord } | { refused: string; ofBody: boolean };

const tries = 3;
/** Milliseconds before the retry of a request of unknown outcome; doubled each time. */
const firstPause = 500;

/**
 * Changes an organization and reads it back. If the outcome is unknown, the organization is read before the change is
 * retried: `isDone` returns true if it holds the values sent. A rejection of this change is returned; a failure of all
 * requests is thrown.
 */
export async function changeOrganization(
  client: Client,
  before: SourceRecord,
  { body, isDone }: { body: JsonObject; isDone: (record: JsonObject) => boolean },
  signal: AbortSignal,
): Promise<ChangeOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { records } = await patchOrganization(client, before.id, body);
      const [after] = records;
      // Read the record again if the answer lacks part of it, or has a value that cannot be stored.
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
    rejected === undefined ? "is gone, or hidden from the token's user" : `cannot be read back: ${rejected.reason}`;
  return { refused: `the organization ${id} ${why}`, ofBody: false };
}
