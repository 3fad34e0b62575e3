import { Failure } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { PlanhatClient, PlanhatQuery } from "./client.ts";
import { planhatRefusalOf } from "./refusal.ts";

/** Pages in a row without anything new that end a list (contract, section 7). */
const mostStalePages = 3;

/**
 * Yields all pages of a list, by limit and offset, until one is empty: a page may be shorter than its limit without
 * being the last. Objects that repeat, because the list changed during the read, are left out. Throws a Failure of kind
 * `run` after three pages without anything new, as from a server that ignores the offset. `things` names the list in
 * messages.
 */
export async function* listAll(
  client: PlanhatClient,
  path: string,
  query: PlanhatQuery,
  things: string,
): AsyncGenerator<JsonObject[], void> {
  const seen = new Set<string>();
  for (let [offset, stale] = [0, 0]; ; ) {
    const page = await client.get(path, { ...query, offset }, things);
    if (!Array.isArray(page)) throw planhatRefusalOf(nameOf(client, path, things), emptyAnswer);
    const fresh: JsonObject[] = [];
    for (const element of page) {
      if (element === null || typeof element !== "object" || Array.isArray(element)) continue;
      const identity = typeof element["_id"] === "string" ? element["_id"] : JSON.stringify(element);
      if (seen.has(identity)) continue;
      seen.add(identity);
      fresh.push(element);
    }
    if (page.length === 0) return;
    stale = fresh.length === 0 ? stale + 1 : 0;
    if (stale === mostStalePages) throw endless(nameOf(client, path, things));
    if (fresh.length > 0) yield fresh;
    offset += page.length;
  }
}

function endless({ path, things, host }: ReturnType<typeof nameOf>): Failure {
  return new Failure(
    "run",
    `Planhat's list of ${things} (${host}${path}) does not end: ${mostStalePages} pages in a row brought nothing new.`,
    { hint: "Committed work is kept: run again. If it persists, Planhat's API does not page as documented." },
  );
}

const emptyAnswer = { status: 200, headers: {}, text: "", bytes: Buffer.alloc(0) };

function nameOf({ host }: PlanhatClient, path: string, things: string) {
  return { method: "GET" as const, path, things, host };
}

/**
 * Yields the pages of a list with the latest change first, up to the one older than `since` (an `updatedAt`); all of
 * them without it. If Planhat does not keep that order, every page is read, so that nothing is left out.
 */
export async function* listRecent(
  client: PlanhatClient,
  path: string,
  query: PlanhatQuery,
  { things, since }: { things: string; since: string | undefined },
): AsyncGenerator<JsonObject[], void> {
  let last: string | undefined;
  for await (const page of listAll(client, path, { ...query, sort: "-updatedAt" }, things)) {
    yield page;
    if (since === undefined) continue;
    const times = page.map(({ updatedAt }) => updatedAt);
    const isOrdered = times.every((time, index) => {
      const before = index === 0 ? last : times[index - 1];
      return typeof time === "string" && (before === undefined || time <= String(before));
    });
    last = times.at(-1) as string | undefined;
    if (!isOrdered) {
      // From here on the order says nothing about the other pages.
      since = undefined;
    } else if (last !== undefined && last < since) return;
  }
}
