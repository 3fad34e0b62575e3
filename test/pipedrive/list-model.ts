import type { JsonObject } from "../../connector/mapping/value.ts";
import type { Answer, Client, Query } from "../../connector/pipedrive/client/client.ts";

/** A record of the model: an id and an update time in epoch seconds, or null for a record that was never updated. */
export interface ModelRecord {
  id: number;
  updated: number | null;
}

/** Formats epoch seconds as Pipedrive v2 writes times. */
export function instant(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/**
 * A list of Pipedrive that may change between requests, from a client's view: v2 lists (keyset cursors on (update_time,
 * id)) and /v1/notes (offsets). It shows pages of at most `pageSize`, so that small lists have many.
 */
export class ListModel {
  readonly requests: { path: string; query: Query }[] = [];
  records: ModelRecord[] = [];
  /** The `Date` of its answers; undefined for answers without one. */
  clock: Date | undefined = new Date("2027-01-01T00:00:00Z");
  /** Called before each answer. */
  onRequest: (number: number) => void = () => {};
  readonly #pageSize: number;
  readonly #nullsLast: boolean;

  constructor(pageSize: number, nullsLast = false) {
    this.#pageSize = pageSize;
    this.#nullsLast = nullsLast;
  }

  /** Moves a record to this time, as a change made now would. */
  touch(id: number, updated: number): void {
    this.remove(id);
    this.records.push({ id, updated });
  }

  remove(id: number): void {
    this.records = this.records.filter((record) => record.id !== id);
  }

  get client(): Client {
    const refuse = () => Promise.reject(new Error("The model only reads."));
    return {
      companyDomain: null,
      get: async (path, query) => this.#answer(path, query),
      find: refuse,
      post: refuse,
      patch: refuse,
      put: refuse,
      delete: refuse,
    };
  }

  #answer(path: string, query: Query): Answer {
    this.requests.push({ path, query });
    this.onRequest(this.requests.length);
    const archived = path.endsWith("/archived");
    const body = archived
      ? envelope([], { next_cursor: null })
      : path === "/v1/notes"
        ? this.#byOffset(query)
        : this.#byCursor(query);
    const text = JSON.stringify(body);
    const headers = this.clock === undefined ? {} : { date: this.clock.toUTCString() };
    return { status: 200, headers, body, text, bytes: Buffer.from(text) };
  }

  #sorted(query: Query): ModelRecord[] {
    const since = query["updated_since"] === undefined ? undefined : Date.parse(String(query["updated_since"])) / 1000;
    const place = ({ updated }: ModelRecord) => updated ?? (this.#nullsLast ? Number.POSITIVE_INFINITY : -1);
    const sign = query["sort_direction"] === "desc" ? -1 : 1;
    return this.records
      .filter(({ updated }) => since === undefined || (updated !== null && updated >= since))
      .sort((one, other) => {
        const [a, b] = [place(one), place(other)];
        return sign * (a === b ? one.id - other.id : a < b ? -1 : 1);
      });
  }

  #byCursor(query: Query): JsonObject {
    const sorted = this.#sorted(query);
    const [value, id] = query["cursor"] === undefined ? [] : (JSON.parse(String(query["cursor"])) as [number, number]);
    const place = ({ updated }: ModelRecord) => updated ?? (this.#nullsLast ? 1e15 : -1);
    const sign = query["sort_direction"] === "desc" ? -1 : 1;
    const left =
      value === undefined ? sorted : sorted.filter((record) => sign * (place(record) - value || record.id - id!) > 0);
    const page = left.slice(0, this.#pageSize);
    const last = page.at(-1);
    const cursor = left.length > page.length && last !== undefined ? JSON.stringify([place(last), last.id]) : null;
    return envelope(page.map(v2), { next_cursor: cursor });
  }

  #byOffset(query: Query): JsonObject {
    const sorted = this.#sorted(query);
    const start = Number(query["start"] ?? 0);
    const page = sorted.slice(start, start + this.#pageSize);
    const more = sorted.length > start + page.length;
    const pagination = { start, limit: this.#pageSize, more_items_in_collection: more };
    return envelope(page.map(v1), {
      pagination: more ? { ...pagination, next_start: start + page.length } : pagination,
    });
  }
}

function envelope(data: JsonObject[], additional: JsonObject): JsonObject {
  return { success: true, data, additional_data: additional };
}

function v2({ id, updated }: ModelRecord): JsonObject {
  return { id, update_time: updated === null ? null : instant(updated) };
}

function v1({ id, updated }: ModelRecord): JsonObject {
  return { id, update_time: updated === null ? null : instant(updated).replace("T", " ").replace("Z", "") };
}
