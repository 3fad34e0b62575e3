import type { Transaction } from "../../database/database.ts";
import { type Held, storePassing } from "../../database/tables/consents.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { addHarm, countObjects, type Harmed, readHarm } from "../../database/tables/harm.ts";
import type { ModelName } from "../../model-name.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { hold } from "./brake-run.ts";
import { type HeldByBrake, howToGoOn } from "./held-by-brake.ts";
import { isTooMuch } from "./limits.ts";

/**
 * The brake on a publication: counts the objects in Planhat that each call would harm, before the call. Above the
 * limits neither that call nor later ones are made, and the rest is only counted.
 */
export class ObjectBrake {
  readonly #run: Run<RunRequest>;
  readonly #harmed = new Map<ModelName, Set<string>>();
  readonly #before = new Map<ModelName, Harmed>();
  readonly #passed = new Map<ModelName, number>();
  #stopped = false;

  constructor(run: Run<RunRequest>) {
    this.#run = run;
  }

  /** True if nothing is sent any longer. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Counts objects of a model that a call is about to harm, and returns whether the call may be made. */
  async mayHarm(model: ModelName, sourceIds: readonly string[]): Promise<boolean> {
    const { database, brake } = this.#run.request;
    const { limits, agreement } = brake!;
    const known = this.#harmed.get(model) ?? new Set<string>();
    const added = sourceIds.filter((id) => !known.has(id));
    if (added.length === 0) return !this.#stopped;
    const before = this.#before.get(model) ?? (await readHarm(database, "objects", model));
    this.#before.set(model, before);
    for (const id of added) known.add(id);
    this.#harmed.set(model, known);
    const harmed = before.harmed + known.size;
    if (harmed <= limits.rows || this.#passed.has(model)) return !this.#stopped;
    const total = (await countObjects(database, model)) + before.gone;
    if (!isTooMuch(harmed, total, limits)) return !this.#stopped;
    if (agreement !== undefined) {
      const { id: runId } = this.#run;
      await commitRun(database, runId, async (transaction) => {
        const passing = { kind: "brake_planhat", scope: this.#run.tenant!.id, by: agreement.by, runId } as const;
        await storePassing(transaction, passing, `objects of ${model}`);
      });
    } else if (!database.rehearsal) this.#stopped = true;
    this.#passed.set(model, total);
    return !this.#stopped;
  }

  /** Records, with the result of a call, how many objects it harmed. */
  async store(transaction: Transaction, model: ModelName, harmed: Harmed): Promise<void> {
    if (harmed.harmed > 0) await addHarm(transaction, { scope: "objects", model, runId: this.#run.id }, harmed);
  }

  /** Returns what the brake stops, or in a dry run would stop. */
  held(): Held[] {
    const { planhat, brake } = this.#run.request;
    if (brake!.agreement !== undefined) return [];
    return [...this.#passed].map(([model, total]) => {
      const things = `${modelPaths[model].things} in Planhat (${planhat!.client.host})`;
      const what = `of ${total} ${things}, emptied, removed or changed by the mapping alone`;
      return { what, count: this.#harmed.get(model)!.size, remedy: howToGoOn };
    });
  }

  /** Returns the Failure that ends a stopped publication. */
  end(): HeldByBrake {
    return hold(this.#run, "brake_planhat", this.held());
  }
}
