import type { AccountCatalog, AccountField } from "../../account-catalog.ts";
import { isFieldedStream, type StreamName } from "../../stream-name.ts";
import { sameLabel } from "../../text/label-text.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import { type OptionIds, optionIds } from "../option-ids.ts";
import type { Json, JsonObject } from "../value.ts";

/** A record as the API gives it, or the fault of a label in it. */
export type LabelledRecord = { record: JsonObject } | { fault: string; hint?: string };

/**
 * Converts a hand-written record to the API's form: labels of custom fields and options become keys and ids. Keys and
 * ids stay unchanged.
 */
export function recordByLabel(
  stream: StreamName,
  written: JsonObject,
  catalog: AccountCatalog | undefined,
): LabelledRecord {
  const { custom_fields: block } = written;
  if (typeof block !== "object" || block === null || Array.isArray(block)) return { record: written };
  const fields = isFieldedStream(stream) ? (catalog?.fields[stream] ?? []).filter(({ custom }) => custom) : [];
  const byKey: JsonObject = {};
  for (const [name, value] of Object.entries(block)) {
    const field = fields.find(({ key }) => key === name) ?? labelled(fields, name);
    if (field === "several") {
      return { fault: `The label \`${name}\` belongs to several custom fields of ${stream}.`, hint: "Write the key." };
    }
    if (field === undefined && !/^[0-9a-f]{40}$/.test(name)) return unknownLabel(stream, name, fields, catalog);
    byKey[field?.key ?? name] = field?.options === undefined ? value : withIds(value, optionIds(field.options));
  }
  return { record: { ...written, custom_fields: byKey } };
}

function labelled(fields: readonly AccountField[], label: string): AccountField | "several" | undefined {
  const [field, ...others] = fields.filter((one) => sameLabel(one.label, label));
  return others.length > 0 ? "several" : field;
}

function unknownLabel(
  stream: StreamName,
  name: string,
  fields: readonly AccountField[],
  catalog: AccountCatalog | undefined,
): LabelledRecord {
  if (catalog === undefined) {
    return {
      fault: `The custom field \`${name}\` cannot be found, because the account's fields are not known.`,
      hint: "Sync once to save them, or fix company_url and api_token.",
    };
  }
  const near = nearestWord(
    name,
    fields.map(({ label }) => label),
  );
  const fault = `${stream} have no custom field \`${name}\`.`;
  return near === undefined ? { fault } : { fault, hint: didYouMean(name, near) };
}

function withIds(value: Json, ids: OptionIds): Json {
  if (Array.isArray(value)) return value.map((element) => withIds(element, ids));
  return typeof value === "string" ? (ids.get(value) ?? value) : value;
}
