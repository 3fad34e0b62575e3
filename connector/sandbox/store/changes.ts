import type { JsonObject } from "../../mapping/value.ts";
import { type Entry, toRecord } from "./entry.ts";
import type { Store } from "./store.ts";

/**
 * Makes the changes of users in Pipedrive between two syncs of the demo, and returns a sentence for each. Three open
 * deals are won and two won ones change their value. The organization of the first is renamed, and the website of the
 * other's is cleared. One won deal moves to another pipeline, and one is marked lost after all. Changes that need a
 * larger account are left out.
 */
export function changeSomeDeals(store: Store): string[] {
  const sentences: string[] = [];
  const taken = new Set<number>();
  const take = (count: number, matches: (entry: Entry) => boolean): JsonObject[] => {
    const found = store.collections.deals.listed.walk({
      sortBy: "id",
      descending: false,
      matches: (deal) => isOrdinary(store, deal) && !taken.has(deal.organization as number) && matches(deal),
      limit: count * 50,
    });
    // One deal per organization, so that each change shows in a company of its own.
    const chosen = found.filter(
      ({ organization }) => !taken.has(organization as number) && taken.add(organization as number),
    );
    for (const { organization } of chosen.slice(count)) taken.delete(organization as number);
    return chosen.slice(0, count).map(toRecord);
  };
  const isWon = (deal: Entry) => deal.status === "won";

  for (const deal of take(3, ({ status }) => status === "open")) {
    store.update("deals", idOf(deal), { status: "won" });
    sentences.push(`Won the deal ${quote(deal["title"])} (${deal["id"]}).`);
  }
  const [first, second] = take(
    2,
    (deal) => isWon(deal) && isPaid(deal) && organizationOf(store, deal)["website"] !== null,
  );
  for (const deal of [first, second]) {
    if (deal === undefined) continue;
    const value = Math.round((deal["value"] as number) * 1.1) + 100;
    store.update("deals", idOf(deal), { value });
    const values = `from ${deal["value"]} to ${value} ${deal["currency"]}`;
    sentences.push(`Changed the value of the deal ${quote(deal["title"])} (${deal["id"]}) ${values}.`);
  }
  if (first !== undefined) {
    const organization = store.get("organizations", first["org_id"] as number) as JsonObject;
    const name = `${organization["name"]} International`;
    store.update("organizations", idOf(organization), { name });
    sentences.push(
      `Renamed the organization ${quote(organization["name"])} (${organization["id"]}) to ${quote(name)}.`,
    );
  }
  if (second !== undefined) {
    const organization = store.get("organizations", second["org_id"] as number) as JsonObject;
    store.update("organizations", idOf(organization), { website: null });
    sentences.push(`Cleared the website of the organization ${quote(organization["name"])} (${organization["id"]}).`);
  }
  for (const deal of take(1, (entry) => isWon(entry) && entry.pipeline === 1)) {
    store.update("deals", idOf(deal), { pipeline_id: 2 });
    sentences.push(`Moved the deal ${quote(deal["title"])} (${deal["id"]}) to the pipeline Renewals.`);
  }
  for (const deal of take(1, isWon)) {
    store.update("deals", idOf(deal), { status: "lost", lost_reason: "Cancelled before it began" });
    sentences.push(`Marked the won deal ${quote(deal["title"])} (${deal["id"]}) lost.`);
  }
  return sentences;
}

function isOrdinary(store: Store, deal: Entry): boolean {
  if (deal.deleted || deal.archived || deal.person === null || typeof deal.organization !== "number") return false;
  return store.collections.organizations.get(deal.organization)?.deleted === false;
}

function isPaid(deal: Entry): boolean {
  return (toRecord(deal)["value"] as number) > 0;
}

function organizationOf(store: Store, deal: Entry): JsonObject {
  return store.get("organizations", deal.organization as number) as JsonObject;
}

function idOf(record: JsonObject): number {
  return record["id"] as number;
}

function quote(text: unknown): string {
  return `“${text}”`;
}
