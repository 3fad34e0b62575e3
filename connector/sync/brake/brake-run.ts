import { type BrakeKind, type Held, listWaitingOf } from "../../database/consents.ts";
import type { Database } from "../../database/database.ts";
import { rehearse } from "../../database/rehearse.ts";
import { vacuumDeadRows } from "../../database/statistics.ts";
import type { BrakedModel, BrakeLimits, RowBrake } from "../brake-terms.ts";
import { tellHeld } from "../consent.ts";
import type { BrakeRequest, Run, RunRequest } from "../run-context.ts";
import { HeldByBrake, howToGoOn, type LinePassed } from "./held-by-brake.ts";
import { usualLimits } from "./limits.ts";
import { readMappingChange } from "./mapping-change.ts";
import { HarmCounter } from "./row-brake.ts";

/** Makes a part of a run's request of what the config says of the brake. */
export function withBrake(
  configured: BrakeLimits | "off" | undefined,
  more: Omit<BrakeRequest, "limits"> = {},
): { brake?: BrakeRequest } {
  return configured === "off" ? {} : { brake: { limits: configured ?? usualLimits, ...more } };
}

/** Settles what is pending, in a rehearsal. */
type Settling = (rehearsal: Database, brake: RowBrake) => Promise<void>;

/** Makes the brake on a run's rows; undefined where the config has none. */
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
 * Ends a run that the brake stopped in its rows: counts what the rest of it would harm, as a plan does, by `settling`
 * it in a rehearsal, and writes down what waits. Returns the Failure that it ends with.
 */
export async function holdRows(
  run: Run<RunRequest>,
  { braked }: LinePassed,
  settling: Settling | undefined,
): Promise<HeldByBrake> {
  const { database, brake } = run.request;
  const known = brake!.countsOnce ? await listWaitingOf(database, "brake") : [];
  if (known.length > 0) return hold(run, "brake", known);
  const counted = settling === undefined ? [] : await countRest(run, settling);
  return hold(run, "brake", (counted.length > 0 ? counted : [braked]).map(heldRows));
}

/** Counts what the rest of a run would harm; nothing where that cannot be found out, because the run is ended now. */
async function countRest(run: Run<RunRequest>, settling: Settling): Promise<BrakedModel[]> {
  const { database } = run.request;
  const counting = run.brake!.counting();
  try {
    await rehearse(database, (rehearsal) => settling(rehearsal, counting));
    return counting.braked();
  } catch {
    return [];
  } finally {
    await vacuumDeadRows(database).catch(() => undefined);
  }
}

/** Writes down what the brake stopped, and returns the Failure that the run ends with. */
export function hold(run: Run<RunRequest>, kind: BrakeKind, held: readonly Held[]): HeldByBrake {
  tellHeld(run, kind, held);
  run.isHeld = true;
  return new HeldByBrake(
    held.map(({ what, count }) => `${count} ${what}`),
    run.request.brake!.limits,
  );
}

/**
 * Ends a run that carries out a plan, and keeps nothing, where the brake would stop it in its rows or in what was
 * rehearsed.
 */
export function holdPlan(run: Run<RunRequest>, rehearsed: Run<RunRequest>): HeldByBrake | undefined {
  for (const kind of ["brake", "brake_planhat"] as const) {
    const held = rehearsed.held.get(kind) ?? [];
    if (held.length > 0) return hold(run, kind, held);
  }
  return undefined;
}

/** Tells of a plan what the brake would stop in the rows. */
export function tellBrakedRows(run: Run<RunRequest>): void {
  const braked = run.brake?.braked() ?? [];
  if (braked.length > 0) tellHeld(run, "brake", braked.map(heldRows));
}

/** What the brake stops of a model's rows, as everybody is told it. */
export function heldRows({ model, count, total }: BrakedModel): Held {
  return {
    what: `of ${total} rows of ${model}, emptied, moved or changed by the mapping alone`,
    count,
    remedy: howToGoOn,
  };
}
