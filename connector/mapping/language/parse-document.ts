import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";
import { aliasTargets } from "./alias-targets.ts";
import type { Located, LocatedEntry, Place } from "./located.ts";
import type { Report } from "./report.ts";
import { syntaxFaults } from "./syntax-fault.ts";

/** Limit on values, above any real mapping: it stops aliases of aliases from growing without end. */
const mostValues = 50_000;

/** Texts without a fault whose values are kept, the latest ones. */
const mostKept = 16;
const kept = new Map<string, Located>();

/**
 * Parses the text of a mapping file into values with places; undefined if it is empty or not YAML. Every syntax fault
 * is reported. So is a key given twice, but the first one still counts, so that the rest is checked.
 *
 * A run checks its mapping before it asks for the account, and again with it, and `serve` for each run: a text without
 * a fault is parsed once. Nobody changes the values.
 */
export function parseMappingDocument(text: string, report: Report): Located | undefined {
  const known = kept.get(text);
  if (known !== undefined) return known;
  let faults = 0;
  const root = parseText(text, {
    error(...fault) {
      faults++;
      report.error(...fault);
    },
    warning(...fault) {
      faults++;
      report.warning(...fault);
    },
  });
  if (root === undefined || faults > 0) return root;
  if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
  kept.set(text, root);
  return root;
}

function parseText(text: string, report: Report): Located | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, version: "1.2" });
  const placeOf = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings];
  for (const { offset, message, hint } of syntaxFaults(text, faults)) report.error(placeOf(offset), message, hint);
  if (faults.length > 0) return undefined;
  if (document.contents === null) {
    report.error({ line: 1, column: 1 }, "The file is empty; it must say which `stream` it maps.");
    return undefined;
  }
  const locator = new Locator(document, placeOf, report);
  const root = locator.locate(document.contents);
  return locator.lost ? undefined : root;
}

class Locator {
  readonly #document: Document.Parsed;
  readonly #placeOf: (offset: number) => Place;
  readonly #report: Report;
  readonly #open = new Set<unknown>();
  #count = 0;
  #targets: ReadonlyMap<Alias, unknown> | undefined;
  /** True if an alias could not be followed, which makes the rest unusable. */
  lost = false;

  constructor(document: Document.Parsed, placeOf: (offset: number) => Place, report: Report) {
    this.#document = document;
    this.#placeOf = placeOf;
    this.#report = report;
  }

  /** Returns the node with its place; undefined if it must not be followed (reported). */
  locate(node: unknown): Located | undefined {
    const place = this.#place(node);
    if (++this.#count > mostValues) {
      if (this.#count === mostValues + 1) {
        this.lost = true;
        this.#report.error(place, `The file has more than ${mostValues} values, aliases (*name) followed.`);
      }
      return undefined;
    }
    if (isAlias(node)) {
      this.#targets ??= aliasTargets(this.#document);
      return this.#follow(this.#targets.get(node), place, node.source);
    }
    if (isScalar(node)) return this.#scalar(node.value, place);
    if (!isMap(node) && !isSeq(node)) return { ...place, kind: "null" };
    this.#open.add(node);
    const located: Located = isMap(node)
      ? { ...place, kind: "object", entries: this.#entries(node.items) }
      : { ...place, kind: "array", items: node.items.flatMap((item) => this.locate(item) ?? []) };
    this.#open.delete(node);
    return located;
  }

  #follow(target: unknown, place: Place, name: string): Located | undefined {
    if (target !== undefined && !this.#open.has(target)) return this.locate(target);
    this.lost = true;
    if (target !== undefined) this.#report.error(place, `The alias *${name} is inside the value that it repeats.`);
    else {
      const message = `*${name} is an alias in YAML, and nothing has this name.`;
      this.#report.error(place, message, "Put quotation marks around a text that begins with *.");
    }
    return undefined;
  }

  #scalar(value: unknown, place: Place): Located {
    if (value === null || value === undefined) return { ...place, kind: "null" };
    if (typeof value === "number" && !Number.isFinite(value)) {
      this.#report.error(place, "A number must be finite; `.inf` and `.nan` are not.");
      return { ...place, kind: "scalar", value: 0 };
    }
    return { ...place, kind: "scalar", value: value as string | number | boolean };
  }

  #entries(items: readonly unknown[]): Map<string, LocatedEntry> {
    const entries = new Map<string, LocatedEntry>();
    for (const item of items) {
      if (!isPair(item)) continue;
      const key = this.#place(item.key);
      if (!isScalar(item.key) || item.key.value === null) {
        this.#report.error(key, "A key must be a word.");
        continue;
      }
      const name = String(item.key.value);
      const first = entries.get(name)?.key;
      if (first !== undefined) {
        const message = `The key \`${name}\` is given twice here, first in line ${first.line}.`;
        this.#report.error(key, message, "Keep one of the two.");
        continue;
      }
      const value = item.value === null ? ({ ...key, kind: "null" } as const) : this.locate(item.value);
      if (value !== undefined) entries.set(name, { key, value });
    }
    return entries;
  }

  #place(node: unknown): Place {
    return this.#placeOf((node as Node | null)?.range?.[0] ?? 0);
  }
}
