/** A `pipedrive:` entry, split into its parts: `address.locality` → ["address", "locality"]. */
export type SourcePath = { parts: string[]; quoted: boolean } | { fault: string };

/**
 * Splits a path at its dots. A part with a dot is written `["…"]`, with `\"` for a quotation mark; so is a first part
 * that starts with `$` but is not a computed field. `quoted` is true if the first part was written that way.
 */
export function parseSourcePath(text: string): SourcePath {
  const parts: string[] = [];
  const quoted = text.startsWith('["');
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('["', at)) {
      const match = /^\["((?:[^"\\]|\\.)*)"\]/.exec(text.slice(at));
      if (match === null) return { fault: 'has a `["` without its `"]`' };
      parts.push(match[1]!.replace(/\\(.)/g, "$1"));
      at += match[0].length;
    } else {
      const dot = text.indexOf(".", at);
      const bracket = text.indexOf('["', at);
      const end = Math.min(dot === -1 ? text.length : dot, bracket === -1 ? text.length : bracket);
      parts.push(text.slice(at, end).trim());
      at = end;
    }
    if (text[at] === ".") {
      at++;
      if (at === text.length) return { fault: "ends in a dot" };
    } else if (at < text.length && !text.startsWith('["', at)) {
      return { fault: 'must go on with a dot after `["…"]`' };
    }
  }
  return parts.length === 0 || parts.includes("") ? { fault: "has an empty part" } : { parts, quoted };
}

/** Quotes a label for a mapping file, so that its dots and signs have no other meaning. */
export function quotedLabel(label: string): string {
  return `'["${label.replace(/[\\"]/g, "\\$&").replaceAll("'", "''")}"]'`;
}
