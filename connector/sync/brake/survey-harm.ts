import type { Queryable } from "../../database/database.ts";
import { countRows } from "../../database/tables/harm.ts";
import type { ModelName } from "../../model-name.ts";
import type { BrakedModel, BrakeLimits } from "../brake-terms.ts";
import type { Decision } from "../decision.ts";
import { harmOf } from "./harm-of.ts";
import { isTooMuch } from "./limits.ts";

/**
 * The harm of mapping everything again in a survey, which executes nothing: every change in it is due to the mapping.
 */
export class SurveyedHarm {
  readonly #harmed = new Map<ModelName, Set<string>>();

  /** Adds the harm of decisions; a row counts once. */
  add(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      if (harmOf(decision) === "none") continue;
      const { action, movedFrom } = decision;
      const model = movedFrom ?? action.model;
      const known = this.#harmed.get(model) ?? new Set();
      this.#harmed.set(model, known.add(action.sourceId));
    }
  }

  /** Returns the models of which a run would harm more than it may. */
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
