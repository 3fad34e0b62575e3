import { randomUUID } from "node:crypto";
import type { Database } from "../../database/database.ts";
import type { Wanted } from "../../database/forget/person-words.ts";
import { claimFence, commitRun } from "../../database/tables/fence.ts";
import { type ForgottenEntry, readForgotten, storeForgottenEntries } from "../../database/tables/forgotten.ts";
import { finishRun, type StartedBy, startRun } from "../../database/tables/runs.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { emailsOf } from "../../person-emails.ts";
import { externalIdOf, ofObjectSql } from "../../source-id.ts";
import { emptySummary } from "../summary.ts";
import { removeEverywhere } from "./remove-everywhere.ts";
import { rewriteRemoved } from "./run-forget.ts";

/** Landed persons read at once. */
const personsAtOnce = 1000;

/**
 * Removes from a restored database everybody whom a memory knows: a backup may be older than the forgetting. Returns
 * how many persons. What is to be deleted in Planhat waits for the next sync.
 */
export async function forgetAgain(
  database: Database,
  memory: readonly ForgottenEntry[],
  { mapping, startedBy }: { mapping: CompiledMapping | undefined; startedBy: StartedBy },
): Promise<number> {
  await database.transaction((transaction) => storeForgottenEntries(transaction, memory));
  const known = await knownPersons(database);
  const persons: Wanted[] = [...known.ids.map((id) => ({ id })), ...known.addresses.map((address) => ({ address }))];
  if (persons.length === 0) return 0;
  const runId = randomUUID();
  const started = performance.now();
  await database.transaction(async (transaction) => {
    await startRun(transaction, runId, "forget", { startedBy });
    await claimFence(transaction, runId);
  });
  const forgetting = { runId, mapping, kind: database.kind };
  for (const wanted of persons)
    await commitRun(database, runId, (transaction) => removeEverywhere(transaction, forgetting, wanted));
  await rewriteRemoved(database);
  const summary = { ...emptySummary(runId, "forget"), seconds: Math.round((performance.now() - started) / 100) / 10 };
  await database.transaction((transaction) =>
    finishRun(transaction, runId, { status: "succeeded", summary, error: null }),
  );
  return persons.length;
}

/**
 * Returns the landed persons, and those with a row, whose id or address the memory knows; of end users of another
 * source the addresses.
 */
async function knownPersons(database: Database): Promise<{ ids: number[]; addresses: string[] }> {
  const forgotten = await readForgotten(database);
  const known: number[] = [];
  for (let last = 0; ; ) {
    const rows = await database.query<{ id: string; record: JsonObject }>(
      `select id, jsonb_build_object('emails', record->'emails') as record from pipedrive.persons
       where id > $1 order by id limit $2`,
      [last, personsAtOnce],
    );
    for (const { id, record } of rows) {
      if (forgotten.person(Number(id)) !== undefined || forgotten.hasAddress(emailsOf(record))) known.push(Number(id));
    }
    if (rows.length < personsAtOnce) break;
    last = Number(rows.at(-1)!.id);
  }
  const rows = await database.query<{ source_id: string; email: string | null }>(
    `select source_id, email from planhat.endusers
     where source_id ~ '^[0-9]{1,15}$' or ${ofObjectSql("source_id")}`,
  );
  const addresses = new Set<string>();
  for (const { source_id, email } of rows) {
    if (externalIdOf(source_id) !== undefined) {
      if (email !== null && forgotten.hasAddress([email])) addresses.add(email);
      continue;
    }
    const isKnown =
      forgotten.person(Number(source_id)) !== undefined || forgotten.hasAddress(email === null ? [] : [email]);
    if (isKnown && !known.includes(Number(source_id))) known.push(Number(source_id));
  }
  return { ids: known, addresses: [...addresses] };
}
