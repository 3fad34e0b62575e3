import type { Transaction } from "../database/database.ts";
import {
  type ConsentKind,
  type Held,
  readConsents,
  replaceWaiting,
  storeConsents,
} from "../database/tables/consents.ts";
import { commitRun } from "../database/tables/fence.ts";
import type { Run, RunRequest } from "./run-context.ts";

/** The consent that a run needs. */
export interface ConsentNeeded {
  kind: ConsentKind;
  /** The tenant; absent if there is only one such system. */
  scope?: string;
  /** The terms of the kind, one text each. */
  terms: readonly string[];
}

/**
 * Returns the terms without consent, of a kind that waits for it. A run with `--yes` gets none, and the missing terms
 * are recorded as agreed.
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
  if (agreement.kinds !== undefined && !agreement.kinds.includes(kind)) return missing;
  await commitRun(database, run.id, async (transaction) => {
    await storeConsents(transaction, { kind, scope, by: agreement.by, runId: run.id }, missing);
  });
  return [];
}

/**
 * Records what waits for consent of one kind in this run; an empty list if nothing waits any longer. `sync`, `plan`,
 * `status` and `/health` show it.
 */
export function tellHeld({ held }: Run<RunRequest>, kind: ConsentKind, waiting: readonly Held[]): void {
  held.set(
    kind,
    waiting.filter(({ count }) => count > 0),
  );
}

/** Adds what waits to the run's summary, and stores it for commands that read the database alone. */
export async function recordHeld(transaction: Transaction, { id, held, summary }: Run<RunRequest>): Promise<void> {
  summary.held = [...held.values()].flat();
  // A run of some companies has not seen changes of the others.
  const looked = [...held.keys()].filter((kind) => kind !== "sending" || summary.mode !== "company");
  if (looked.length === 0) return;
  const waiting = looked.flatMap((kind) => held.get(kind)!.map((one) => ({ ...one, kind })));
  await replaceWaiting(transaction, id, looked, waiting);
}

/** The way to give consent, in the words of every remedy. */
export const howToAgree =
  "`pipedrive-planhat plan` shows it; `pipedrive-planhat sync --yes` approves it, now and for later runs.";
