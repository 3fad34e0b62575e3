import type { Document, LineCounter } from "yaml";
import type { JsonObject } from "../mapping/value.ts";

/** A fault of a document: its position in characters, and a sentence that describes it. */
export interface DocumentFault {
  offset: number;
  message: string;
  hint?: string;
}

/** Levels, above any real config: deeper nesting would exhaust the stack of code that walks it. */
const deepest = 20;

/** Limit on values, above any real config: it stops aliases of aliases from growing without end. */
const mostValues = 2_000;

/**
 * Parses the text of a config, YAML or JSON. Returns the document with its value, or the syntax faults. Messages never
 * quote the text, because it may be a secret.
 */
export async function parseConfig(
  text: string,
  lineCounter: LineCounter,
): Promise<{ faults: DocumentFault[] } | { parsed: Document.Parsed; value: JsonObject }> {
  const { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } = await import("yaml");
  // With `uniqueKeys` the parser compares each key with all before it: a minute for some ten thousand keys.
  const parsed = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  const tooDeep = parsed.errors.find(({ message }) => /call stack/.test(message));
  if (tooDeep !== undefined) {
    return { faults: [{ offset: tooDeep.pos[0], message: `The config is nested deeper than ${deepest} levels.` }] };
  }
  if (parsed.errors.length > 0) {
    const { syntaxFaults } = await import("../mapping/language/syntax-fault.ts");
    return {
      faults: syntaxFaults(text, parsed.errors).map((fault) => ({ ...fault, message: unquoted(fault.message) })),
    };
  }
  if (!isMap(parsed.contents)) {
    const message =
      "The config must be a list of `key: value` lines, such as `company_url: https://acme.pipedrive.com`.";
    return { faults: [{ offset: 0, message }] };
  }

  const { aliasTargets } = await import("../mapping/language/alias-targets.ts");
  let targets: ReturnType<typeof aliasTargets> | undefined;
  let values = 0;
  const open = new Set<unknown>();
  /** Returns the first fault below a node; aliases are followed. */
  const faultBelow = (node: unknown, offset: number): DocumentFault | undefined => {
    if (++values > mostValues) return { offset, message: `The config has more than ${mostValues} values.` };
    if (open.size > deepest) return { offset, message: `The config is nested deeper than ${deepest} levels.` };
    if (isAlias(node)) {
      const place = node.range?.[0] ?? offset;
      targets ??= aliasTargets(parsed);
      const target = targets.get(node);
      if (target === undefined) {
        const message = "`*` begins an alias in YAML, and nothing has this name. Put quotation marks around a text.";
        return { offset: place, message };
      }
      if (open.has(target)) return { offset: place, message: "This alias is inside the value that it repeats." };
      return faultBelow(target, place);
    }
    if (isPair(node)) return faultBelow(node.key, offset) ?? faultBelow(node.value, offset);
    if (!isMap(node) && !isSeq(node)) return undefined;
    open.add(node);
    const keys = new Set<unknown>();
    for (const item of node.items) {
      if (isPair(item) && isScalar(item.key)) {
        const { value: key, range } = item.key;
        if (keys.has(key))
          return { offset: range?.[0] ?? offset, message: "This key is given twice: keep one of the two." };
        keys.add(key);
      }
      const fault = faultBelow(item, node.range?.[0] ?? offset);
      if (fault !== undefined) return fault;
    }
    open.delete(node);
    return undefined;
  };
  const fault = faultBelow(parsed.contents, 0);
  // The walk has already counted the values that aliases expand to.
  return fault === undefined
    ? { parsed, value: parsed.toJS({ maxAliasCount: -1 }) as JsonObject }
    : { faults: [fault] };
}

/** Returns a message without the parser's quotation of the text. */
function unquoted(message: string): string {
  return message.replace(/^(This is not valid YAML: [^:]*): .*$/s, "$1.");
}
