import { nearestWord } from "../text/nearest-word.ts";
import type { PropertySchema } from "./specification.ts";

/**
 * Any character but blanks and the marks of a document's structure, so that a caret still points at the right one. The
 * name of an environment variable is not secret.
 */
const anyValue = /\$\{[A-Za-z_][A-Za-z0-9_]*\}|[^\s{}[\],"']/g;
const asterisks = (part: string) => part.replace(anyValue, (found) => (found.length > 1 ? found : "*"));

/** A key and its separator from the value, as YAML or JSON write them. */
const keyed = /(["'])([A-Za-z_][\w-]*)\1[ \t]*:|([A-Za-z_][\w-]*)[ \t]*:(?=[ \t"'{[]|$)/g;

/** An unknown key: it may be a value that lost its key, so only words match. */
const word = /^[a-z]+([_-][a-z]+){0,5}$/i;

/**
 * Returns the text of a config as an error may quote it, with unchanged lines and columns. Asterisks replace every
 * value except those of the public keys in spec.json. A misspelt key may hold a token too, and a comment an old one.
 */
export function shownConfig(text: string, schema: PropertySchema): string {
  const secret = secretKeys(schema);
  return text
    .split("\n")
    .map((line) => shownLine(line, secret))
    .join("\n");
}

function shownLine(line: string, secret: ReadonlyMap<string, boolean>): string {
  let shown = "";
  let end = 0;
  let show: (part: string) => string = asterisks;
  for (const match of line.matchAll(keyed)) {
    const [key, quote, quoted, bare] = match;
    const name = quoted ?? bare;
    const before = line.slice(0, match.index);
    const startsLine = /^[\s{[,-]*$/.test(before);
    const startsEntry = /[{,]\s*$/.test(before) && (quote !== undefined || before.includes("{"));
    if (!secret.has(name!) && !((startsLine || startsEntry) && name!.length <= 30 && word.test(name!))) continue;
    shown += show(line.slice(end, match.index)) + key;
    end = match.index + key.length;
    show = secret.get(nearestWord(name!, [...secret.keys()]) ?? "") === false ? plain : asterisks;
  }
  return shown + show(line.slice(end));
}

/** Returns a public value without its comment, and without a password or query in it. */
function plain(value: string): string {
  return value
    .replace(/(^|\s)#.*$/, asterisks)
    .replace(/(\/\/)([^/\s]*)(?=@)/g, (_all, slashes: string, user: string) => slashes + asterisks(user))
    .replace(/([?&][^=\s]*=)(\S*)/g, (_all, name: string, query: string) => name + asterisks(query));
}

/** Returns every key of the config, and whether its value is secret anywhere. */
function secretKeys(schema: PropertySchema, found = new Map<string, boolean>()): Map<string, boolean> {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    // A text in place of a group of keys may be the token that belongs to one of them.
    const isGroup = [property.properties, property.items, property.oneOf].some((part) => part !== undefined);
    found.set(key, property.airbyte_secret === true || isGroup || found.get(key) === true);
    secretKeys(property, found);
    if (property.items !== undefined) secretKeys(property.items, found);
  }
  for (const option of schema.oneOf ?? []) secretKeys(option, found);
  return found;
}
