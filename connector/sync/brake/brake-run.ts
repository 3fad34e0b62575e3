import type { Database } from "../../database/database.ts";
import { rehearse } from "../../database/rehearsal/rehearse.ts";
import { type BrakeKind, type Held, listWaitingOf } from "../../database/tables/consents.ts";
import { vacuumDeadRows } from "../../database/tables/statistics.ts";
import type { BrakedModel, BrakeLimits, RowBrake } from "../brake-terms.ts";
import { tellHeld } from "../consent.ts";
import type { BrakeRequest, Run, RunRequest } from "../run-context.ts";
import { HeldByBrake, howToGoOn, type LinePassed } from "./held-by-brake.ts";
import { usualLimits } from "./limits.ts";
import { readMappingChange } from "./mapping-change.ts";
import { HarmCounter } from "./row-brake.ts";

/** Returns the brake part of a run's request from the config. */
export function withBrake(
  configured: BrakeLimits | "off" | undefined,
  more: Omit<BrakeRequest, "limits"> = {},
): { brake?: BrakeRequest } {
  return configured === "off" ? {} : { brake: { limits: configured ?? usualLimits, ...more } };
}

/** Applies the pending entries in a dry run. */
type Applying = (rehearsal: Database, brake: RowBrake) => Promise<void>;

/** Creates the brake on a run's rows; undefined if the config turns it off. */
export function rowBrakeOf(run: Run<RunRequest>): RowBrake | undefined {
  const { database, brake, mapping, planhat } = run.request;
  if (brake === undefined) return undefined;
  const began = new Date().toISOString();
  return new HarmCounter({
    runId: run.id,
    limits: brake.limits,
    agreement: brake.agreement,
    counts: database.rehearsal,
    lookedInto: mapping.around,
    mappingChange: async (queryable) =>
      (run.mappingChange ?? { found: await readMappingChange(queryable, mapping.fingerprint, began) }).found,
    publishes: planhat !== undefined,
  });
}

/**
 * Ends a run that the brake stopped at its rows. Counts the harm of the rest like a plan, by calling `applying` in a
 * dry run, and records what waits. Returns the Failure that ends the run.
 */
export async function holdRows(
  run: Run<RunRequest>,
  { braked }: LinePassed,
  applying: Applying | undefined,
): Promise<HeldByBrake> {
  const { database, brake } = run.request;
  const known = brake!.countsOnce ? await listWaitingOf(database, "brake") : [];
  if (known.length > 0) return hold(run, "brake", known);
  const counted = applying === undefined ? [] : await countRest(run, applying);
  return hold(run, "brake", (counted.length > 0 ? counted : [braked]).map(heldRows));
}

/** Counts the harm of the rest of a run; none if it cannot be determined, because the run ends anyway. */
async function countRest(run: Run<RunRequest>, applying: Applying): Promise<BrakedModel[]> {
  const { database } = run.request;
  const counting = run.brake!.counting();
  try {
    await rehearse(database, (rehearsal) => applying(rehearsal, counting));
    return counting.braked();
  } catch {
    return [];
  } finally {
    await vacuumDeadRows(database).catch(() => undefined);
  }
}

/** Records what the brake stopped, and returns the Failure that ends the run. */
export function hold(run: Run<RunRequest>, kind: BrakeKind, held: readonly Held[]): HeldByBrake {
  tellHeld(run, kind, held);
  run.isHeld = true;
  return new HeldByBrake(
    held.map(({ what, count }) => `${count} ${what}`),
    run.request.brake!.limits,
  );
}

/** Ends a run that executes a plan, keeping nothing, if the brake would stop it at its rows or in its dry run. */
export function holdPlan(run: Run<RunRequest>, rehearsed: Run<RunRequest>): HeldByBrake | undefined {
  for (const kind of ["brake", "brake_planhat"] as const) {
    const held = rehearsed.held.get(kind) ?? [];
    if (held.length > 0) return hold(run, kind, held);
  }
  return undefined;
}

/** Records, for a plan, what the brake would stop in the rows. */
export function tellBrakedRows(run: Run<RunRequest>): void {
  const braked = run.brake?.braked() ?? [];
  if (braked.length > 0) tellHeld(run, "brake", braked.map(heldRows));
}

/** Returns the text for rows of a model that the brake stops. */
export function heldRows({ model, count, total }: BrakedModel): Held {
  return {
    what: `of ${total} rows of ${model}, emptied, moved or changed by the mapping alone`,
    count,
    remedy: howToGoOn,
  };
}
