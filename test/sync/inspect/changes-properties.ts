import fc from "fast-check";
import type { Database } from "../../../connector/database/database.ts";
import { changesOf, expectToLeadBack } from "../../changes-of-run.ts";
import { carryOutWork, randomWork } from "../../random-runs.ts";
import { readRowsById } from "../../row-difference.ts";

/**
 * Runs random work, and expects the changes of each run, reverted one by one, to lead to the tables before it. Returns
 * the number of changes of each kind.
 */
export async function expectChangesToTellAll(
  database: Database,
  numRuns: number,
  seed?: number,
): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(randomWork, (work) =>
      carryOutWork(database, work, async (run) => {
        const before = await readRowsById(database);
        const { summary, failure } = await run();
        if (failure !== undefined) throw failure;
        const changes = await changesOf(database, summary.run);
        expectToLeadBack(before, await readRowsById(database), changes);
        for (const { action } of changes) kinds[action] = (kinds[action] ?? 0) + 1;
      }),
    ),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  );
  return kinds;
}
