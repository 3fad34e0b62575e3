import type { AccountCatalog, AccountField } from "../account-catalog.ts";
import type { StreamName } from "../stream-name.ts";
import { kindOfType } from "./field-kind.ts";
import { KnownFields } from "./known-fields.ts";
import { quotedLabel } from "./source-path.ts";

/** What a starter mapping is made for. */
export interface Starter {
  stream: StreamName;
  /** The text of the shipped mapping file, whose comments and order stay. */
  shipped: string;
  catalog: AccountCatalog;
  /** Where the file finds the JSON Schema that editors check it by. */
  schemaPath: string;
}

const example = "\n  # A custom field of Pipedrive, by the label that you see there:";
const longestOptions = 60;

/**
 * A mapping file to start with: the shipped one, with the account's pipelines in a comment and each of its custom
 * fields as lines that map it once their `#` is taken away. Only lines are added; the fields stand at the end, where
 * the list of fields does.
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

/** The custom fields of a stream that a mapping file names neither by label nor by key, not even in a comment. */
export function unnamedFields(stream: StreamName, catalog: AccountCatalog, text: string): string[] {
  const fields = customFields(stream, catalog).filter(({ label, key }) => !text.includes(label) && !text.includes(key));
  return fields.map(({ label }) => label);
}

/** The custom fields of a stream; notes have none. */
export function customFields(stream: StreamName, catalog: AccountCatalog): AccountField[] {
  return stream === "notes" ? [] : catalog.fields[stream].filter(({ custom }) => custom);
}

function pipelinesComment({ pipelines }: AccountCatalog): string {
  return `# The account has: ${pipelines.map(({ id, name }) => `${oneLine(name)} (${id})`).join(", ")}.`;
}

/** Planhat's custom fields that the file maps or proposes already. */
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

/** The parts of which a value is made that no single field of Planhat can hold; one undefined part for all others. */
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

/** What is not seen in the line itself: the label behind a key, and the options. */
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

/** Control characters and marks of direction: YAML takes most of them nowhere, and nobody sees the others. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/** A text as it may stand in a comment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(unseen, "\ufffd").trim();
}

/** A text as YAML reads it back: bare where nothing in it means something to YAML. */
function yamlText(text: string): string {
  const bare = /^\p{L}[\p{L}\p{N} ._()/&+-]*$/u.test(text) && !/\s$|^(?:true|false|null|yes|no|on|off)$/i.test(text);
  return bare ? text : yamlQuoted(text);
}

function yamlQuoted(text: string): string {
  if (!/['\\]/.test(text) && text.search(unseen) === -1) return `'${text}'`;
  return JSON.stringify(text).replace(unseen, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The text that a label is written as, without the quotation marks around it, which YAML takes away. */
function unquoted(yaml: string): string {
  return yaml.slice(1, -1).replaceAll("''", "'");
}
