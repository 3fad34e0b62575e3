import { readCatalogEntry, saveCatalogEntry } from "../database/catalog.ts";
import { addEveryCompany, nextEdited, removeAllEdited } from "../database/edited-companies.ts";
import { holdFence } from "../database/fence.ts";
import { hasCompanies } from "../database/rows.ts";
import { sendingTerms } from "../mapping/sending.ts";
import type { Client } from "../pipedrive/client.ts";
import type { Run, RunRequest } from "./run-sync.ts";

/** What sending needs beside the run: the API, and the word of a person. */
export interface SendingConnection {
  client: Client;
  /** A person says that everything the mapping sends may be sent, now and from now on (`--yes`). */
  agreed: boolean;
  /** Tells people what is not sent, in sentences. */
  warn: (message: string) => void;
}

/** How a run sends. */
export interface Sending extends SendingConnection {
  /** Everything that the mapping sends was agreed to; without it nothing is sent. */
  consented: boolean;
  /** What was not, as `sendingTerms` says it. */
  missing: string[];
}

/** What the catalog keeps under `sending`. */
interface Agreement {
  /** What the mapping of the last run sent. */
  seen: string[];
  /** What of it somebody agreed to. */
  agreed: string[];
}

const key = "sending";

/**
 * Finds out, before a run changes anything, what of companies may be sent: what the mapping sends and was agreed to. A
 * mapping that a new database begins with was not widened; it counts as agreed to where there is nothing yet that it could
 * send: no Planhat tenant, and no company that somebody put into the table. Where the mapping sends other things than in the last run, every company is looked at once.
 * Undefined where nothing is sent.
 */
export async function beginSending(run: Run<RunRequest>): Promise<Sending | undefined> {
  const { database, mapping, planhat, sending } = run.request;
  if (sending === undefined) return undefined;
  const terms = sendingTerms(mapping.organizations);
  const kept = (await readCatalogEntry(database, key)) as unknown as Agreement | undefined;
  const isNew = kept === undefined && (await readCatalogEntry(database, "mapping")) === undefined;
  const hasNothing = terms.length > 0 && isNew && planhat === undefined && !(await hasCompanies(database));
  const before = hasNothing ? terms : (kept?.agreed ?? []);
  const agreed = sending.agreed ? terms : terms.filter((term) => before.includes(term));
  const isSeen = kept !== undefined && sameTerms(kept.seen, terms);
  const hasEdited = terms.length === 0 && (await nextEdited(database, { after: "0", limit: 1 })).length > 0;
  if (!isSeen || !sameTerms(kept.agreed, agreed) || hasEdited) {
    await database.transaction(async (transaction) => {
      if (terms.length === 0) await removeAllEdited(transaction);
      else if (!isSeen) await addEveryCompany(transaction);
      await saveCatalogEntry(transaction, key, { seen: terms, agreed } satisfies Agreement);
      await holdFence(transaction, run.id);
    });
  }
  if (terms.length === 0) return undefined;
  const missing = terms.filter((term) => !agreed.includes(term));
  return { ...sending, consented: missing.length === 0, missing };
}

function sameTerms(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((term) => other.includes(term));
}
