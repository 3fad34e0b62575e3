import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import { typeWords } from "../../text/type-words.ts";
import { flow } from "../flow.ts";
import { shown } from "../outcome.ts";
import type { Schema, SchemaType } from "../schema.ts";
import { keyPlace, type Located } from "./located.ts";
import type { Report } from "./report.ts";

/** Checks one value against a schema and reports every fault as a sentence; returns true if there is none. */
export type StructureCheck = (value: Located, schema: Schema, name: string) => boolean;

/**
 * Checks by JSON Schema, with places: accepts the documents that a validator accepts by `schemas/mapping.json`, but
 * explains faults to a person. `definitions` holds the targets of `$ref`. Null is invalid everywhere.
 */
export function structureCheck(definitions: Readonly<Record<string, Schema>>, report: Report): StructureCheck {
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : definitions[schema.$ref.replace("#/definitions/", "")]!;

  const check: StructureCheck = (value, unresolved, name) => {
    const schema = resolve(unresolved);
    if (value.kind === "null") {
      report.error(value, `\`${name}\` is null, which is never an instruction.`, nullHint(schema));
      return false;
    }
    if (schema.anyOf !== undefined) return checkChoice(value, schema.anyOf.map(resolve), name, schema.title);
    if (!hasType(value, schema)) {
      report.error(
        value,
        `\`${name}\` must be ${wordsOf([schema])}, not ${kindWord(value)}.`,
        asList(value, schema, name) ?? enumHint(schema),
      );
      return false;
    }
    switch (value.kind) {
      case "scalar":
        return checkScalar(value, schema, name);
      case "array":
        return checkArray(value, schema, name);
      case "object":
        return checkObject(value, schema, name);
    }
  };

  /** Returns the hint that puts a single value into the list that a schema wants. */
  const asList = (value: Located, { items }: Schema, name: string): string | undefined => {
    if (value.kind !== "scalar" || items === undefined) return undefined;
    const item = resolve(items);
    const fits = (item.anyOf?.map(resolve) ?? [item]).some((choice) => hasType(value, choice));
    return fits ? `Write \`${name}: [${flow(value.value)}]\`.` : undefined;
  };

  const checkChoice = (value: Located, choices: Schema[], name: string, title = name): boolean => {
    const fitting = choices.filter((choice) => hasType(value, choice));
    if (fitting.length === 0) {
      report.error(value, `\`${name}\` must be ${wordsOf(choices)}, not ${kindWord(value)}.`);
      return false;
    }
    if (value.kind === "scalar" && fitting.some((choice) => choice.enum !== undefined)) {
      return checkWord(value, fitting, choices, title);
    }
    if (value.kind !== "object") return check(value, fitting[0]!, name);
    const [chosen, ...others] = fitting.filter((choice) => value.entries.has(choice.required?.[0] ?? ""));
    const other = others.find(({ required }) => !Object.hasOwn(chosen!.properties ?? {}, required![0]!));
    if (other !== undefined && fitting.some((choice) => choice.required?.[0] === "all")) {
      const [one, second] = [chosen!.required![0]!, other.required![0]!];
      const message = `This ${title} has both \`${one}\` and \`${second}\`, and each is one of its own.`;
      report.error(keyPlace(value, second), message, `Write \`{all: [{${one}: …}, {${second}: …}]}\`.`);
      return false;
    }
    if (chosen !== undefined) return check(value, chosen, name);
    if (fitting.length === 1 && fitting[0]!.required === undefined) return check(value, fitting[0]!, name);
    const words = fitting.flatMap((choice) => choice.required?.slice(0, 1) ?? []);
    const bare = choices.flatMap((choice) => choice.enum ?? []).map(String);
    const [key] = value.entries.keys();
    if (key === undefined) {
      report.error(value, `This ${title} is empty; it needs one of: ${words.join(", ")}.`);
    } else if (bare.includes(key)) {
      report.error(keyPlace(value, key), `The ${title} \`${key}\` takes no argument.`, `Write \`${key}\`.`);
    } else {
      report.error(keyPlace(value, key), `Unknown ${title} \`${key}\`.`, suggestion(key, [...words, ...bare]));
    }
    return false;
  };

  const checkWord = (value: Located & { kind: "scalar" }, fitting: Schema[], all: Schema[], title: string): boolean => {
    if (fitting.some((choice) => choice.enum === undefined || choice.enum.includes(value.value))) return true;
    const word = String(value.value);
    const keyed = all.find((choice) => choice.required?.[0] === word);
    if (keyed !== undefined) {
      const example = keyed.examples?.[0];
      const written = example === undefined ? `{${word}: …}` : flow(example);
      report.error(value, `The ${title} \`${word}\` needs an argument.`, `Write it as \`${written}\`.`);
    } else {
      const known = all.flatMap((choice) => choice.enum?.map(String) ?? choice.required?.slice(0, 1) ?? []);
      report.error(value, `Unknown ${title} \`${word}\`.`, suggestion(word, known));
    }
    return false;
  };

  const checkScalar = (value: Located & { kind: "scalar" }, schema: Schema, name: string): boolean => {
    const fault = scalarFault(value.value, schema);
    if (fault === undefined) return true;
    report.error(value, `\`${name}\` must be ${fault}, not \`${value.value}\`.`, wordHint(value.value, schema));
    return false;
  };

  const checkArray = (value: Located & { kind: "array" }, schema: Schema, name: string): boolean => {
    const { items } = value;
    if (items.length < (schema.minItems ?? 0)) {
      report.error(value, `\`${name}\` must hold at least ${schema.minItems === 1 ? "one value" : schema.minItems}.`);
      return false;
    }
    if (items.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
      report.error(
        value,
        `\`${name}\` may hold at most ${schema.maxItems === 1 ? "one value" : `${schema.maxItems} values`}.`,
      );
      return false;
    }
    let sound = schema.uniqueItems !== true || checkUnique(items, name);
    if (schema.items !== undefined) {
      for (const item of items) sound = check(item, schema.items, name) && sound;
    }
    return sound;
  };

  const checkUnique = (items: readonly Located[], name: string): boolean => {
    const seen = new Set<unknown>();
    for (const item of items) {
      if (item.kind !== "scalar") continue;
      if (seen.has(item.value)) {
        report.error(item, `\`${name}\` lists \`${item.value}\` twice.`);
        return false;
      }
      seen.add(item.value);
    }
    return true;
  };

  const checkObject = (value: Located & { kind: "object" }, schema: Schema, name: string): boolean => {
    const properties = schema.properties ?? {};
    const required = schema.required ?? [];
    let sound = true;
    for (const [key, entry] of value.entries) {
      const property = Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties || undefined;
      if (property !== undefined) {
        sound = check(entry.value, property, key) && sound;
      } else if (schema.additionalProperties === false) {
        report.error(entry.key, `Unknown key \`${key}\`.`, suggestion(key, Object.keys(properties)));
        sound = false;
      }
    }
    for (const key of required) {
      if (value.entries.has(key)) continue;
      report.error(value, `\`${key}\` is missing here.`, properties[key]?.description);
      sound = false;
    }
    return sound && checkCount(value, schema, name);
  };

  const checkCount = (value: Located & { kind: "object" }, schema: Schema, name: string): boolean => {
    const optional = Object.keys(schema.properties ?? {}).filter((key) => !schema.required?.includes(key));
    const words = optional.join(", ");
    if (value.entries.size < (schema.minProperties ?? 0)) {
      report.error(value, words === "" ? `\`${name}\` must not be empty.` : `This needs one of: ${words}.`);
      return false;
    }
    if (value.entries.size > (schema.maxProperties ?? Number.POSITIVE_INFINITY)) {
      const extra = [...value.entries.keys()].filter((key) => optional.includes(key))[1]!;
      report.error(keyPlace(value, extra), `This takes only one of: ${words}.`);
      return false;
    }
    return true;
  };

  return check;
}

/** Returns the hint for a word that is not among `words`: the nearest word, or all of them. */
export function suggestion(word: string, words: readonly string[]): string {
  const near = nearestWord(word, words);
  return near === undefined ? `Known: ${words.join(", ")}.` : didYouMean(word, near);
}

function typesOf({ type }: Schema): SchemaType[] {
  return type === undefined ? ["string", "number", "boolean", "array", "object"] : Array.isArray(type) ? type : [type];
}

function hasType(value: Located, schema: Schema): boolean {
  const types = typesOf(schema);
  if (value.kind !== "scalar") return types.includes(value.kind as SchemaType);
  const type = typeof value.value as SchemaType;
  return types.includes(type) || (type === "number" && types.includes("integer") && Number.isInteger(value.value));
}

function scalarFault(value: string | number | boolean, schema: Schema): string | undefined {
  if (schema.const !== undefined && value !== schema.const) return `\`${schema.const}\``;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return oneOf(schema.enum);
  if (typeof value === "string") return value.length < (schema.minLength ?? 0) ? "a text that is not empty" : undefined;
  if (typeof value !== "number") return undefined;
  if (value === schema.not?.const) return `a number other than ${value}`;
  if (value < (schema.minimum ?? value)) return `at least ${schema.minimum}`;
  return value > (schema.maximum ?? value) ? `at most ${schema.maximum}` : undefined;
}

function oneOf(words: readonly (string | number | boolean)[]): string {
  return words.length === 1 ? `\`${words[0]}\`` : `one of: ${words.join(", ")}`;
}

function wordHint(value: string | number | boolean, schema: Schema): string | undefined {
  if (schema.enum === undefined) return undefined;
  const near = nearestWord(String(value), schema.enum.map(String));
  return near === undefined ? schema.description : didYouMean(String(value), near);
}

function enumHint({ enum: known }: Schema): string | undefined {
  return known === undefined ? undefined : `Write ${oneOf(known)}.`;
}

function nullHint(schema: Schema): string {
  // `otherwise` of a lookup: there the word stands for NULL.
  if (schema.description?.includes('`"null"`') === true)
    return 'Write "null" in quotation marks to clear the field, or leave the key out.';
  return schema.enum?.includes("none") || schema.default === undefined
    ? "Leave the key out, or write the value that you mean."
    : `Leave the key out for the default, \`${schema.default}\`.`;
}

function wordsOf(schemas: readonly Schema[]): string {
  const all = [...new Set(schemas.flatMap(typesOf))].map((type) => typeWords[type]);
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}

function kindWord(value: Located): string {
  switch (value.kind) {
    case "scalar":
      return typeof value.value === "string" ? `the text ${shown(value.value)}` : `\`${value.value}\``;
    case "array":
      return "a list";
    case "object":
      return "`key: value` lines";
    case "null":
      return "null";
  }
}
