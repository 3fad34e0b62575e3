import { hasCompanies } from "../../database/rows/rows.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { endConsents, storeConsents } from "../../database/tables/consents.ts";
import { addEveryCompany, nextEdited, removeAllEdited } from "../../database/tables/edited-companies.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { sendingTerms } from "../../mapping/sending.ts";
import { askConsent, tellHeld } from "../consent.ts";
import type { Run, RunRequest, SendingConnection } from "../run-context.ts";

/** The settings of sending in a run. */
export interface Sending extends SendingConnection {
  /** True if consent to everything that the mapping sends was given; without it nothing is sent. */
  consented: boolean;
  /** The terms without consent, in the words of `sendingTerms`. */
  missing: readonly string[];
}

/** The catalog's entry under `sending`. */
interface Seen {
  /** The terms that the last run's mapping sent. */
  seen: string[];
}

const key = "sending";

/**
 * Finds out, before a run changes anything, which fields of companies may be sent: those that the mapping sends, with
 * consent. The first mapping of a new database counts as approved if there is nothing that it could send yet: no
 * Planhat tenant, and no company in the table. If the mapping sends other fields than in the last run, every company is
 * checked once, and consent to fields no longer sent ends. Undefined if nothing is sent.
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
    await commitRun(database, run.id, async (transaction) => {
      if (terms.length === 0) await removeAllEdited(transaction);
      else if (!isSeen) await addEveryCompany(transaction);
      await saveCatalogEntry(transaction, key, { seen: terms } satisfies Seen);
      if (ended.length > 0) await endConsents(transaction, "sending", "", ended);
      if (hasNothing) await storeConsents(transaction, { kind: "sending", scope: "", by, runId: run.id }, terms);
    });
  }
  // If nothing is sent any longer, nothing waits.
  if (kept !== undefined && (!isSeen || hasEdited)) tellHeld(run, "sending", []);
  if (terms.length === 0) return undefined;
  const missing = await askConsent(run, { kind: "sending", terms });
  return { ...sending, consented: missing.length === 0, missing };
}

/** The author of the consent with which a new database starts. */
const by = "nobody, for there was nothing yet to send";

function sameTerms(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((term) => other.includes(term));
}
