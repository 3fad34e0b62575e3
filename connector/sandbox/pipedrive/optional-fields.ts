import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ListedStream } from "../../stream-name.ts";
import type { FieldedStream } from "../account/field-definition.ts";
import type { Entry } from "../store/entry.ts";
import type { Store } from "../store/store.ts";
import { validationFailed } from "./api-error.ts";

/** The number of records per referenced record. */
type Counts = ReadonlyMap<Json, number>;

/** Fields of persons in accounts with the marketing app (openapi-v2.yaml). */
const ofMarketing = ["marketing_status", "doi_status"];
const word = { organizations: "org", persons: "person", deals: "deal" } as const;
const fact = { organizations: "organization", persons: "person", deals: "deal" } as const;

/**
 * Returns the fields that Pipedrive gives only if `include_fields` names them: present counts of related records, which
 * change no update_time. Activities, mails and files, which the account lacks, count 0.
 */
export function optionalFieldsOf(
  store: Store,
  stream: FieldedStream,
  asked: readonly string[],
): (entry: Entry) => JsonObject {
  const refusedHere = store.account.marketingApp ? undefined : asked.find((name) => ofMarketing.includes(name));
  if (refusedHere !== undefined) {
    throw validationFailed("include_fields", `${refusedHere} needs the marketing app, which is not enabled`);
  }
  const own = fact[stream];
  const count = (of: ListedStream, matches: (entry: Entry) => boolean = () => true): Counts => {
    const counts = new Map<Json, number>();
    for (const entry of store.collections[of].values()) {
      if (!entry.deleted && matches(entry)) counts.set(entry[own], (counts.get(entry[own]) ?? 0) + 1);
    }
    return counts;
  };
  const counted: Record<string, () => Counts> = {
    notes_count: () => count("notes"),
    people_count: () => count("persons"),
    open_deals_count: () => count("deals", ({ status }) => status === "open"),
    won_deals_count: () => count("deals", ({ status }) => status === "won"),
    lost_deals_count: () => count("deals", ({ status }) => status === "lost"),
    closed_deals_count: () => count("deals", ({ status }) => status !== "open"),
  };
  const counts = new Map(asked.flatMap((name) => (Object.hasOwn(counted, name) ? [[name, counted[name]!()]] : [])));
  const mailbox = `${store.account.company["company_domain"]}+${word[stream]}`;
  const optionalValue = (name: string, entry: Entry): Json => {
    const found = counts.get(name);
    if (found !== undefined) return found.get(entry.id) ?? 0;
    if (name === "products_count") return store.products.of(entry.id).length;
    if (name === "smart_bcc_email") return `${mailbox}${entry.id}@pipedrivemail.com`;
    if (name === "participants_count") return entry.person === null ? 0 : 1;
    if (name === "first_won_time") return (JSON.parse(entry.text.toString()) as JsonObject)["won_time"] ?? null;
    if (name === "followers_count") return 1;
    if (name === "marketing_status") return "no_consent";
    if (name === "doi_status") return "not_started";
    return name.endsWith("_count") ? 0 : null;
  };
  return (entry) => ({
    ...Object.fromEntries(asked.map((name) => [name, optionalValue(name, entry)])),
    ...Object.fromEntries(
      Object.entries(store.optionalValues.get(`${stream} ${entry.id}`) ?? {}).filter(([name]) => asked.includes(name)),
    ),
  });
}
