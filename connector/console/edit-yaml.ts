import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type ToStringOptions,
  visit,
  type YAMLSeq,
} from "yaml";
import { Failure } from "../failure.ts";
import type { Json } from "../mapping/value.ts";

/** A change of one value in a YAML document. */
export interface YamlEdit {
  /** The keys and places to the value; `-` at the end appends to a list, `+` puts the value first. */
  path: (string | number)[];
  /** The new value; absent: the value is removed. */
  value?: Json;
}

/** The ways in which people lay YAML out; the one that a file follows is kept. */
const layouts: ToStringOptions[] = [false, true].flatMap((flowCollectionPadding) =>
  [true, false].map((indentSeq) => ({ lineWidth: 0, flowCollectionPadding, indentSeq })),
);

/**
 * Changes values in the text of a YAML document. Comments, the order and every line that is not concerned stay as they
 * are. Throws a Failure of kind `usage` for a text that is no YAML, and for a path that leads nowhere.
 */
export function editYaml(file: string, text: string, edits: readonly YamlEdit[]): string {
  const document = parsed(file, text);
  const layout = layoutOf(document, text);
  const before = document.toString(layout);
  for (const edit of edits) apply(file, document, edit);
  return inOwnWords(text, before, document.toString(layout));
}

function parsed(file: string, text: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error === undefined) return document as Document;
  throw new Failure("usage", `${file} is no valid YAML, so no single value of it can be changed: ${error.message}`, {
    hint: "Mend it as text first, on the page of the mapping.",
  });
}

function apply(file: string, document: Document, { path, value }: YamlEdit): void {
  const isAdded = path.at(-1) === "-" || path.at(-1) === "+";
  const place = isAdded ? path.slice(0, -1) : path;
  try {
    if (value === undefined) {
      if (!document.deleteIn(path)) throw new Error("there is nothing");
      return;
    }
    const before = document.getIn(place, true);
    if (isAdded && isSeq(before)) add(before, nodeOf(document, value, undefined), path.at(-1) === "+");
    else if (isAdded) document.setIn(place, nodeOf(document, [value], place.at(-1)));
    else if (isScalar(before) && (typeof value !== "object" || value === null)) before.value = value;
    else {
      const node = nodeOf(document, value, place.at(-1));
      // The new value is laid out as the old one was.
      if (isCollection(before) && isCollection(node) && before.flow !== undefined) node.flow = before.flow;
      if (isNode(before)) Object.assign(node, { comment: before.comment, commentBefore: before.commentBefore });
      document.setIn(place, node);
    }
  } catch (error) {
    throw new Failure("usage", `${file} cannot be changed at ${path.join(".")}: ${(error as Error).message}.`);
  }
}

/** Adds an item to a list. A comment above the first item stays with it when another goes before. */
function add(list: YAMLSeq, item: Node, isFirst: boolean): void {
  const [first] = list.items;
  if (isFirst && isNode(first) && list.flow !== true) {
    first.commentBefore = list.commentBefore ?? null;
    list.commentBefore = null;
  }
  if (isFirst) list.items.unshift(item);
  else list.add(item);
}

/** The keys whose values people write on one line. */
const onOneLine = new Set(["when", "transform", "pipedrive", "pipelines", "statuses", "start_date", "line_item"]);

/** Makes a node as a person would type it: lists of words, conditions and transforms on one line. */
function nodeOf(document: Document, value: Json, key: string | number | undefined) {
  const node = document.createNode(value);
  if (isCollection(node) && onOneLine.has(String(key))) node.flow = true;
  visit(node, {
    Seq(_key, sequence) {
      if (sequence.items.every((item) => isScalar(item))) sequence.flow = true;
    },
    Pair(_key, pair) {
      if (isPair(pair) && isScalar(pair.key) && onOneLine.has(String(pair.key.value)) && isCollection(pair.value))
        pair.value.flow = true;
    },
    Map(_key, map, path) {
      const parent = path.at(-1);
      if (isMap(map) && isSeq(parent) && parent.flow === true) map.flow = true;
    },
  });
  return node;
}

/** Returns the layout in which the document comes out nearest to its own text. */
function layoutOf(document: Document, text: string): ToStringOptions {
  const own = text.split("\n");
  const distance = (layout: ToStringOptions) => {
    const lines = new Set(document.toString(layout).split("\n"));
    return own.filter((line) => !lines.has(line)).length;
  };
  return layouts.toSorted((one, other) => distance(one) - distance(other))[0]!;
}

/** A line with the blank ones before it. */
interface Line {
  text: string;
  blanks: string[];
}

/**
 * Returns the changed text with every unchanged line as its file had it, where the serializer would write another.
 * `before` is the unchanged document as the serializer writes it: line for line the file, but for blanks.
 */
function inOwnWords(text: string, before: string, after: string): string {
  const [own, old, now] = [linesOf(text), linesOf(before), linesOf(after)] as const;
  if (own.lines.length !== old.lines.length) return after;
  const common = commonLines(
    old.lines.map((line) => line.text),
    now.lines.map((line) => line.text),
  );
  const stays = new Set(common.values());
  const gone = own.lines.filter((_line, at) => !stays.has(at)).map((line) => line.text);
  const shown = now.lines.flatMap((line, at) => {
    if (!common.has(at)) return [...line.blanks, withCommentInPlace(line.text, gone)];
    const kept = own.lines[common.get(at)!]!;
    return [...kept.blanks, kept.text];
  });
  return [...shown, ...own.end].join("\n");
}

/** Returns a changed line with its comment in the column where one of the lines that it replaces had it, if it fits. */
function withCommentInPlace(line: string, gone: readonly string[]): string {
  const [, content, comment] = /^(.*\S) (#.*)$/.exec(line) ?? [];
  if (content === undefined || comment === undefined) return line;
  const before = gone.find((one) => one.endsWith(`  ${comment}`));
  return before === undefined ? line : `${content.padEnd(before.length - comment.length - 1)} ${comment}`;
}

function linesOf(text: string): { lines: Line[]; end: string[] } {
  const lines: Line[] = [];
  let blanks: string[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") blanks.push(line);
    else {
      lines.push({ text: line, blanks });
      blanks = [];
    }
  }
  return { lines, end: blanks };
}

/** Returns the lines of the second text that the first has too, in order, with their place there. */
function commonLines(one: readonly string[], other: readonly string[]): Map<number, number> {
  const longest = Array.from({ length: one.length + 1 }, () => new Uint32Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--)
      longest[i]![j] =
        one[i] === other[j] ? longest[i + 1]![j + 1]! + 1 : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
  const common = new Map<number, number>();
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) common.set(j++, i++);
    else if (longest[i + 1]![j]! >= longest[i]![j + 1]!) i++;
    else j++;
  }
  return common;
}
