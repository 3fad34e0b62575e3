import { sameLabel } from "../../text/label-text.ts";
import type { ChainStep, NamedThings, Source } from "../evaluate/source.ts";
import { below, keyPlace, type Located } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import type { Outcome } from "../outcome.ts";
import type { StandIn, StandIns } from "../transforms/transform.ts";
import { present } from "../value.ts";
import type { Meaning, NamedThing, WordBinder } from "../word-binder.ts";
import { meaningOf } from "./compile-thing-condition.ts";
import { warnOfMeaning } from "./warn-of-meaning.ts";

/** A chain up to a transform whose argument is a table of words. */
interface ChainSoFar {
  sources: readonly Source[];
  /** The transforms before it. */
  before: readonly ChainStep[];
  words: WordBinder;
}

/** A table of words, bound to the options that they mean. */
export interface BoundTable {
  /** The present texts of renamed options, with the keys that they stand for. */
  standIns: StandIns;
  /** Options that keys mean and the account no longer has, each with its key as the label. */
  gone: readonly NamedThing[];
}

/** A table whose keys are not options. */
export const unbound: BoundTable = { standIns: new Map(), gone: [] };

/**
 * Binds the keys of `lookup` and `replace` to the options with these labels, as the transforms before them write them.
 * A key of a lookup that no option ever had is an error (undefined, reported).
 */
export function standInsOf(item: Located, name: string, chain: ChainSoFar, report: Report): BoundTable | undefined {
  const table = name === "lookup" || name === "replace" ? below(item, name) : undefined;
  const named = chain.sources.flatMap(({ things }) => (things === undefined ? [] : [things]));
  if (table?.kind !== "object" || named.length === 0) return unbound;
  const textOf = through(chain.before);
  // Any key is valid if a text may come from elsewhere too, or if the result of the transforms before is unknown.
  const isComplete =
    name === "lookup" &&
    named.length === chain.sources.length &&
    named.every(({ things }) => things.every(({ label }) => textOf(label) !== undefined)) &&
    chain.before.every(({ step }) => step.fill === undefined);
  const bound: { key: string; meaning: Meaning; named: NamedThings }[] = [];
  let sound = true;
  for (const key of table.entries.keys()) {
    const place = { ...table, ...keyPlace(table, key) };
    const written = { word: key, place };
    const meanings = named.flatMap((domain) => {
      const meaning = bindKey(key, domain, chain, textOf);
      return meaning === undefined ? [] : [{ key, meaning, named: domain }];
    });
    bound.push(...meanings);
    for (const { meaning, named: domain } of meanings) warnOfMeaning(written, meaning, domain, report);
    if (meanings.length > 0 || !isComplete) continue;
    if (chain.before.length === 0) meaningOf(written, named[0]!, chain.words, report);
    else report.error(place, `No ${named[0]!.what} of \`${named[0]!.where}\` becomes \`${key}\` here.`);
    sound = false;
  }
  if (!sound) return undefined;
  return {
    standIns: standInsFor(bound, named, [...table.entries.keys()], textOf),
    gone: bound.flatMap(({ key, meaning }) => meaning.gone.map((thing) => ({ ...thing, label: key }))),
  };
}

function bindKey(
  key: string,
  domain: NamedThings,
  { before, words }: ChainSoFar,
  textOf: (label: string) => string | undefined,
): Meaning | undefined {
  const takes = (label: string) => {
    const text = textOf(label);
    return text !== undefined && sameLabel(text, key);
  };
  const written = [...before.map(({ text }) => text), key].join(" | ");
  const meaning = words.bind(domain, written, takes);
  return meaning === undefined || meaning.several.length > 0 ? undefined : meaning;
}

function standInsFor(
  bound: readonly { key: string; meaning: Meaning; named: NamedThings }[],
  named: readonly NamedThings[],
  keys: readonly string[],
  textOf: (label: string) => string | undefined,
): StandIns {
  const standIns = new Map<string, StandIn>();
  for (const domain of named) {
    for (const thing of domain.things) {
      const text = textOf(thing.label);
      if (text === undefined) continue;
      const key = keyMeaning(thing, domain, bound);
      const standIn = key !== undefined ? { key } : keys.includes(text) ? "other" : undefined;
      if (standIn === undefined) continue;
      const before = standIns.get(text);
      standIns.set(text, before === undefined || sameStandIn(before, standIn) ? standIn : "several");
    }
  }
  for (const [text, standIn] of standIns) {
    if (typeof standIn === "object" && standIn.key === text) standIns.delete(text);
  }
  return standIns;
}

function keyMeaning(
  { id }: NamedThing,
  domain: NamedThings,
  bound: readonly { key: string; meaning: Meaning; named: NamedThings }[],
): string | undefined {
  return bound.find(({ named, meaning }) => named === domain && meaning.ids.has(String(id)))?.key;
}

function sameStandIn(one: StandIn, other: StandIn): boolean {
  return one === other || (typeof one === "object" && typeof other === "object" && one.key === other.key);
}

/**
 * Returns the text that the transforms before make of a label, alone or in a list of one; undefined unless it is a
 * single value.
 */
function through(before: readonly ChainStep[]): (label: string) => string | undefined {
  const run = (value: Outcome): Outcome => {
    let result = value;
    for (const { step } of before) if (result.state === "present") result = step.apply(result);
    return result;
  };
  return (label) => {
    for (const value of [present(label), present([label])]) {
      const result = run(value);
      if (result.state !== "present") continue;
      const [only, ...others] = Array.isArray(result.value) ? result.value : [result.value];
      if (only !== undefined && others.length === 0 && typeof only !== "object") return String(only);
    }
    return undefined;
  };
}
