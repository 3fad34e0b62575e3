import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ListedStream } from "../../stream-name.ts";
import { inventFields } from "./account-fields.ts";
import { company, inventUsers } from "./account-people.ts";
import { inventPipelines, inventStages } from "./account-pipelines.ts";
import type { AccountSetting, AccountSizes } from "./account-setting.ts";
import type { FieldDefinition, FieldedStream } from "./field-definition.ts";
import { inventDeal } from "./invent-deal.ts";
import { inventNote } from "./invent-note.ts";
import { inventOrganization } from "./invent-organization.ts";
import { inventPerson } from "./invent-person.ts";
import { inventCatalogue, inventProducts } from "./invent-product.ts";

/** The options of an invented account: seed, sizes, end of its story, time zone, more custom fields. */
export interface AccountOptions extends Partial<AccountSizes> {
  seed?: string | number;
  now?: Date;
  /** The time zone of the account's users, such as `America/Los_Angeles`: it decides the local dates of deals. */
  timeZone?: string;
  /**
   * The number of additional custom text fields on organizations, persons and deals, for field lists of several pages.
   */
  extraFields?: number;
  /** True to list the fields that records hold only on request, as most accounts do. */
  listsOptionalFields?: boolean;
  /** False for an account without Pipedrive's marketing app, which rejects requests for its fields. */
  marketingApp?: boolean;
  /** Deals with products: `some` is every third, `every` gives each deal two or three, `none` gives none. */
  products?: "some" | "every" | "none";
  /** Values of another company: its number, name or domain. */
  company?: JsonObject;
}

/** A whole invented account. Its records are invented during iteration, equal each time. */
export interface InventedAccount {
  seed: string | number;
  now: Date;
  timeZone: string;
  sizes: AccountSizes;
  marketingApp: boolean;
  /** The company block of `GET /v1/users/me`. */
  company: JsonObject;
  users: JsonObject[];
  pipelines: JsonObject[];
  stages: JsonObject[];
  fields: Record<FieldedStream, FieldDefinition[]>;
  records: Record<ListedStream, Iterable<JsonObject>>;
  /** The products of the catalogue. */
  products: JsonObject[];
  /** The products that are attached to a deal from the beginning. */
  productsOf(deal: JsonObject): JsonObject[];
}

/** Sizes of the account that `sandbox` and `demo` show. */
export const defaultSizes: AccountSizes = { organizations: 400, persons: 1000, deals: 900, notes: 1500 };

/** The default end of the account's story. */
export const defaultNow = new Date("2026-11-02T08:00:00Z");

/** The default time zone of the account's users. */
export const defaultTimeZone = "Europe/Tallinn";

/** Invents an account. Equal options always give the same account, record by record. */
export function inventAccount(options: AccountOptions = {}): InventedAccount {
  const { seed = "fjord", now = defaultNow, timeZone = defaultTimeZone, extraFields = 0 } = options;
  const fields = {
    organizations: inventFields("organizations", extraFields, options.listsOptionalFields),
    persons: inventFields("persons", extraFields, options.listsOptionalFields),
    deals: inventFields("deals", extraFields, options.listsOptionalFields),
  };
  const stages = inventStages();
  const setting: AccountSetting = {
    seed,
    now: Math.floor(now.getTime() / 1000),
    timeZone,
    sizes: {
      organizations: options.organizations ?? defaultSizes.organizations,
      persons: options.persons ?? defaultSizes.persons,
      deals: options.deals ?? defaultSizes.deals,
      notes: options.notes ?? defaultSizes.notes,
    },
    fields,
    stageIds: groupStages(stages),
  };
  return {
    seed,
    now,
    timeZone,
    sizes: setting.sizes,
    marketingApp: options.marketingApp ?? true,
    company: { ...company, ...options.company },
    users: inventUsers(setting),
    pipelines: inventPipelines(),
    stages,
    fields,
    products: inventCatalogue(),
    productsOf: (deal) => inventProducts(setting, deal, options.products ?? "some"),
    records: {
      organizations: numbered(setting, setting.sizes.organizations, inventOrganization),
      persons: numbered(setting, setting.sizes.persons, inventPerson),
      deals: numbered(setting, setting.sizes.deals, inventDeal),
      notes: numbered(setting, setting.sizes.notes, inventNote),
    },
  };
}

function groupStages(stages: readonly JsonObject[]): Map<number, number[]> {
  const ids = new Map<Json, number[]>();
  for (const { id, pipeline_id } of stages) {
    const pipeline = pipeline_id ?? null;
    ids.set(pipeline, [...(ids.get(pipeline) ?? []), id as number]);
  }
  return ids as Map<number, number[]>;
}

function numbered(
  setting: AccountSetting,
  count: number,
  invent: (setting: AccountSetting, number: number) => JsonObject,
): Iterable<JsonObject> {
  return {
    *[Symbol.iterator]() {
      for (let number = 1; number <= count; number++) yield invent(setting, number);
    },
  };
}
