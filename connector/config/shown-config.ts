import { nearestWord } from "../nearest-word.ts";
import type { PropertySchema } from "./specification.ts";

/**
 * Everything but blanks and what gives a document its shape, so that a caret still points at the right character. The
 * name of an environment variable is no secret.
 */
const anyValue = /\$\{[A-Z_][A-Z0-9_]*\}|[^\s{}[\],"']/g;
const asterisks = (part: string) => part.replace(anyValue, (found) => (found.length > 1 ? found : "*"));

/** A key and what separates it from its value, as YAML or JSON write it. */
const keyed = /(["'])([A-Za-z_][\w-]*)\1[ \t]*:|([A-Za-z_][\w-]*)[ \t]*:(?=[ \t"'{[]|$)/g;

/** A key that nobody knows may be a value that lost its key: only what looks like a word is taken for one. */
const word = /^[a-z]+([_-][a-z]+){0,5}$/i;

/**
 * The text of a config as an error may quote it: of the same lines and columns, with asterisks for every value but
 * those of the keys in spec.json that are no secret. A key that is misspelled may hold a token too, a comment an old one.
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

/** A value that is no secret, without the comment, the password or the query that may stand with it. */
function plain(value: string): string {
  return value
    .replace(/(^|\s)#.*$/, asterisks)
    .replace(/(\/\/)([^/\s]*)(?=@)/g, (_all, slashes: string, user: string) => slashes + asterisks(user))
    .replace(/([?&][^=\s]*=)(\S*)/g, (_all, name: string, query: string) => name + asterisks(query));
}

/** Every key of the config, and whether its value is a secret anywhere. */
function secretKeys(schema: PropertySchema, found = new Map<string, boolean>()): Map<string, boolean> {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    // A text where a group of keys belongs may be the token that one of them holds.
    const isGroup = property.properties !== undefined || property.oneOf !== undefined;
    found.set(key, property.airbyte_secret === true || isGroup || found.get(key) === true);
    secretKeys(property, found);
  }
  for (const option of schema.oneOf ?? []) secretKeys(option, found);
  return found;
}
