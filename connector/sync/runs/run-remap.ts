import { clearWritten } from "../../database/rows/mapped-fields.ts";
import type { Held } from "../../database/tables/consents.ts";
import { writeAsApplying } from "../../database/tables/edited-companies.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { askConsent, tellHeld } from "../consent.ts";
import type { Agreement, Run, RunRequest, SyncOutcome } from "../run-context.ts";
import { leaveWaiting } from "./read-lean.ts";
import { remapAll } from "./remap-if-changed.ts";
import { carryOut } from "./run-sync.ts";
import { readUnmapped, type UnmappedField } from "./unmapped-fields.ts";

/** A remap, and whether it clears the fields that are no longer mapped. */
export interface RemapRequest extends RunRequest {
  /** Clears fields with consent, given now or before. */
  clearUnmapped?: { agreement: Agreement | undefined };
}

/** The result of a remap, with the cleared fields. */
export interface RemapOutcome extends SyncOutcome {
  cleared: readonly UnmappedField[];
}

/**
 * Maps landed records again with the current mapping, without API calls. It is the same run as a sync except for the
 * source of its work, so after a kill the next run continues. A row with an equal result is not written. A field that
 * the mapping no longer names stays unchanged, unless such fields are to be cleared.
 */
export async function runRemap(request: RemapRequest): Promise<RemapOutcome> {
  const cleared: UnmappedField[] = [];
  const outcome = await carryOut(request, "incremental", async (run) => {
    await remapAll(run);
    await leaveWaiting(run);
    if (request.clearUnmapped !== undefined) await clearUnmapped(run, request.clearUnmapped.agreement, cleared);
  });
  return { ...outcome, cleared };
}

/**
 * Clears each field in a transaction of its own: cleared fields stay cleared, however the run ends. The consent covers
 * this alone.
 */
async function clearUnmapped(
  run: Run<RemapRequest>,
  agreement: Agreement | undefined,
  cleared: UnmappedField[],
): Promise<void> {
  const { id, history, request, summary } = run;
  const { database, mapping, signal } = request;
  const fields = await readUnmapped(database, mapping);
  const agreeing = { ...run, request: { ...request, ...(agreement === undefined ? {} : { agreement }) } };
  const waiting = new Set(await askConsent(agreeing, { kind: "clearing", terms: fields.map(termOf) }));
  const held = fields.filter((one) => waiting.has(termOf(one)));
  tellHeld(run, "clearing", held.map(heldClearing));
  for (const one of fields) {
    if (waiting.has(termOf(one))) continue;
    signal.throwIfAborted();
    const { model, field } = one;
    const harm = run.brake?.attempt();
    const rows = await commitRun(database, id, async (transaction) => {
      await writeAsApplying(transaction);
      const sourceIds = await clearWritten(transaction, history, { model, field });
      await harm?.add(
        transaction,
        sourceIds.map((sourceId) => ({ model, sourceId, gone: false })),
      );
      return sourceIds.length;
    });
    harm?.commit();
    summary.models[model].updated += rows;
    cleared.push({ model, field, rows });
  }
}

function heldClearing({ model, field, rows }: UnmappedField): Held {
  const what = `${rows === 1 ? "row" : "rows"} in which ${field} of ${model} is to be cleared`;
  return { what, count: rows, remedy: "`pipedrive-planhat remap --clear-unmapped --yes` does it." };
}

function termOf({ model, field }: UnmappedField): string {
  return `${field} of ${model}`;
}
