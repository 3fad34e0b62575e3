import { isFieldedStream, type StreamName } from "../../stream-name.ts";
import { withUnseen } from "../../text/label-text.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import { embeddedNames } from "../evaluate/embedded-names.ts";
import { partsOf } from "../evaluate/field-kind.ts";
import type { KnownField } from "../evaluate/known-fields.ts";
import { fieldReader, optionIdsReader } from "../evaluate/read-field.ts";
import type { NamedThings, SendTarget, Source, SourceScope } from "../evaluate/source.ts";
import type { Place } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { quotedLabel } from "../language/source-path.ts";
import { rejected } from "../outcome.ts";
import { warnOfMeaning } from "./warn-of-meaning.ts";

const customKey = /^[0-9a-f]{40}$/;

/** A field as a mapping file names it. */
export interface WrittenField {
  text: string;
  stream: StreamName;
  /** The name and the parts after it. */
  parts: readonly string[];
  place: Place;
}

/** Resolves a label given literally: its dots do not make a path. */
export function resolveLabel(label: string, place: Place, scope: SourceScope, report: Report): Source | undefined {
  const text = quotedLabel(label).slice(1, -1);
  return resolveField({ text, stream: scope.stream, parts: [label], place }, scope, report);
}

/** Resolves a field of a stream and the parts below it. */
export function resolveField(written: WrittenField, scope: SourceScope, report: Report): Source | undefined {
  const { text, stream, place } = written;
  const [name = "", ...path] = written.parts;
  const found = scope.fieldsOf(stream).find(name, scope.words);
  if (found === undefined) return unknownField(written, scope, report);
  if ("several" in found) {
    report.error(place, sharedLabel(name, stream, found.several), "Write the key of the one that you mean.");
    return undefined;
  }
  const { field, meaning } = found;
  if (meaning !== undefined) warnOfMeaning({ word: name, place }, meaning, { what: "field", where: stream }, report);
  if (!checkParts(written, field, report)) return undefined;
  const target = field.gone === true ? undefined : targetOf(field, path);
  const things = path.length === 0 ? optionsOf(stream, field) : undefined;
  const names = stream === "notes" ? embeddedNames(field.key, scope.catalog) : undefined;
  const shows =
    things === undefined ? names?.shows : { stream, key: field.key, custom: field.custom, names: "options" as const };
  const read = fieldReader(field, path);
  return {
    text,
    reads: [...(names?.reads ?? []), { stream, key: field.key, custom: field.custom }],
    // The street is composed of its name and number; without a name it is empty.
    ...(path[0] === undefined ? {} : { part: path[0] === "street" ? "route" : path[0] }),
    kind: path.length === 0 ? field.kind : "plain",
    ...(field.type === undefined ? {} : { type: field.type }),
    ...(field.options === undefined ? {} : { options: field.options }),
    ...(things === undefined ? {} : { things }),
    ...(shows === undefined ? {} : { shows }),
    ...(field.gone === true ? { gone: true } : {}),
    ...(target === undefined ? {} : { target }),
    read: names === undefined ? read : (record, context) => read(names.renew(record, context)),
  };
}

/** Returns the options of a field as named things; undefined if it has none or they are unknown. */
export function optionsOf(stream: StreamName, field: KnownField): NamedThings | undefined {
  const { key, kind, label, options } = field;
  if ((kind !== "option" && kind !== "options") || options === undefined) return undefined;
  return {
    of: `options of ${stream} ${key}`,
    what: "option",
    where: label ?? key,
    things: options,
    ...(kind === "options" ? { several: true as const } : {}),
    newcomers: { beside: true, instead: true },
    readIds: optionIdsReader(field),
  };
}

/** Describes fields that share a label; invisible differences between the labels are spelled out. */
function sharedLabel(name: string, stream: StreamName, fields: readonly KnownField[]): string {
  const labels = new Set(fields.map(({ label }) => label));
  const listed = fields.map(({ key, label }) => (labels.size === 1 ? key : `${key} (\`${withUnseen(label ?? "")}\`)`));
  return `The label \`${name}\` belongs to ${fields.length} fields of ${stream}: ${listed.join(" and ")}.`;
}

function checkParts({ text, parts: [, ...path], place }: WrittenField, { kind }: KnownField, report: Report): boolean {
  const parts = partsOf[kind];
  if (path.length === 0 || parts === undefined) return true;
  if (parts.length === 0) {
    report.error(place, `\`${text}\` names a part of a field that has no parts.`, `Write \`${text.split(".")[0]}\`.`);
    return false;
  }
  if (parts.includes(path[0]!) && path.length === 1) return true;
  const near = path.length === 1 ? nearestWord(path[0]!, parts) : undefined;
  report.error(
    place,
    `\`${text}\` names an unknown part of the field.`,
    near === undefined ? `It has: ${parts.join(", ")}.` : didYouMean(path[0]!, near),
  );
  return false;
}

/** Returns the target of a write. Contact lists and the street, which is composed of two parts, are read-only. */
function targetOf(field: KnownField, path: readonly string[]): SendTarget | undefined {
  const { key, custom, kind, writable, options } = field;
  const [part] = path;
  if (!writable || kind === "contacts" || part === "street" || part === "formatted_address") return undefined;
  return {
    key,
    custom,
    kind,
    ...(part === undefined ? {} : { part }),
    ...(options === undefined ? {} : { options }),
  };
}

function unknownField(
  { text, stream, parts: [name = "", ...path], place }: WrittenField,
  scope: SourceScope,
  report: Report,
): Source | undefined {
  if (scope.catalog === undefined && isFieldedStream(stream)) return unchecked(text, stream, name, path);
  const what = customKey.test(name)
    ? `No custom field of ${stream} has the key \`${name}\`.`
    : `${stream} have no field \`${name}\`.`;
  report.error(place, what, labelHint(text, scope, stream) ?? nearHint(name, scope, stream));
  return undefined;
}

/**
 * Returns a source without a check. Without the account only a key can be read; a label is rejected for every record.
 */
function unchecked(text: string, stream: StreamName, name: string, path: readonly string[]): Source {
  const isKey = customKey.test(name);
  const field: KnownField = { key: name, custom: true, kind: "any", writable: true };
  return {
    text,
    reads: isKey ? [{ stream, key: name, custom: true }] : [],
    kind: "any",
    target: { key: name, custom: true, kind: "any" },
    read: isKey
      ? fieldReader(field, path)
      : () => rejected(`${name} cannot be found, because the account's fields are not known`),
  };
}

/** Returns the hint that a wrong name may be a label, where one has it. */
export function labelHint(text: string, scope: SourceScope, stream: StreamName): string | undefined {
  return scope.fieldsOf(stream).hasLabel(text)
    ? `A label with a dot, or one that starts with $, is written ${quotedLabel(text)}.`
    : undefined;
}

function nearHint(name: string, scope: SourceScope, stream: StreamName): string {
  const near = nearestWord(name, scope.fieldsOf(stream).names());
  return near === undefined
    ? "Name a field by its label in Pipedrive or by its key."
    : didYouMean(name, near, near.includes(".") || near.startsWith("$") ? quotedLabel(near) : `\`${near}\``);
}
