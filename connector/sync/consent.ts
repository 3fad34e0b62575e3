import { type ConsentKind, type Held, readConsents, replaceWaiting, storeConsents } from "../database/consents.ts";
import type { Transaction } from "../database/database.ts";
import { holdFence } from "../database/fence.ts";
import type { Run, RunRequest } from "./run-context.ts";

/** What a run needs consent for. */
export interface ConsentNeeded {
  kind: ConsentKind;
  /** The tenant that it is about; left out where there is only one such system. */
  scope?: string;
  /** What of the kind, one text each. */
  terms: readonly string[];
}

/**
 * Asks whether a run may do something of a kind that waits for consent, and returns the terms that nobody has agreed to.
 * Where the run comes with `--yes` it returns none, and what was missing is written down as agreed to.
 */
export async function askConsent(
  run: Run<RunRequest>,
  { kind, scope = "", terms }: ConsentNeeded,
): Promise<readonly string[]> {
  if (terms.length === 0) return [];
  const { database, agreement } = run.request;
  const agreed = await readConsents(database, kind, scope);
  const missing = terms.filter((term) => !agreed.has(term));
  if (missing.length === 0 || agreement === undefined) return missing;
  await database.transaction(async (transaction) => {
    await storeConsents(transaction, { kind, scope, by: agreement.by, runId: run.id }, missing);
    await holdFence(transaction, run.id);
  });
  return [];
}

/** Says what of a kind waits in this run; `none` where nothing does any more. `sync`, `plan`, `status` and `/health` tell it. */
export function tellHeld({ held }: Run<RunRequest>, kind: ConsentKind, waiting: readonly Held[]): void {
  held.set(
    kind,
    waiting.filter(({ count }) => count > 0),
  );
}

/** Adds what waits to the run's summary, and writes it down for those who look at the database alone. */
export async function recordHeld(transaction: Transaction, { id, held, summary }: Run<RunRequest>): Promise<void> {
  summary.held = [...held.values()].flat();
  // A run of some companies has looked at no other's changes.
  const looked = [...held.keys()].filter((kind) => kind !== "sending" || summary.mode !== "company");
  if (looked.length === 0) return;
  const waiting = looked.flatMap((kind) => held.get(kind)!.map((one) => ({ ...one, kind })));
  await replaceWaiting(transaction, id, looked, waiting);
}

/** The way to agree, in the words of every remedy. */
export const howToAgree =
  "`pipedrive-planhat plan` shows it, `pipedrive-planhat sync --yes` agrees to it; later runs need no --yes.";
