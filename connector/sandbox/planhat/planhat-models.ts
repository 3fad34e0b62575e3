import type { Json, JsonObject } from "../../mapping/value.ts";

/** One kind of object of the local Planhat. */
export interface PlanhatModel {
  /** Its path: `companies`. */
  path: string;
  /** The name by which its custom fields refer to it. */
  parent: string;
  /** Objects in a list by default, and at most (Planhat API, list limits). */
  usualLimit: number;
  largestLimit: number;
  /** Properties that are stored; others are silently dropped (Planhat API, unknown system keys). */
  properties: ReadonlySet<string>;
  /** The keys by which a bulk upsert finds an object; a note is found by `_id` alone (Planhat API, Note). */
  keyables: readonly ("sourceId" | "externalId")[];
  /** True if it belongs to a company. */
  ofCompany: boolean;
  /** The kind of tenant that has it; undefined for every tenant. */
  revenue?: "licenses" | "deals";
  /** Returns the fault of a whole object, in Planhat's words; undefined if there is none. */
  fault(object: JsonObject): string | undefined;
}

const keys = ["_id", "sourceId", "externalId", "companyId", "custom"];
const properties = (list: string) => new Set([...keys, ...list.split(" ")]);

/** The kinds of object of tenants with License and Sale, and of those with Deal, Line Item and Product. */
export const planhatModels: readonly PlanhatModel[] = [
  {
    path: "companies",
    parent: "Company",
    usualLimit: 100,
    largestLimit: 5000,
    properties: properties(
      "name owner coOwner phase domains web phonePrimary description address city zip country tags",
    ),
    keyables: ["sourceId", "externalId"],
    ofCompany: false,
    fault: (object) => missing(object, ["name"]),
  },
  {
    path: "endusers",
    parent: "End User",
    usualLimit: 100,
    largestLimit: 2000,
    properties: properties("email firstName lastName position phone tags featured primary archived otherEmails"),
    keyables: ["sourceId", "externalId"],
    ofCompany: true,
    fault: ({ email, sourceId, externalId }) =>
      [email, sourceId, externalId].some(isFilled) ? undefined : "email, externalId or sourceId is required",
  },
  {
    path: "conversations",
    parent: "Conversation",
    usualLimit: 30,
    largestLimit: 2000,
    properties: properties("type subject description date activityTags users endusers starred pinned archived"),
    keyables: [],
    ofCompany: true,
    fault: (object) => missing(object, ["type"]),
  },
  {
    path: "licenses",
    revenue: "licenses",
    parent: "License",
    usualLimit: 100,
    largestLimit: 2000,
    properties: properties(
      "_currency fromDate toDate fixedPeriod value mrr product autoRenews renewalPeriod renewalUnit noticePeriod noticeUnit renewalStatus renewalMrr renewalArr invoiceCycle invoiceCycleInterval toDateIncluded",
    ),
    keyables: ["sourceId", "externalId"],
    ofCompany: true,
    fault: (object) => {
      if (object["fixedPeriod"] === true && !isFilled(object["toDate"])) return "toDate is required";
      if (object["fixedPeriod"] === false && typeof object["mrr"] !== "number") return "mrr is required";
      return missing(object, ["_currency", "fromDate"]);
    },
  },
  {
    path: "sales",
    revenue: "licenses",
    parent: "Sale",
    usualLimit: 100,
    largestLimit: 2000,
    properties: properties("_currency salesDate value product"),
    keyables: ["sourceId", "externalId"],
    ofCompany: true,
    fault: (object) =>
      missing(object, ["_currency", "salesDate", "value"]) ??
      (Number(object["value"]) > 0 ? undefined : "value must be positive"),
  },
  {
    path: "deals",
    revenue: "deals",
    parent: "Deal",
    usualLimit: 100,
    largestLimit: 2000,
    // Planhat computes arr, renewalDate, startDate and endDate.
    properties: properties("name stage ownerId followers mrr total fees currency closeDate"),
    keyables: ["sourceId", "externalId"],
    ofCompany: true,
    fault: () => undefined,
  },
  {
    path: "lineitems",
    revenue: "deals",
    parent: "Line Item",
    usualLimit: 100,
    largestLimit: 2000,
    properties: properties(
      "dealId name type productId fixedPeriod fromDate toDate length mrr arr value currency status autoRenews renewalPeriod renewalMrr renewalArr noticePeriod noticeUnit",
    ),
    keyables: ["sourceId", "externalId"],
    ofCompany: false,
    fault: lineItemFault,
  },
  {
    path: "products",
    revenue: "deals",
    parent: "Product",
    usualLimit: 100,
    largestLimit: 2000,
    properties: properties(
      "name type mrr value currency fixedPeriod autoRenews length renewalMrr renewalPeriod noticePeriod noticeUnit color",
    ),
    keyables: ["sourceId", "externalId"],
    ofCompany: false,
    fault: (object) => missing(object, ["name"]),
  },
];

/** Returns the fault of a line item (Planhat API, Line Item: what "must be defined"). */
function lineItemFault(object: JsonObject): string | undefined {
  const lacking = missing(object, ["dealId", "fromDate"]);
  if (lacking !== undefined) return lacking;
  const hasAmount = ["mrr", "arr", "value"].some((name) => typeof object[name] === "number");
  if (object["type"] === "fee") return missing(object, ["value"]);
  if (object["fixedPeriod"] !== true) return undefined;
  return missing(object, ["toDate", "length"]) ?? (hasAmount ? undefined : "one of mrr, arr and value is required");
}

function missing(object: JsonObject, required: readonly string[]): string | undefined {
  const name = required.find((property) => !isFilled(object[property]));
  return name === undefined ? undefined : `${name} is required`;
}

function isFilled(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
