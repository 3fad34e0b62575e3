import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";

/**
 * The kind of a disagreement: for a stream between Pipedrive and the landing, for a model between the landing and the
 * table.
 */
export type DifferenceKind =
  /** Pipedrive has the record and it has not landed. */
  | "not_landed"
  /** The landed record differs from Pipedrive's. */
  | "record_differs"
  /** The record has landed and Pipedrive does not list it. */
  | "not_in_pipedrive"
  /** Pipedrive has deleted the record, and the landing does not say so. */
  | "deleted_not_marked"
  /** The record has landed and does not become a row. */
  | "does_not_sync"
  /** The record should have a row and has none. */
  | "row_missing"
  /** Fields of the row differ from the record's values. */
  | "value_differs"
  /** A field, or the whole row, was refused. */
  | "rejected"
  /** Planhat's own change of a field in direction `both` is kept. */
  | "own_change"
  /** The row is kept although its record no longer syncs. */
  | "kept"
  /** One deal has a row in two models. */
  | "duplicate"
  /** The row names a record that exists nowhere. */
  | "no_record"
  /** The row was not created from a record of Pipedrive. */
  | "made_in_planhat"
  /** The row was fed by a source other than Pipedrive. */
  | "of_another_source"
  /** Planhat does not have the row. */
  | "not_in_planhat"
  /** Planhat has the row's object under another id than the known one. */
  | "id_differs"
  /** Planhat has an object without a row. */
  | "only_in_planhat"
  /** The row and its record are not linked. */
  | "no_link"
  /** A link leads to a missing row. */
  | "link_without_row";

/** The stream or model of a difference. */
export type DifferencePlace = { stream: StreamName } | { model: ModelName };

/** One difference, as in `audit --json` (contract, section 7). */
export type Difference = DifferencePlace & {
  /**
   * The id in Pipedrive; `row <id>` for a row without one, `Planhat <_id>` for an object without one; null for a record
   * whose id cannot be read.
   */
  id: number | string | null;
  kind: DifferenceKind;
  /** Planhat's names of the differing fields, if it is about fields. */
  fields?: string[];
  reason: string;
};

/** The reason of a difference without an explanation. */
export const unexplained = "unexplained";

/** Differences that are equal except for their ids. */
export interface DifferenceGroup {
  place: DifferencePlace;
  kind: DifferenceKind;
  fields: string[] | undefined;
  reason: string;
  ids: Difference["id"][];
}

/** The number of differences of a stream or model, and how many of them are unexplained. */
export interface DifferenceCounts {
  differences: number;
  unexplained: number;
}

/** A collection of differences, grouped by everything but their ids, so that many take little memory. */
export class Differences {
  readonly #groups = new Map<string, DifferenceGroup>();

  add({ id, kind, reason, fields, ...place }: Difference): void {
    const key = JSON.stringify([place, kind, reason, fields]);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { place, kind, reason, fields, ids: [id] });
    else group.ids.push(id);
  }

  /** Returns the groups in the order in which they were found. */
  groups(): DifferenceGroup[] {
    return [...this.#groups.values()];
  }

  /** Yields every difference, group by group. */
  *all(): Generator<Difference> {
    for (const { place, kind, reason, fields, ids } of this.#groups.values()) {
      for (const id of ids) yield { ...place, id, kind, ...(fields === undefined ? {} : { fields }), reason };
    }
  }

  /** Returns the counts of a stream or a model, or of everything. */
  count(of?: StreamName | ModelName): DifferenceCounts {
    const counts = { differences: 0, unexplained: 0 };
    for (const { place, reason, ids } of this.#groups.values()) {
      if (of !== undefined && ("stream" in place ? place.stream : place.model) !== of) continue;
      counts.differences += ids.length;
      if (reason === unexplained) counts.unexplained += ids.length;
    }
    return counts;
  }
}
