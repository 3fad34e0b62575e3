import type { Json } from "../mapping/value.ts";

/** A `${NAME}` whose environment variable is not set, and its place in the document. */
export interface UnsetVariable {
  name: string;
  path: (string | number)[];
}

/**
 * Returns a copy of `document` in which `${NAME}` within every string is replaced by the environment variable NAME
 * (contract, section 3). Unset ones are reported and left unchanged. `$${` stands for a plain `${`.
 */
export function replaceVariables(
  document: Json,
  environment: Readonly<Record<string, string | undefined>>,
): { document: Json; unset: UnsetVariable[] } {
  const unset: UnsetVariable[] = [];
  const replace = (value: Json, path: (string | number)[]): Json => {
    if (typeof value === "string") {
      return value.replace(/\$?\$\{([^}]*)\}/g, (text, name: string) => {
        if (text.startsWith("$$")) return text.slice(1);
        // Every object has `constructor` and the like, which are not variables.
        const replacement = Object.hasOwn(environment, name) ? environment[name] : undefined;
        if (replacement !== undefined) return replacement;
        unset.push({ name, path });
        return text;
      });
    }
    if (Array.isArray(value)) return value.map((element, index) => replace(element, [...path, index]));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, replace(element, [...path, key])]));
  };
  return { document: replace(document, []), unset };
}
