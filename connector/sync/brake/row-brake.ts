import { storePassing } from "../../database/consents.ts";
import type { Queryable, Transaction } from "../../database/database.ts";
import { addHarm, changedSince, countRowsBefore, markHarmed } from "../../database/harm.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import type { BrakedModel, BrakeLimits, HarmAttempt, HarmedRow, MappingChange, RowBrake } from "../brake-terms.ts";
import type { Decision } from "../decision.ts";
import type { Agreement } from "../run-context.ts";
import { harmOf } from "./harm-of.ts";
import { LinePassed } from "./held-by-brake.ts";
import { isTooMuch } from "./limits.ts";

/** What the brake on rows knows of its run. */
export interface RowBrakeSetting {
  runId: string;
  limits: BrakeLimits;
  /** Somebody's word that this run may go on. */
  agreement?: Agreement | undefined;
  /** It counts on where it would stop, because in the end nothing is kept. */
  counts: boolean;
  lookedInto: CompiledMapping["around"];
  /** Asked once, when a value would be replaced. */
  mappingChange(queryable: Queryable): Promise<MappingChange | undefined>;
  /** The rows are published too. */
  publishes: boolean;
}

/**
 * Counts the rows that a run harms, and stops it before it harms more of a model than it may. The count is the
 * database's, in the transaction of what it counts: what is rolled back was never counted, and a run that goes on after
 * another was stopped or killed counts on. Where nothing is harmed nothing is asked.
 */
export class HarmCounter implements RowBrake {
  readonly setting: RowBrakeSetting;
  readonly #harmed: Map<ModelName, Set<string>>;
  readonly #passed = new Map<ModelName, number>();
  #change: { found: MappingChange | undefined } | undefined;

  /** `harmed` is what the run has harmed already. */
  constructor(setting: RowBrakeSetting, harmed: ReadonlyMap<ModelName, ReadonlySet<string>> = new Map()) {
    this.setting = setting;
    this.#harmed = new Map([...harmed].map(([model, ids]) => [model, new Set(ids)]));
  }

  /** Begins to count what one transaction harms; a transaction that is begun anew counts anew. */
  attempt(): CountingAttempt {
    return new CountingAttempt(this);
  }

  /** Makes one that counts what the rest of the run would harm, in a rehearsal. */
  counting(): HarmCounter {
    return new HarmCounter({ ...this.setting, counts: true }, this.#harmed);
  }

  /** The models of which the run harms more than it may without somebody's word. */
  braked(): BrakedModel[] {
    if (this.setting.agreement !== undefined) return [];
    return [...this.#passed].map(([model, total]) => ({ model, count: this.#harmed.get(model)?.size ?? 0, total }));
  }

  /** Says whether the run harmed this row before. */
  isKnown({ model, sourceId }: HarmedRow): boolean {
    return this.#harmed.get(model)?.has(sourceId) === true;
  }

  /** Says whether the line of a model is behind the run, and somebody has agreed or nothing is kept. */
  isPassed(model: ModelName): boolean {
    return this.#passed.has(model);
  }

  /** Finds out whether the run maps rows anew because the mapping changed. */
  async mappingChange(queryable: Queryable): Promise<MappingChange | undefined> {
    this.#change ??= { found: await this.setting.mappingChange(queryable) };
    return this.#change.found;
  }

  /** Takes over what a committed transaction has harmed. */
  take(harmed: ReadonlyMap<ModelName, ReadonlySet<string>>, passed: ReadonlyMap<ModelName, number>): void {
    for (const [model, ids] of harmed) {
      const known = this.#harmed.get(model) ?? new Set();
      for (const id of ids) known.add(id);
      this.#harmed.set(model, known);
    }
    for (const [model, total] of passed) if (!this.#passed.has(model)) this.#passed.set(model, total);
  }

  /** How many rows of a model the run has harmed, with those that a transaction adds. */
  count(model: ModelName, more: ReadonlySet<string>): number {
    return (this.#harmed.get(model)?.size ?? 0) + more.size;
  }
}

/** What one transaction harms. */
class CountingAttempt implements HarmAttempt {
  readonly #brake: HarmCounter;
  readonly #harmed = new Map<ModelName, Set<string>>();
  readonly #passed = new Map<ModelName, number>();

  constructor(brake: HarmCounter) {
    this.#brake = brake;
  }

  /** Counts what decisions about rows harm, before they are carried out. Throws LinePassed where that is too much. */
  async check(transaction: Transaction, stream: StreamName, decisions: readonly Decision[]): Promise<void> {
    const certain: Decision[] = [];
    const suspected: Decision[] = [];
    for (const decision of decisions) {
      const harm = harmOf(decision);
      if (harm === "always") certain.push(decision);
      else if (harm === "by_mapping") suspected.push(decision);
    }
    const byMapping = suspected.length === 0 ? [] : await this.#byMapping(transaction, stream, suspected);
    const rows = [...certain, ...byMapping].map(({ action: { model, sourceId }, movedFrom }) => ({
      model: movedFrom ?? model,
      sourceId,
      gone: movedFrom !== undefined,
    }));
    await this.add(transaction, rows);
  }

  /** Counts rows that are about to be harmed. Throws LinePassed where that is too much. */
  async add(transaction: Transaction, rows: readonly HarmedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { runId, publishes } = this.#brake.setting;
    for (const model of modelNames) {
      const known = this.#harmed.get(model) ?? new Set<string>();
      const added = rows.filter((row) => row.model === model && !known.has(row.sourceId) && !this.#brake.isKnown(row));
      if (added.length === 0) continue;
      for (const { sourceId } of added) known.add(sourceId);
      this.#harmed.set(model, known);
      const gone = added.filter((row) => row.gone).length;
      const sum = await addHarm(transaction, { scope: "rows", model, runId }, { harmed: added.length, gone });
      const stay = added.filter((row) => !row.gone).map(({ sourceId }) => sourceId);
      if (publishes) await markHarmed(transaction, model, stay);
      // Those that this adds are still there.
      await this.#stopAt(transaction, model, { harmed: sum.harmed, gone: sum.gone - gone });
    }
  }

  /** The transaction is committed. */
  commit(): void {
    this.#brake.take(this.#harmed, this.#passed);
  }

  /** Those whose record, and what the mapping reads around it, is as it was when the mapping changed. */
  async #byMapping(transaction: Transaction, stream: StreamName, suspected: readonly Decision[]): Promise<Decision[]> {
    const change = await this.#brake.mappingChange(transaction);
    if (change === undefined) return [];
    const ids = suspected.map(({ candidate }) => candidate.recordId);
    const lookedInto = this.#brake.setting.lookedInto[stream];
    const changed = await changedSince(transaction, stream, ids, { ...change, lookedInto });
    return suspected.filter(({ candidate }) => !changed.has(candidate.recordId));
  }

  async #stopAt(
    transaction: Transaction,
    model: ModelName,
    { harmed, gone }: { harmed: number; gone: number },
  ): Promise<void> {
    const { runId, limits, agreement, counts } = this.#brake.setting;
    if (harmed <= limits.rows || this.#brake.isPassed(model) || this.#passed.has(model)) return;
    const total = (await countRowsBefore(transaction, model, runId)) + gone;
    if (!isTooMuch(harmed, total, limits)) return;
    if (agreement !== undefined) {
      await storePassing(transaction, { kind: "brake", scope: "", by: agreement.by, runId }, `rows of ${model}`);
    } else if (!counts) {
      throw new LinePassed({ model, count: this.#brake.count(model, this.#harmed.get(model)!), total });
    }
    this.#passed.set(model, total);
  }
}
