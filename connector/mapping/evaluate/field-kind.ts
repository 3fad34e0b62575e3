/**
 * The form of a field's value, which decides how it is read.
 *
 * - `plain`: text, number or boolean
 * - `option`, `options`: ids that read as labels
 * - `reference`: the id of another object
 * - `contacts`: the list of e-mail addresses, telephone numbers or messengers
 * - `address`, `money`, `range`, `time`: objects with parts
 * - `object`: any object
 * - `list`: any list
 * - `any`: not documented
 */
export type FieldKind =
  | "plain"
  | "option"
  | "options"
  | "reference"
  | "contacts"
  | "address"
  | "money"
  | "range"
  | "time"
  | "object"
  | "list"
  | "any";

const addressParts = [
  "value",
  "street",
  "street_number",
  "route",
  "subpremise",
  "sublocality",
  "locality",
  "admin_area_level_1",
  "admin_area_level_2",
  "country",
  "postal_code",
  "formatted_address",
];

/**
 * The parts that a dotted path may name (Pipedrive API v2, custom fields); empty if there are none, undefined if any
 * will do.
 */
export const partsOf: Readonly<Record<FieldKind, readonly string[] | undefined>> = {
  plain: [],
  option: [],
  options: [],
  reference: [],
  list: [],
  contacts: ["primary"],
  address: addressParts,
  money: ["value", "currency"],
  range: ["value", "until", "timezone_id", "timezone_name"],
  time: ["value", "timezone_id", "timezone_name"],
  object: undefined,
  any: undefined,
};

/** Returns the kind of a field by Pipedrive's `field_type` (API v2, `GET /{entity}Fields`). */
export function kindOfType(type: string): FieldKind {
  switch (type) {
    case "enum":
      return "option";
    case "set":
      return "options";
    case "user":
    case "org":
    case "people":
    case "deal":
    case "lead":
    case "project":
    case "activity":
      return "reference";
    case "monetary":
      return "money";
    case "daterange":
    case "timerange":
      return "range";
    case "time":
      return "time";
    case "address":
      return "address";
    case "json":
    case "picture":
    case "deals":
      return "any";
    default:
      return "plain";
  }
}
