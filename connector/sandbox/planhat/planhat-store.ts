import type { Json, JsonObject } from "../../mapping/value.ts";
import { type PlanhatModel, planhatModels } from "./planhat-models.ts";

/** A custom field's definition, as GET /customfields gives it. */
export interface PlanhatCustomField {
  name: string;
  parent: string;
  type: string;
}

/** The default custom fields of the local Planhat. */
export const usualCustomFields: readonly PlanhatCustomField[] = [
  ...["Industry", "Employees", "Annual revenue", "Labels", "Sales owner", "Pipedrive", "Tier", "Source"].map(
    (name) => ({ name, parent: "Company", type: "text" }),
  ),
  { name: "Labels", parent: "End User", type: "text" },
  { name: "Pipedrive", parent: "License", type: "url" },
  { name: "Pipedrive", parent: "Deal", type: "url" },
];

/** The contents of the local Planhat, by path and `_id`. */
export class PlanhatStore {
  readonly customFields: PlanhatCustomField[];
  readonly #objects = new Map<string, Map<string, JsonObject>>(planhatModels.map(({ path }) => [path, new Map()]));
  readonly #byKey = new Map<string, string>();
  readonly #clock: () => Date;
  #lastId = 0;
  #lastTime = 0;

  constructor(clock: () => Date, customFields: readonly PlanhatCustomField[] = usualCustomFields) {
    this.#clock = clock;
    this.customFields = [...customFields];
  }

  /** Returns the objects of a kind, oldest first. */
  all(path: string): JsonObject[] {
    return [...this.#objects.get(path)!.values()];
  }

  /** Returns the object with an id: `_id`, `srcid-…` or `extid-…`. */
  find(path: string, id: string): JsonObject | undefined {
    const key = /^(srcid|extid)-(.*)$/s.exec(id);
    const own =
      key === null ? id : this.#byKey.get(keyOf(path, key[1] === "srcid" ? "sourceId" : "externalId", key[2]!));
    return own === undefined ? undefined : this.#objects.get(path)!.get(own);
  }

  /** Creates an object, as a user of Planhat would. Returns it with its `_id`. */
  create(path: string, content: JsonObject): JsonObject {
    this.#lastId++;
    const _id = `5f${this.#lastId.toString(16).padStart(22, "0")}`;
    const now = this.#now();
    return this.#put(path, { custom: {}, ...content, _id, createdAt: now, updatedAt: now });
  }

  /**
   * Changes the named values and leaves the rest; `custom` is merged key by key. `updatedAt` advances even without a
   * change.
   */
  update(path: string, id: string, changes: JsonObject): JsonObject {
    const before = this.find(path, id);
    if (before === undefined) throw new Error(`There is no ${id} among ${path}.`);
    const { custom, ...rest } = changes;
    const merged = { ...(before["custom"] as JsonObject), ...((custom ?? {}) as JsonObject) };
    return this.#put(path, { ...before, ...rest, custom: merged, _id: before["_id"]!, updatedAt: this.#now() });
  }

  /**
   * Merges two objects of a kind, as a user of Planhat would. The loser is removed, and its children move to the
   * winner, which keeps its own source id or gets the loser's. Returns the winner.
   */
  merge(path: string, loserId: string, winnerId: string, keep: "winner" | "loser" = "winner"): JsonObject {
    const [loser, winner] = [this.find(path, loserId), this.find(path, winnerId)];
    if (loser === undefined || winner === undefined || loser === winner) {
      throw new Error(`There are no two objects ${loserId} and ${winnerId} among ${path}.`);
    }
    const id = String(winner["_id"]);
    for (const [child, own] of this.#belonging(path, String(loser["_id"]))) this.update(child, own, { companyId: id });
    this.delete(path, String(loser["_id"]));
    const { sourceId } = loser;
    return keep === "loser" && sourceId !== undefined ? this.update(path, id, { sourceId }) : winner;
  }

  /**
   * Migrates the tenant to Deal and Line Item, as Planhat does one day: each license and sale becomes a deal with one
   * line item, and is gone. Whether source ids survive is not documented: the item keeps it, or the deal, or neither.
   */
  migrate({ keeps = "both" }: { keeps?: "both" | "deal" | "neither" } = {}): void {
    for (const path of ["licenses", "sales"]) {
      for (const old of this.all(path)) {
        const { sourceId, companyId, product, _currency: currency, fromDate, salesDate, toDate, value, mrr } = old;
        const key = sourceId === undefined || keeps === "neither" ? {} : { sourceId };
        const common = defined({ companyId, name: product, currency });
        const deal = this.create("deals", { ...common, ...key, stage: "Closed Won" });
        const term =
          path === "sales" ? { type: "fee", fromDate: salesDate } : { type: "subscription", fromDate, toDate };
        const item = defined({ ...common, ...term, value, mrr, dealId: deal["_id"] });
        this.create("lineitems", { ...item, ...(keeps === "both" ? key : {}) });
        this.delete(path, String(old["_id"]));
      }
    }
  }

  /** Removes a company and everything that belongs to it. */
  deleteWhole(companyId: string): void {
    const id = String(this.find("companies", companyId)?.["_id"]);
    for (const [path, own] of this.#belonging("companies", id)) this.delete(path, own);
    this.delete("companies", id);
  }

  /** Returns the path and `_id` of everything that belongs to a company. */
  #belonging(path: string, companyId: string): [path: string, id: string][] {
    if (path !== "companies") return [];
    return [...this.#objects].flatMap(([child, objects]) =>
      [...objects.values()]
        .filter((object) => object["companyId"] === companyId)
        .map(({ _id }): [string, string] => [child, String(_id)]),
    );
  }

  /** Removes an object. Returns whether it existed. */
  delete(path: string, id: string): boolean {
    const object = this.find(path, id);
    if (object === undefined) return false;
    this.#forgetKeys(path, object);
    return this.#objects.get(path)!.delete(String(object["_id"]));
  }

  #put(path: string, object: JsonObject): JsonObject {
    const id = String(object["_id"]);
    const before = this.#objects.get(path)!.get(id);
    if (before !== undefined) this.#forgetKeys(path, before);
    this.#objects.get(path)!.set(id, object);
    for (const key of ["sourceId", "externalId"] as const) {
      if (typeof object[key] === "string") this.#byKey.set(keyOf(path, key, object[key]), id);
    }
    return object;
  }

  #forgetKeys(path: string, object: JsonObject): void {
    for (const key of ["sourceId", "externalId"] as const) {
      const known = typeof object[key] === "string" ? keyOf(path, key, object[key]) : undefined;
      if (known !== undefined && this.#byKey.get(known) === object["_id"]) this.#byKey.delete(known);
    }
  }

  /** Returns a unique time for each write, so that lists sorted by it have one order. */
  #now(): string {
    this.#lastTime = Math.max(this.#clock().getTime(), this.#lastTime + 1);
    return new Date(this.#lastTime).toISOString();
  }
}

/** Returns the kind of object of a path. */
export function planhatModelOf(path: string): PlanhatModel | undefined {
  return planhatModels.find((model) => model.path === path);
}

/** Returns an object without the values that are undefined. */
function defined(object: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function keyOf(path: string, key: "sourceId" | "externalId", value: Json): string {
  return JSON.stringify([path, key, value]);
}
