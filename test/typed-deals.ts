import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { FieldDefinition } from "../connector/sandbox/account/field-definition.ts";
import type { DatabaseKind } from "./databases.ts";
import { type PlanhatSync, planhatSync } from "./planhat-sync.ts";
import { wonDeal } from "./sandbox-sync.ts";

/** Won deals of several types, which the mapping turns into sales or licenses, published to a local Planhat. */
export interface TypedDeals extends PlanhatSync {
  /** The deals' ids by their type: `none` has no type. */
  ids: Record<DealType, number>;
  /** The custom field `Deal type`. */
  dealType: FieldDefinition;
  /** Sets the type of a deal by the option's id. */
  setType(dealId: number, option: number | null): void;
  /**
   * Returns the model and product of each deal, in the tables and in Planhat: `{tables: {"1": "sale Once"}, planhat:
   * …}`.
   */
  rows(): Promise<{ tables: Record<string, string>; planhat: Record<string, string> }>;
  /** Returns the text of the config file. */
  config(): string;
  /** Runs the bin; returns its status, its JSON and its stderr. */
  ask(...args: string[]): Promise<{ status: number | null; json: JsonObject; stderr: string }>;
}

type DealType = "Subscription" | "One-off" | "Services" | "none";

/** Returns deals.yaml with this condition for sales and these lines in front. */
export function typedMapping(when: string, head = "", product = "{pipedrive: title}"): string {
  const fields = (day: string) => `    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: ${day}, pipedrive: $start_date}
      - {planhat: value, pipedrive: value}
      - {planhat: product, ${product.slice(1)}
`;
  return `stream: deals
direction: receive
start_date: [won_time]
${head}models:
  - model: sale
    when: ${when}
${fields("salesDate")}  - model: license
${fields("fromDate")}`;
}

const organizations = `stream: organizations
model: company
direction: receive
fields:
  - {planhat: name, pipedrive: name}
`;

/** Sets a test up with one won deal of each type, mapped by `when`, and nothing synced yet. */
export async function typedDeals(
  kind: DatabaseKind,
  when = "{field: Deal type, in: [One-off, Services]}",
): Promise<TypedDeals> {
  const setting = await planhatSync(kind);
  setting.map({ "organizations.yaml": organizations, "deals.yaml": typedMapping(when) });
  const { store } = setting.sandbox;
  const dealType = store.definitions.field("deals", "Deal type");
  const setType = (dealId: number, option: number | null) => {
    store.update("deals", dealId, { custom_fields: { [dealType.field_code]: option } });
  };
  const make = (type: DealType) => {
    const { dealId } = wonDeal(setting.sandbox, { title: type });
    if (type !== "none") setType(dealId, store.definitions.option("deals", "Deal type", type).id as number);
    return dealId;
  };
  const ids = {
    Subscription: make("Subscription"),
    "One-off": make("One-off"),
    Services: make("Services"),
    none: make("none"),
  };
  return {
    ...setting,
    ids,
    dealType,
    setType,
    config: () => readFileSync(join(setting.place.folder, "config.yaml"), "utf8"),
    async rows() {
      const found = await setting.look<{ id: string; row: string }>(
        `select source_id as id, 'license ' || coalesce(product, '') as row from planhat.licenses
         union all select source_id, 'sale ' || coalesce(product, '') from planhat.sales order by 1`,
      );
      const published = (["license", "sale"] as const).flatMap((model) =>
        [...setting.objects(`${model}s`)].map(([id, { product }]) => [id, `${model} ${product}`] as const),
      );
      return {
        tables: Object.fromEntries(found.map(({ id, row }) => [id, row])),
        planhat: Object.fromEntries(published),
      };
    },
    async ask(...args) {
      const { status, stdout, stderr } = await setting.run([...args, "--json"]);
      return { status, json: JSON.parse(stdout.trim().split("\n").at(-1) || "{}") as JsonObject, stderr };
    },
  };
}
