import type { Queryable } from "../../database/database.ts";
import { countRows } from "../../database/harm.ts";
import type { ModelName } from "../../model-name.ts";
import type { BrakedModel, BrakeLimits } from "../brake-terms.ts";
import type { Decision } from "../decision.ts";
import { harmOf } from "./harm-of.ts";
import { isTooMuch } from "./limits.ts";

/**
 * Counts what mapping everything anew would harm, where nothing is carried out: every change there is the mapping's
 * doing.
 */
export class SurveyedHarm {
  readonly #harmed = new Map<ModelName, Set<string>>();

  /** Adds what decisions harm; a row counts once. */
  add(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      if (harmOf(decision) === "none") continue;
      const { action, movedFrom } = decision;
      const model = movedFrom ?? action.model;
      const known = this.#harmed.get(model) ?? new Set();
      this.#harmed.set(model, known.add(action.sourceId));
    }
  }

  /** The models of which a run would harm more than it may. */
  async braked(queryable: Queryable, limits: BrakeLimits): Promise<BrakedModel[]> {
    const braked: BrakedModel[] = [];
    for (const [model, { size: count }] of this.#harmed) {
      if (count <= limits.rows) continue;
      const total = await countRows(queryable, model);
      if (isTooMuch(count, total, limits)) braked.push({ model, count, total });
    }
    return braked;
  }
}
