import type { Json, JsonObject } from "../../mapping/value.ts";
import { ownerIds } from "./account-people.ts";
import { type AccountSetting, DAY } from "./account-setting.ts";
import type { FieldDefinition, FieldedStream } from "./field-definition.ts";
import { type Identity, inventAddress, inventPhone } from "./identity.ts";
import { type Seconds, toDay } from "./instant.ts";
import type { Random } from "./random.ts";

const sentences: readonly string[] = [
  "Prefers quarterly invoices and a single contact.",
  "Asked for a reference in the same trade, “not a big one”.",
  "Renewed without discussion; mention the roadmap.",
  "Line one\nLine two, after a break",
  "Négocie en français – répondre avant vendredi 🙂",
];

/** The input on which a custom value may depend. */
export interface CustomValueContext {
  setting: AccountSetting;
  identity: Identity;
  /** The record's number, for running numbers. */
  number: number;
  /** The time when the record was added: dates lie after it. */
  added: Seconds;
}

/**
 * Invents the `custom_fields` block of a record: every field of the stream, some filled, the others null, as in real
 * accounts (API v2). Extra fields are filled on every tenth record.
 */
export function inventCustomFields(
  stream: FieldedStream,
  context: CustomValueContext,
  random: Random,
  filled = 0.55,
): JsonObject {
  const block: JsonObject = {};
  for (const field of context.setting.fields[stream]) {
    if (!field.is_custom_field) continue;
    const has = field.field_name.startsWith("Extra ") ? context.number % 10 === 0 : random.chance(filled);
    block[field.field_code] = has ? inventCustomValue(field, context, random) : null;
  }
  return block;
}

/** Invents a believable value of the field's type, in the shape of API v2. */
export function inventCustomValue(field: FieldDefinition, context: CustomValueContext, random: Random): Json {
  const { setting, identity, number, added } = context;
  const { place } = identity;
  const [timezone_id, timezone_name] = place.timezone;
  switch (field.field_type) {
    case "enum":
      return random.pick(field.options ?? []).id;
    case "set":
      return random.some(field.options ?? [], 3).map((option) => option.id);
    case "monetary":
      return { value: random.integer(1, 400) * 25 + (random.chance(0.3) ? 0.5 : 0), currency: place.currency };
    case "double":
      return random.chance(0.5) ? random.integer(1, 500) : random.integer(1, 9999) / 100;
    case "date":
      return toDay(added + random.integer(1, 400) * DAY);
    case "daterange": {
      const start = added + random.integer(1, 300) * DAY;
      return { value: toDay(start), until: toDay(start + random.integer(7, 60) * DAY) };
    }
    case "time":
      return { value: clockTime(random.integer(8, 16), random), timezone_id, timezone_name };
    case "timerange": {
      const start = random.integer(7, 11);
      return { value: clockTime(start, random), until: clockTime(start + 8, random), timezone_id, timezone_name };
    }
    case "address": {
      const address = inventAddress(place, random);
      return { ...address, formatted_address: address["value"] ?? "" };
    }
    case "user":
      return random.pick(ownerIds);
    case "org":
      return setting.sizes.organizations === 0 ? null : random.integer(1, setting.sizes.organizations);
    case "people":
      return setting.sizes.persons === 0 ? null : random.integer(1, setting.sizes.persons);
    case "phone":
      return inventPhone(place, random);
    case "text":
      return random.pick(sentences);
    case "varchar_auto":
      return `${field.field_name[0]}-${String(number).padStart(6, "0")}`;
    default:
      return field.field_name === "Profile"
        ? `https://people.example/${number}`
        : `${place.currency} ${random.integer(10_000, 99_999)}`;
  }
}

function clockTime(hour: number, random: Random): string {
  return `${String(hour).padStart(2, "0")}:${random.pick(["00", "15", "30", "45"])}:00`;
}
