import { readCatalogEntry, saveCatalogEntry } from "../../database/catalog.ts";
import { endConsents, storeConsents } from "../../database/consents.ts";
import { addEveryCompany, nextEdited, removeAllEdited } from "../../database/edited-companies.ts";
import { holdFence } from "../../database/fence.ts";
import { hasCompanies } from "../../database/rows.ts";
import { sendingTerms } from "../../mapping/sending.ts";
import { askConsent, tellHeld } from "../consent.ts";
import type { Run, RunRequest, SendingConnection } from "../run-context.ts";

/** How a run sends. */
export interface Sending extends SendingConnection {
  /** Everything that the mapping sends was agreed to; without it nothing is sent. */
  consented: boolean;
  /** What was not, as `sendingTerms` says it. */
  missing: readonly string[];
}

/** What the catalog keeps under `sending`. */
interface Seen {
  /** What the mapping of the last run sent. */
  seen: string[];
}

const key = "sending";

/**
 * Finds out, before a run changes anything, what of companies may be sent: what the mapping sends and was agreed to. A
 * mapping that a new database begins with was not widened; it counts as agreed to where there is nothing yet that it could
 * send: no Planhat tenant, and no company that somebody put into the table. Where the mapping sends other things than in
 * the last run, every company is looked at once, and the consent to what it sends no more ends. Undefined where nothing is sent.
 */
export async function beginSending(run: Run<RunRequest>): Promise<Sending | undefined> {
  const { database, mapping, planhat, sending } = run.request;
  if (sending === undefined) return undefined;
  const terms = sendingTerms(mapping.organizations);
  const kept = (await readCatalogEntry(database, key)) as unknown as Seen | undefined;
  const isNew = kept === undefined && (await readCatalogEntry(database, "mapping")) === undefined;
  const hasNothing = terms.length > 0 && isNew && planhat === undefined && !(await hasCompanies(database));
  const isSeen = kept !== undefined && sameTerms(kept.seen, terms);
  const hasEdited = terms.length === 0 && (await nextEdited(database, { after: "0", limit: 1 })).length > 0;
  if (!isSeen || hasEdited) {
    const ended = (kept?.seen ?? []).filter((term) => !terms.includes(term));
    await database.transaction(async (transaction) => {
      if (terms.length === 0) await removeAllEdited(transaction);
      else if (!isSeen) await addEveryCompany(transaction);
      await saveCatalogEntry(transaction, key, { seen: terms } satisfies Seen);
      if (ended.length > 0) await endConsents(transaction, "sending", "", ended);
      if (hasNothing) await storeConsents(transaction, { kind: "sending", scope: "", by, runId: run.id }, terms);
      await holdFence(transaction, run.id);
    });
  }
  // Where nothing is sent any more, nothing waits.
  if (kept !== undefined && (!isSeen || hasEdited)) tellHeld(run, "sending", []);
  if (terms.length === 0) return undefined;
  const missing = await askConsent(run, { kind: "sending", terms });
  return { ...sending, consented: missing.length === 0, missing };
}

/** Who agreed to what a new database begins with. */
const by = "nobody, for there was nothing yet to send";

function sameTerms(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((term) => other.includes(term));
}
