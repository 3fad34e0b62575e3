import { dayOf } from "../day.ts";
import { decimalJson, decimalOf } from "../decimal.ts";
import { valueTypeOf } from "../evaluate/record-fields.ts";
import type { SendTarget } from "../evaluate/source.ts";
import { optionIds } from "../option-ids.ts";
import { optionLabels } from "../option-labels.ts";
import { type Outcome, rejected, shown } from "../outcome.ts";
import { type Json, NULL, type Present, present } from "../value.ts";

/** Converts a value to the form that a field accepts, or rejects it with the reason. */
export type Former = (value: Present) => Outcome;

/**
 * Returns the conversion to the form that Pipedrive accepts (API v2, "Custom fields"): the id of an option, a number, a
 * day, a time of day, a text. Pipedrive rejects `"17"` for an enum, `"5"` for a number and an instant for a day, and
 * with it the whole body. `type` is Pipedrive's field_type.
 */
export function sentForm(target: SendTarget, type: string | undefined): Former {
  const { key, custom, kind, options, part } = target;
  if (options !== undefined && (kind === "option" || kind === "options")) return optionForm(kind, options);
  if (kind === "reference") return wholeNumber;
  if (kind === "money") return part === "value" ? decimalNumber : part === "currency" ? oneText : asItIs;
  if (kind === "address") return part === undefined ? asItIs : oneText;
  const isMain = part === undefined || part === "value" || part === "until";
  if (isMain && (type === "date" || type === "daterange"))
    return part === undefined && type === "daterange" ? asItIs : day;
  if (isMain && (type === "time" || type === "timerange")) return part === undefined ? asItIs : timeOfDay;
  if (kind !== "plain") return asItIs;
  switch (custom ? customForms[type ?? ""] : valueTypeOf.get(key)) {
    case "integer":
      return wholeNumber;
    case "number":
      return decimalNumber;
    case "string":
      return oneText;
    default:
      return asItIs;
  }
}

const customForms: Readonly<Record<string, string>> = {
  ...{ int: "integer", double: "number" },
  ...{ varchar: "string", varchar_auto: "string", text: "string", phone: "string" },
};

const asItIs: Former = (value) => value;

const decimalNumber: Former = ({ value }) => {
  const decimal = typeof value === "number" || typeof value === "string" ? decimalOf(value) : undefined;
  return decimal === undefined ? rejected(`${shown(value)} is not a number`) : present(decimalJson(decimal));
};

const wholeNumber: Former = (value) => {
  const number = decimalNumber(value);
  if (number.state !== "present" || Number.isSafeInteger(number.value)) return number;
  return rejected(`${shown(value.value)} is not a whole number, and the field takes one`);
};

const day: Former = ({ value }) => {
  const found = typeof value === "string" ? dayOf(value.trim()) : undefined;
  return found === undefined ? rejected(`${shown(value)} is not a valid date (YYYY-MM-DD)`) : present(found);
};

const timeOfDay: Former = ({ value }) =>
  typeof value === "string" && /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/.test(value.trim())
    ? present(value.trim())
    : rejected(`${shown(value)} is not a time of day (HH:MM:SS)`);

const oneText: Former = ({ value }) => {
  if (typeof value !== "object") return present(String(value));
  const what = Array.isArray(value) ? "a list" : "an object";
  return rejected(`${shown(value)} is ${what} and the field takes one text`);
};

/** Converts options to ids. Pipedrive rejects `[]` for a set, so an empty list becomes null. */
function optionForm(kind: "option" | "options", options: NonNullable<SendTarget["options"]>): Former {
  const id = optionId(optionIds(options), optionLabels(options));
  if (kind === "option") {
    return ({ value }) =>
      Array.isArray(value) ? rejected(`${shown(value)} is a list and the field takes one option`) : id(value);
  }
  return ({ value }) => {
    const ids: Json[] = [];
    for (const element of Array.isArray(value) ? value : [value]) {
      const found = id(element);
      if (found.state !== "present") return found;
      ids.push(found.value);
    }
    return ids.length === 0 ? NULL : present(ids);
  };
}

function optionId(
  ids: ReturnType<typeof optionIds>,
  labels: ReturnType<typeof optionLabels>,
): (value: Json) => Outcome {
  return (value) => {
    const found = ids.get(String(value));
    if (found === null) return rejected(`${shown(value)} is the label of several options of the field`);
    if (found !== undefined) return present(found);
    // The transform `id` yields ids already, which is the form that Pipedrive wants.
    if (typeof value === "number" && labels.has(value)) return present(value);
    return rejected(`${shown(value)} is the label of no option of the field`);
  };
}
