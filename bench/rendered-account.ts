import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { requestListener } from "../connector/http/answer-requests.ts";
import type { Json } from "../connector/mapping/value.ts";
import type { InventedAccount } from "../connector/sandbox/account/account.ts";
import { fromInstant } from "../connector/sandbox/account/instant.ts";
import { ApiError } from "../connector/sandbox/pipedrive/api-error.ts";
import { sandboxApp } from "../connector/sandbox/pipedrive/app.ts";
import { readCursor, writeCursor } from "../connector/sandbox/pipedrive/cursor.ts";
import { renderNote } from "../connector/sandbox/pipedrive/note-summaries.ts";
import { RateLimit, tokenCost } from "../connector/sandbox/pipedrive/rate-limit.ts";
import { deletedReach } from "../connector/sandbox/pipedrive/record-lists.ts";
import { RequestLog } from "../connector/sandbox/pipedrive/request-log.ts";
import { Webhooks } from "../connector/sandbox/pipedrive/webhooks.ts";
import { planhatApp } from "../connector/sandbox/planhat/planhat-app.ts";
import { PlanhatStore } from "../connector/sandbox/planhat/planhat-store.ts";
import type { Entry } from "../connector/sandbox/store/entry.ts";
import type { Position } from "../connector/sandbox/store/listing.ts";
import { Store } from "../connector/sandbox/store/store.ts";
import type { StreamName } from "../connector/stream-name.ts";
import { RenderedCollection, type RenderedListing } from "./rendered-collection.ts";
import { RenderedRecords } from "./rendered-records.ts";

/** A running account whose lists cost next to nothing to serve. */
export interface RenderedAccount {
  url: string;
  token: string;
  store: Store;
  requests: RequestLog;
  close(): Promise<void>;
}

/** The four lists that a sync walks, by path. */
const lists = {
  "/api/v2/organizations": { stream: "organizations", shelf: "listed" },
  "/api/v2/persons": { stream: "persons", shelf: "listed" },
  "/api/v2/deals": { stream: "deals", shelf: "listed" },
  "/api/v2/deals/archived": { stream: "deals", shelf: "archived" },
  "/v1/notes": { stream: "notes", shelf: "listed" },
} as const;

/** The parameters of such a walk; with any other, the sandbox answers. */
const parameters = ["sort_by", "sort_direction", "status", "limit", "updated_since", "cursor", "ids", "sort", "start"];
const allStatuses = "open,won,lost,deleted";

/**
 * Serves an account like the sandbox, byte for byte, but renders every record only once: a page of a list in ascending
 * update_time is copied together from bytes. Everything else is the sandbox, over the same records, so that changes
 * show everywhere. It has no rate limits.
 */
export async function serveRendered(
  account: InventedAccount,
  options: { gzip?: boolean; clock?: () => Date } = {},
): Promise<RenderedAccount> {
  const { gzip = false } = options;
  const token = "sandbox-token";
  const started = performance.now();
  let later = 0;
  const clock = options.clock ?? (() => new Date(account.now.getTime() + later + (performance.now() - started)));
  const none = { organizations: [], persons: [], deals: [], notes: [] };
  const store = new Store({ ...account, records: none }, clock);
  const collections = render(account, store);
  Object.assign(store.collections, collections);
  const requests = new RequestLog();
  const rateLimit = new RateLimit({ burstLimit: 1_000_000, dailyTokens: 1e9, blockSeconds: 30 }, clock);
  const webhooks = new Webhooks(store, `${account.company["company_domain"]}.pipedrive.com`, [3, 30, 150]);
  const planhat = planhatApp({
    token: "sandbox-planhat-token",
    callsPerMinute: Number.POSITIVE_INFINITY,
    mayNotRead: [],
    mayNotWrite: [],
    revenue: "licenses",
    intercept: undefined,
    store: new PlanhatStore(clock),
    requests: new RequestLog(),
  });
  const app = sandboxApp({ store, webhooks, requests, rateLimit, token, intercept: undefined, gzip, planhat });
  const listener = requestListener(app.fetch, { onError: (error) => console.error(error) });
  const packed = new Map<string, Buffer>();

  /** Answers a page of a walk; returns false for any other request. */
  function answerPage(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    if (incoming.method !== "GET" || incoming.headers["x-api-token"] !== token) return false;
    const [path = "", search = ""] = (incoming.url ?? "").split("?", 2);
    const list = Object.hasOwn(lists, path) ? lists[path as keyof typeof lists] : undefined;
    const wish = list && readWish(list.stream, new URLSearchParams(search));
    if (list === undefined || wish === undefined) return false;
    const collection = collections[list.stream];
    const isNotes = list.stream === "notes";
    const page = (collection[list.shelf] as RenderedListing).page({
      ...wish,
      only: wish.ids?.flatMap((id) => collection.get(id) ?? []),
      deletedSince: store.now() - deletedReach,
      show: isNotes ? (entry) => renderNote(store, entry) : (entry) => entry.text,
      isStale: isNotes ? (position) => isStale(collections, position) : () => false,
    });
    requests.add("GET", path, `?${search}`);
    const cost = tokenCost("GET", path);
    requests.tokens += cost;
    const headers: Record<string, string | number> = rateLimit.take(token, cost);
    const additional = isNotes ? pagination(wish, page.more) : cursorAfter(page.last, page.more);
    const tail = `],"additional_data":${JSON.stringify(additional)}}`;
    let body = [Buffer.from('{"success":true,"data":['), page.text, Buffer.from(tail)];
    headers["content-type"] = "application/json; charset=utf-8";
    if (gzip && /\bgzip\b/.test(String(incoming.headers["accept-encoding"] ?? ""))) {
      body = [pack(incoming.url!, Buffer.concat(body))];
      headers["content-encoding"] = "gzip";
    }
    headers["content-length"] = body.reduce((sum, { length }) => sum + length, 0);
    outgoing.writeHead(200, headers);
    outgoing.cork();
    for (const part of body) outgoing.write(part);
    outgoing.end();
    outgoing.uncork();
    return true;
  }

  /** Packs a body, once for each place in a list until something changes. */
  function pack(url: string, body: Buffer): Buffer {
    const known = packed.get(url);
    if (known !== undefined) return known;
    const bytes = gzipSync(body, { level: 1 });
    packed.set(url, bytes);
    return bytes;
  }
  const products = renderedProducts(store, collections.deals);
  let isUntouched = true;
  store.onChange(() => {
    packed.clear();
    isUntouched = false;
  });

  /** Answers the products of some deals while nothing has changed; returns false for any other request. */
  function answerProducts(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const [path = "", search = ""] = (incoming.url ?? "").split("?", 2);
    if (path !== "/api/v2/deals/products" || incoming.headers["x-api-token"] !== token) return false;
    const { deal_ids: asked, limit, ...others } = Object.fromEntries(new URLSearchParams(search));
    if (!isUntouched || gzip || asked === undefined || limit !== "500" || Object.keys(others).length > 0) return false;
    if (!/^\d+(,\d+)*$/.test(asked)) return false;
    const ids = asked.split(",").map(Number);
    const texts = ids.flatMap((id) => products.get(id) ?? []);
    // The sandbox sorts by id and pages; what would need either is left to it.
    if (texts.length > 500 || texts.some(({ id }, index) => index > 0 && id <= texts[index - 1]!.id)) return false;
    requests.add("GET", path, `?${search}`);
    const cost = tokenCost("GET", path);
    requests.tokens += cost;
    const body = Buffer.concat([
      Buffer.from('{"success":true,"data":['),
      ...texts.flatMap(({ text }, index) => (index === 0 ? [text] : [Buffer.from(","), text])),
      Buffer.from('],"additional_data":{"next_cursor":null}}'),
    ]);
    const headers = { "content-type": "application/json; charset=utf-8", "content-length": body.length };
    outgoing.writeHead(200, { ...rateLimit.take(token, cost), ...headers }).end(body);
    return true;
  }

  const server = createServer((incoming, outgoing) => {
    if (incoming.method === "POST" && incoming.url?.startsWith("/sandbox/change-deals?")) {
      // An hour later: a sync must not meet the changes of the round before in its overlap.
      later += 3_600_000;
      const count = Number(new URL(incoming.url, "http://localhost").searchParams.get("count"));
      outgoing.end(JSON.stringify({ changed: changeDeals(store, collections.deals, count) }));
    } else if (!answerPage(incoming, outgoing) && !answerProducts(incoming, outgoing)) listener(incoming, outgoing);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    store,
    requests,
    close: () =>
      new Promise((resolve) => {
        webhooks.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The text of a product, with its id. */
interface RenderedProduct {
  id: number;
  text: Buffer;
}

/** Renders the products of every deal that lists show; the sandbox invents them whenever they are asked for. */
function renderedProducts(store: Store, deals: RenderedCollection): Map<number, RenderedProduct[]> {
  const rendered = new Map<number, RenderedProduct[]>();
  for (const { id, deleted } of deals.values()) {
    const found = deleted ? [] : store.products.of(id);
    if (found.length > 0)
      rendered.set(
        id,
        found.map((product) => ({ id: product["id"] as number, text: Buffer.from(JSON.stringify(product)) })),
      );
  }
  return rendered;
}

type Collections = Record<"organizations" | "persons" | "deals" | "notes", RenderedCollection>;

function render({ records, sizes }: InventedAccount, store: Store): Collections {
  const named = (stream: "organizations" | "persons" | "deals") =>
    new RenderedCollection(stream, new RenderedRecords(stream, records[stream], sizes[stream]));
  const parties = { organizations: named("organizations"), persons: named("persons"), deals: named("deals") };
  Object.assign(store.collections, parties);
  const notes = new RenderedRecords("notes", records.notes, sizes.notes, (entry) => renderNote(store, entry));
  return { ...parties, notes: new RenderedCollection("notes", notes) };
}

/** Returns true if a party of a note has changed since the note was rendered with its name. */
function isStale({ organizations, persons, deals, notes }: Collections, position: number): boolean {
  const { organization, person, deal } = notes.records.parties(position);
  return organizations.isChanged(organization) || persons.isChanged(person) || deals.isChanged(deal);
}

interface Wish {
  ids: number[] | undefined;
  since: number | undefined;
  after: Position | undefined;
  skip: number;
  limit: number;
}

/** Returns the requested page of an ascending walk; undefined for anything else, invalid values too. */
function readWish(stream: StreamName, search: URLSearchParams): Wish | undefined {
  for (const name of search.keys()) if (!parameters.includes(name)) return undefined;
  const whole = (name: string, fallback: number) =>
    /^\d{1,9}$/.test(search.get(name) ?? "0") ? Number(search.get(name) ?? fallback) : undefined;
  const limit = whole("limit", 100);
  const skip = whole("start", 0);
  const text = search.get("updated_since");
  const since = text === null ? undefined : fromInstant(text);
  if (limit === undefined || limit < 1 || limit > 500 || skip === undefined) return undefined;
  if (text !== null && (since === undefined || !text.includes("T"))) return undefined;
  const ids = search.has("ids") ? [...new Set(search.get("ids")!.split(",").map(Number))] : undefined;
  if (stream === "notes") {
    if (ids !== undefined || !search.get("sort")?.startsWith("update_time ASC") || search.has("cursor"))
      return undefined;
    return { ids, since, after: undefined, skip, limit };
  }
  if (search.get("sort_by") !== "update_time" || (search.get("sort_direction") ?? "asc") !== "asc") return undefined;
  if (ids?.some((id) => !(id >= 1)) || (ids?.length ?? 0) > 100) return undefined;
  if (search.get("status") !== (stream === "deals" ? allStatuses : null)) return undefined;
  if (search.has("start") || search.has("sort")) return undefined;
  const cursor = search.get("cursor");
  try {
    const after = cursor === null ? undefined : readCursor(cursor, "update_time", "asc");
    return { ids, since, after, skip: 0, limit };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function cursorAfter(last: Position | undefined, more: boolean) {
  return { next_cursor: more && last !== undefined ? writeCursor("update_time", "asc", last) : null };
}

function pagination({ skip: start, limit }: Wish, more: boolean) {
  const next = more ? { next_start: start + limit } : {};
  return { pagination: { start, limit, more_items_in_collection: more, ...next } };
}

/**
 * Changes the value of `count` won deals, each of another organization, evenly spread over the account; returns their
 * number. They are chosen by id alone, so that all rounds change the same ones.
 */
function changeDeals(store: Store, deals: RenderedCollection, count: number): number {
  const eligible = new Map<Json, number>();
  for (const deal of deals.values()) if (isEligible(deal)) eligible.set(deal.organization, deal.id);
  const ids = [...eligible.values()].sort((one, other) => one - other);
  const chosen = Math.min(count, ids.length);
  for (let index = 0; index < chosen; index++) {
    const id = ids[Math.floor((index * ids.length) / chosen)]!;
    store.update("deals", id, { value: ((store.get("deals", id)!["value"] as number | null) ?? 0) + 1 });
  }
  return chosen;
}

function isEligible({ status, deleted, archived, organization }: Entry): boolean {
  return status === "won" && !deleted && !archived && organization !== null;
}
