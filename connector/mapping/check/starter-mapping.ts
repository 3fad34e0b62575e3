import type { AccountCatalog, AccountField } from "../../account-catalog.ts";
import { isFieldedStream, type StreamName } from "../../stream-name.ts";
import { kindOfType } from "../evaluate/field-kind.ts";
import { KnownFields } from "../evaluate/known-fields.ts";
import { quotedLabel } from "../language/source-path.ts";

/** The input of a starter mapping. */
export interface Starter {
  stream: StreamName;
  /** The text of the shipped mapping file; its comments and order are preserved. */
  shipped: string;
  catalog: AccountCatalog;
  /** The path, from the file, of the JSON Schema by which editors check it. */
  schemaPath: string;
}

const example = "\n  # A custom field of Pipedrive, by the label that you see there:";
const longestOptions = 60;

/**
 * Writes a mapping file to start with: the shipped one, with the account's pipelines in a comment. Each custom field
 * gets commented lines that map it once their `#` is removed. Lines are only added; the fields come last, because the
 * list of fields stands there.
 */
export function starterMapping({ stream, shipped, catalog, schemaPath }: Starter): string {
  const [text] = shipped.split(example) as [string, ...string[]];
  const head = text
    .trimEnd()
    .replace(/^# yaml-language-server: .*$/m, () => `# yaml-language-server: $schema=${schemaPath}`)
    .replace(/^pipelines:/m, (line) => `${pipelinesComment(catalog)}\n${line}`);
  const lines = customFieldLines(stream, catalog, plannedNames(head));
  if (lines.length === 0) return `${head}\n`;
  // The fields of deals stand in the last entry of `models`.
  const indent = stream === "deals" ? "      " : "  ";
  const introduction = `# The account's custom fields; take away the # in front of the lines of those that you want.`;
  return `${head}\n\n${[introduction, ...lines].map((line) => `${indent}${line}`).join("\n")}\n`;
}

/**
 * Returns the custom fields of a stream that a mapping file names neither by label nor by key, not even in a comment.
 */
export function unnamedFields(stream: StreamName, catalog: AccountCatalog, text: string): string[] {
  const fields = customFields(stream, catalog).filter(({ label, key }) => !text.includes(label) && !text.includes(key));
  return fields.map(({ label }) => label);
}

/** Returns the custom fields of a stream; notes have none. */
export function customFields(stream: StreamName, catalog: AccountCatalog): AccountField[] {
  return isFieldedStream(stream) ? catalog.fields[stream].filter(({ custom }) => custom) : [];
}

function pipelinesComment({ pipelines }: AccountCatalog): string {
  return `# The account has: ${pipelines.map(({ id, name }) => `${oneLine(name)} (${id})`).join(", ")}.`;
}

/** Returns Planhat's custom fields that the file already maps or proposes. */
function plannedNames(text: string): Set<string> {
  return new Set([...text.matchAll(/planhat: custom\.(.+?)\s*(?:#.*)?$/gm)].map(([, name]) => name!));
}

function customFieldLines(stream: StreamName, catalog: AccountCatalog, taken: Set<string>): string[] {
  const known = new KnownFields(stream, catalog);
  return customFields(stream, catalog).flatMap((field) =>
    partsToMap(field).flatMap((part, index) => {
      const target = freeName(index === 0 ? field.label : `${field.label} ${part}`, taken);
      return [
        `# - planhat: ${yamlText(`custom.${target}`)}`,
        `#   pipedrive: ${sourceText(field, part, known)}${remark(field, known)}`,
      ];
    }),
  );
}

/** Returns the parts of a value that no single field of Planhat can hold; one undefined part for all other values. */
function partsToMap({ type }: AccountField): (string | undefined)[] {
  switch (kindOfType(type)) {
    case "money":
      return ["value", "currency"];
    case "range":
      return ["value", "until"];
    case "address":
    case "time":
      return ["value"];
    default:
      return [undefined];
  }
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted} ${number}`;
  taken.add(name);
  return name;
}

function sourceText({ label, key }: AccountField, part: string | undefined, known: KnownFields): string {
  const end = part === undefined ? "" : `.${part}`;
  // Forty digits, or digits around an e, would be a number to YAML.
  if (!namesOnly(label, key, known)) return /^\d+(?:e\d+)?$/.test(key) ? `'${key}${end}'` : `${key}${end}`;
  if (/[.$[\]"\\]|^\s|\s$|[\n\r]/.test(label)) return yamlQuoted(`${unquoted(quotedLabel(label))}${end}`);
  return yamlText(`${label}${end}`);
}

function namesOnly(label: string, key: string, known: KnownFields): boolean {
  const found = known.find(label);
  return found !== undefined && "field" in found && found.field.key === key;
}

/** Returns the details that the line does not show: the label behind a key, and the options. */
function remark({ label, key, options, type }: AccountField, known: KnownFields): string {
  const name = namesOnly(label, key, known) ? [] : [oneLine(label)];
  const labels = (options ?? []).filter(({ gone }) => !gone).map((option) => oneLine(option.label));
  const list = labels.length === 0 ? [] : [`${type === "set" ? "any" : "one"} of: ${cut(labels.join(" | "))}`];
  const words = [...name, ...list];
  return words.length === 0 ? "" : `  # ${words.join("; ")}`;
}

function cut(text: string): string {
  return text.length > longestOptions ? `${text.slice(0, longestOptions - 1)}…` : text;
}

/** Control characters and marks of direction: YAML accepts most of them nowhere, and the others are invisible. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/** Returns a text that fits in a comment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(unseen, "\ufffd").trim();
}

/** Writes a text as YAML: bare if none of it has a meaning in YAML. */
function yamlText(text: string): string {
  const bare = /^\p{L}[\p{L}\p{N} ._()/&+-]*$/u.test(text) && !/\s$|^(?:true|false|null|yes|no|on|off)$/i.test(text);
  return bare ? text : yamlQuoted(text);
}

function yamlQuoted(text: string): string {
  if (!/['\\]/.test(text) && text.search(unseen) === -1) return `'${text}'`;
  return JSON.stringify(text).replace(unseen, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Returns the written label without the quotation marks around it, which YAML removes. */
function unquoted(yaml: string): string {
  return yaml.slice(1, -1).replaceAll("''", "'");
}
