import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";

/** What two sides do not agree on: of a stream, Pipedrive and the landing; of a model, the landing and the table. */
export type DifferenceKind =
  /** Pipedrive has the record and it has not landed. */
  | "not_landed"
  /** The landed record is another than Pipedrive's. */
  | "record_differs"
  /** The record has landed and Pipedrive does not list it. */
  | "not_in_pipedrive"
  /** Pipedrive has deleted the record and the landing does not say so. */
  | "deleted_not_marked"
  /** The record has landed and is not to become a row. */
  | "does_not_sync"
  /** The record should have a row and has none. */
  | "row_missing"
  /** Fields of the row are others than the record gives. */
  | "value_differs"
  /** A field, or the whole row, was refused. */
  | "rejected"
  /** Planhat's own change of a field that goes both ways. */
  | "own_change"
  /** The row stays although its record does not sync any more. */
  | "kept"
  /** One deal has a row in two models. */
  | "duplicate"
  /** The row names a record that is nowhere. */
  | "no_record"
  /** The row was not made from a record of Pipedrive. */
  | "made_in_planhat"
  /** Planhat does not have the row. */
  | "not_in_planhat"
  /** Planhat has the row's object under another id than the one that is known here. */
  | "id_differs"
  /** Planhat has an object that has no row. */
  | "only_in_planhat"
  /** The row and its record are not linked. */
  | "no_link"
  /** A link leads to a row that is not there. */
  | "link_without_row";

/** Where a difference was found. */
export type Place = { stream: StreamName } | { model: ModelName };

/** One difference, as `audit --json` tells it (contract, section 7). */
export type Difference = Place & {
  /** The id in Pipedrive; `row <id>` for a row without one, `Planhat <_id>` for such an object; null for a record whose id cannot be read. */
  id: number | string | null;
  kind: DifferenceKind;
  /** Planhat's names of the fields that differ, where it is about fields. */
  fields?: string[];
  reason: string;
};

/** The reason of a difference that nothing accounts for. */
export const unexplained = "unexplained";

/** Differences that are alike but for their id. */
export interface DifferenceGroup {
  place: Place;
  kind: DifferenceKind;
  fields: string[] | undefined;
  reason: string;
  ids: Difference["id"][];
}

/** How many differences there are of a stream or model, and how many of them nothing accounts for. */
export interface DifferenceCounts {
  differences: number;
  unexplained: number;
}

/** Collects differences; those that are alike share everything but their ids, so that many take little memory. */
export class Differences {
  readonly #groups = new Map<string, DifferenceGroup>();

  add({ id, kind, reason, fields, ...place }: Difference): void {
    const key = JSON.stringify([place, kind, reason, fields]);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { place, kind, reason, fields, ids: [id] });
    else group.ids.push(id);
  }

  /** The groups in the order in which they were found. */
  groups(): DifferenceGroup[] {
    return [...this.#groups.values()];
  }

  /** Every difference, group by group. */
  *all(): Generator<Difference> {
    for (const { place, kind, reason, fields, ids } of this.#groups.values()) {
      for (const id of ids) yield { ...place, id, kind, ...(fields === undefined ? {} : { fields }), reason };
    }
  }

  /** The counts of a stream or a model, or of everything. */
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
