import { type Alias, type Document, isAlias, visit } from "yaml";

/**
 * Returns the value that each alias of a document repeats: the last one before it with that name. An alias of an
 * unknown name is missing. One walk finds all of them; `Alias.resolve` of yaml walks the document once per alias.
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
