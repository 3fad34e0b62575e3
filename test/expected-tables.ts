import type { JsonObject } from "../connector/mapping/value.ts";
import type { Store } from "../connector/sandbox/store/store.ts";

/** The expected Planhat tables under the shipped mapping: source ids by table, and a few columns. */
export interface ExpectedTables {
  companies: Map<string, { name: string }>;
  endusers: Map<string, { email: string | null; company: string }>;
  notes: Map<string, { company: string }>;
  licenses: Map<string, { value: number | null; currency: string; from_date: string; company: string }>;
}

/**
 * Computes the expected result of a sync from the sandbox's account, one record at a time and without the connector's
 * code: an oracle that shares no rule with the code it judges.
 */
export function expectedTables(store: Store, selectedPipelines?: readonly number[]): ExpectedTables {
  const all = (stream: "organizations" | "persons" | "notes" | "deals") => store.find(stream, () => true);
  const alive = (record: JsonObject) => record["is_deleted"] !== true && record["active_flag"] !== false;
  const organizations = new Map(
    all("organizations")
      .filter(alive)
      .map((one) => [one["id"], one]),
  );
  const tables: ExpectedTables = { companies: new Map(), endusers: new Map(), notes: new Map(), licenses: new Map() };
  const eligible = all("deals").filter(
    (deal) =>
      alive(deal) &&
      deal["status"] === "won" &&
      (selectedPipelines === undefined || selectedPipelines.includes(deal["pipeline_id"] as number)) &&
      typeof deal["org_id"] === "number" &&
      /^\d{4}-\d\d-\d\dT/.test(String(deal["won_time"])),
  );
  for (const deal of eligible) {
    const organization = organizations.get(deal["org_id"]!);
    if (organization === undefined) continue;
    tables.companies.set(String(organization["id"]), { name: String(organization["name"]) });
    tables.licenses.set(String(deal["id"]), {
      value: deal["value"] as number | null,
      currency: String(deal["currency"]),
      from_date: String(deal["local_won_date"]),
      company: String(deal["org_id"]),
    });
  }
  const isCompany = (id: unknown) => typeof id === "number" && tables.companies.has(String(id));
  const people = all("persons").filter(alive);
  const brought = new Set<unknown>();
  for (const person of people) {
    const own = eligible.filter((deal) => deal["person_id"] === person["id"]);
    if (!own.length && !eligible.some((deal) => deal["org_id"] === person["org_id"])) continue;
    brought.add(person["id"]);
    const company = [person["org_id"], ...own.map((deal) => deal["org_id"])].find(isCompany);
    if (company === undefined) continue;
    const emails = (person["emails"] as { value: string; primary: boolean }[]).filter(({ value }) => value !== "");
    tables.endusers.set(String(person["id"]), {
      email: (emails.find(({ primary }) => primary) ?? emails[0])?.value.trim().toLowerCase() ?? null,
      company: String(company),
    });
  }
  const deals = new Map(all("deals").map((deal) => [deal["id"], deal]));
  for (const note of all("notes").filter(alive)) {
    const on =
      eligible.some((deal) => deal["id"] === note["deal_id"] || deal["org_id"] === note["org_id"]) ||
      (note["person_id"] !== null && brought.has(note["person_id"]));
    if (!on) continue;
    const ofPerson = Number(tables.endusers.get(String(note["person_id"]))?.company);
    const company = [note["org_id"], deals.get(note["deal_id"] ?? null)?.["org_id"], ofPerson].find(isCompany);
    if (company !== undefined) tables.notes.set(String(note["id"]), { company: String(company) });
  }
  return tables;
}
