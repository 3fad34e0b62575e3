import { type Alias, type Document, isAlias, visit } from "yaml";

/**
 * Returns what each alias of a document repeats: the last value before it with its name; an alias that names nothing is
 * missing. One walk finds them all, where `Alias.resolve` of yaml walks the document anew for each.
 */
export function aliasTargets(document: Document.Parsed): ReadonlyMap<Alias, unknown> {
  const named = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        if (named.has(node.source)) targets.set(node, named.get(node.source));
      } else if ("anchor" in node && node.anchor !== undefined) named.set(node.anchor, node);
    },
  });
  return targets;
}
