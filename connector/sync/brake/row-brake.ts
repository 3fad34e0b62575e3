import type { Queryable, Transaction } from "../../database/database.ts";
import { storePassing } from "../../database/tables/consents.ts";
import { addHarm, changedSince, countRowsBefore, markHarmed } from "../../database/tables/harm.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { dealOfOwnItem } from "../../source-id.ts";
import type { StreamName } from "../../stream-name.ts";
import type { BrakedModel, BrakeLimits, HarmAttempt, HarmedRow, MappingChange, RowBrake } from "../brake-terms.ts";
import type { Decision } from "../decision.ts";
import type { Agreement } from "../run-context.ts";
import { harmOf } from "./harm-of.ts";
import { LinePassed } from "./held-by-brake.ts";
import { isTooMuch } from "./limits.ts";

/** The settings of a run's brake on rows. */
export interface RowBrakeSetting {
  runId: string;
  limits: BrakeLimits;
  /** The consent to continue this run. */
  agreement?: Agreement | undefined;
  /** True to continue counting above the limits, because nothing is kept in the end. */
  counts: boolean;
  lookedInto: CompiledMapping["around"];
  /** Called once, when a value would be replaced. */
  mappingChange(queryable: Queryable): Promise<MappingChange | undefined>;
  /** True if the rows are published too. */
  publishes: boolean;
}

/**
 * The brake on rows: counts the rows that a run harms, and stops it before it harms more of a model than it may. The
 * count is stored in the database by the same transaction: a rollback discards it, and a run that follows a stopped or
 * killed one continues it. Without harm nothing is read.
 */
export class HarmCounter implements RowBrake {
  readonly setting: RowBrakeSetting;
  readonly #harmed: Map<ModelName, Set<string>>;
  readonly #passed = new Map<ModelName, number>();
  #change: { found: MappingChange | undefined } | undefined;

  /** `harmed` are the rows that the run has harmed already. */
  constructor(setting: RowBrakeSetting, harmed: ReadonlyMap<ModelName, ReadonlySet<string>> = new Map()) {
    this.setting = setting;
    this.#harmed = new Map([...harmed].map(([model, ids]) => [model, new Set(ids)]));
  }

  /** Starts counting the harm of one transaction; a retried transaction counts from its start. */
  attempt(): CountingAttempt {
    return new CountingAttempt(this);
  }

  /** Creates a brake that counts, in a dry run, the harm of the rest of the run. */
  counting(): HarmCounter {
    return new HarmCounter({ ...this.setting, counts: true }, this.#harmed);
  }

  /** Returns the models of which the run harms more than it may without consent. */
  braked(): BrakedModel[] {
    if (this.setting.agreement !== undefined) return [];
    return [...this.#passed].map(([model, total]) => ({ model, count: this.#harmed.get(model)?.size ?? 0, total }));
  }

  /** Returns whether the run harmed this row before. */
  isKnown({ model, sourceId }: HarmedRow): boolean {
    return this.#harmed.get(model)?.has(sourceId) === true;
  }

  /** Returns whether the run has passed the limits of a model, with consent or in a dry run. */
  isPassed(model: ModelName): boolean {
    return this.#passed.has(model);
  }

  /** Finds out whether the run maps rows again because the mapping changed. */
  async mappingChange(queryable: Queryable): Promise<MappingChange | undefined> {
    this.#change ??= { found: await this.setting.mappingChange(queryable) };
    return this.#change.found;
  }

  /** Adds the harm of a committed transaction. */
  take(harmed: ReadonlyMap<ModelName, ReadonlySet<string>>, passed: ReadonlyMap<ModelName, number>): void {
    for (const [model, ids] of harmed) {
      const known = this.#harmed.get(model) ?? new Set();
      for (const id of ids) known.add(id);
      this.#harmed.set(model, known);
    }
    for (const [model, total] of passed) if (!this.#passed.has(model)) this.#passed.set(model, total);
  }

  /** Returns the number of rows of a model that the run has harmed, including those that a transaction adds. */
  count(model: ModelName, more: ReadonlySet<string>): number {
    return (this.#harmed.get(model)?.size ?? 0) + more.size;
  }
}

/** The harm of one transaction. */
class CountingAttempt implements HarmAttempt {
  readonly #brake: HarmCounter;
  readonly #harmed = new Map<ModelName, Set<string>>();
  readonly #passed = new Map<ModelName, number>();

  constructor(brake: HarmCounter) {
    this.#brake = brake;
  }

  /** Counts the harm of decisions about rows, before they are executed. Throws LinePassed if it exceeds the limits. */
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
    const replaced = decisions.flatMap(({ replaces }) =>
      replaces.map(({ model, row: { sourceId } }) => ({ model, sourceId, gone: true })),
    );
    await this.add(transaction, replaced.length === 0 ? rows : [...rows, ...replaced]);
  }

  /** Counts rows that are about to be harmed. Throws LinePassed if they exceed the limits. */
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
      // The rows added here still exist, so they are in the table's count.
      await this.#stopAt(transaction, model, { harmed: sum.harmed, gone: sum.gone - gone });
    }
  }

  /** Called after the transaction's commit. */
  commit(): void {
    this.#brake.take(this.#harmed, this.#passed);
  }

  /**
   * Returns the decisions whose record, and the related records that the mapping reads, have not changed since the
   * mapping did.
   */
  async #byMapping(transaction: Transaction, stream: StreamName, suspected: readonly Decision[]): Promise<Decision[]> {
    const change = await this.#brake.mappingChange(transaction);
    if (change === undefined) return [];
    const changedOf = async (of: StreamName, ids: readonly number[]) =>
      ids.length === 0
        ? new Set<number>()
        : changedSince(transaction, of, ids, { ...change, lookedInto: this.#brake.setting.lookedInto[of] });
    const ids = suspected.map(({ candidate }) => candidate.recordId);
    // The line item of a deal is made of the deal.
    const changed = await changedOf(
      stream,
      ids.filter((id) => dealOfOwnItem(id) === undefined),
    );
    const deals = await changedOf(
      "deals",
      ids.flatMap((id) => dealOfOwnItem(id) ?? []),
    );
    return suspected.filter(({ candidate: { recordId } }) => {
      const deal = dealOfOwnItem(recordId);
      return deal === undefined ? !changed.has(recordId) : !deals.has(deal);
    });
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
