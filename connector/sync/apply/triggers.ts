import type { LandedRecord } from "../../database/landing/landing.ts";
import type { Because } from "../../database/row.ts";
import type { StreamName } from "../../stream-name.ts";
import { reference } from "../land/record-graph.ts";
import type { Batch } from "./read-batch.ts";

/** Records named as the reason of one change. */
const mostNamed = 20;

/** The records of a batch that caused a run to decide about a row. */
export class Triggers {
  readonly #batch: Pick<Batch, "entries" | "eligible">;
  /** The deals that changed since everything began to be mapped again; undefined outside such a run. */
  readonly #changed: ReadonlySet<number> | undefined;
  /** Created on first use: a first sync rarely needs it. */
  #pending: PendingRecords | undefined;
  #dealsOfPersons: Map<number, number[]> | undefined;

  constructor(batch: Pick<Batch, "entries" | "eligible">, changedSinceRemap?: ReadonlySet<number>) {
    this.#batch = batch;
    this.#changed = changedSinceRemap;
  }

  /**
   * Returns the reason to decide about a record's row: the record itself, its deal, or the pending entries of its
   * organization.
   */
  of(stream: StreamName, { id, record }: Pick<LandedRecord, "id" | "record">): Because | undefined {
    this.#pending ??= pendingRecords(this.#batch.entries);
    const { byRecord, byOrganization } = this.#pending;
    const because: Because = {};
    const name = (kind: StreamName, ids: readonly number[]) => {
      // While everything is mapped again, every deal is pending, changed or not.
      const named =
        kind === "deals" && this.#changed !== undefined ? ids.filter((one) => this.#changed!.has(one)) : ids;
      if (named.length > 0) because[kind] = named.slice(0, mostNamed);
    };
    const deal = stream === "notes" || stream === "deal_products" ? reference(record, "deal_id") : undefined;
    if (byRecord[stream].has(id)) name(stream, [id]);
    else if (deal !== undefined && byRecord.deals.has(deal)) name("deals", [deal]);
    else {
      const organization = stream === "organizations" ? id : reference(record, "org_id");
      const pending = byOrganization.get(organization ?? -1) ?? [];
      for (const kind of ["deals", "organizations", "persons", "notes"] as const) {
        name(
          kind,
          pending.filter((entry) => entry.stream === kind).map(({ recordId }) => recordId),
        );
      }
      const person = stream === "persons" ? id : stream === "notes" ? reference(record, "person_id") : undefined;
      if (pending.length === 0 && person !== undefined) name("deals", this.#dealsOf(person));
    }
    if (this.#changed !== undefined) because.mapping = true;
    return Object.keys(because).length === 0 ? undefined : because;
  }

  /** Returns the pending deals of a person. */
  #dealsOf(person: number): readonly number[] {
    if (this.#dealsOfPersons === undefined) {
      this.#dealsOfPersons = new Map();
      const { deals } = this.#pending!.byRecord;
      for (const { id, record } of this.#batch.eligible) {
        const own = reference(record, "person_id");
        if (own === undefined || !deals.has(id)) continue;
        this.#dealsOfPersons.set(own, [...(this.#dealsOfPersons.get(own) ?? []), id]);
      }
    }
    return this.#dealsOfPersons.get(person) ?? [];
  }
}

/** The pending entries of a batch. */
interface PendingRecords {
  byRecord: Record<StreamName, Set<number>>;
  byOrganization: Map<number, Batch["entries"]>;
}

function pendingRecords(entries: Batch["entries"]): PendingRecords {
  const byRecord: PendingRecords["byRecord"] = {
    organizations: new Set(),
    persons: new Set(),
    notes: new Set(),
    deals: new Set(),
    deal_products: new Set(),
  };
  const byOrganization: PendingRecords["byOrganization"] = new Map();
  for (const entry of entries) {
    byRecord[entry.stream].add(entry.recordId);
    const others = byOrganization.get(entry.organizationId);
    if (others === undefined) byOrganization.set(entry.organizationId, [entry]);
    else others.push(entry);
  }
  return { byRecord, byOrganization };
}
