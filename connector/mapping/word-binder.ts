import type { BoundWord } from "../account-catalog.ts";

/** A labelled thing of the account: a field, an option, a stage, a pipeline. */
export interface NamedThing {
  id: number | string;
  label: string;
  /** Its earlier labels, oldest first. */
  former?: readonly string[];
  /** True if the account no longer has it. */
  gone?: boolean;
  /** The time when a run first saw that it is gone, RFC 3339; absent if unknown. */
  goneSince?: string;
}

/** The kind of things that a word may mean, and the newcomers that share a word with others. */
export interface WordDomain {
  /** The name under which the word is saved: the things of one field, all pipelines … */
  of: string;
  /** The noun for each of them: `option`. */
  what: string;
  /** The place where they are looked up, for messages: `Deal type`; undefined for the account as a whole. */
  where: string | undefined;
  things: readonly NamedThing[];
  /**
   * The cases in which a new thing with the word is meant too. `beside`: while another still has the word. `instead`:
   * after the other is gone. `always`: in any case, as for a pattern, which no single thing owns.
   */
  newcomers: { beside: boolean; instead: boolean; always?: boolean };
}

/** The meaning of a word of a mapping file. */
export interface Meaning {
  ids: ReadonlySet<string>;
  /** Things that it means and that have another label now. */
  renamed: NamedThing[];
  /** Things that it means and that the account no longer has. */
  gone: NamedThing[];
  /** Things that have the word now but are not meant until the user agrees. */
  passedTo: NamedThing[];
  /** Things that once had it, if none has it now and it is unknown which one is meant. */
  several: NamedThing[];
}

/** A word whose present things differ from those it means. */
export interface PassedWord extends Pick<WordDomain, "of" | "what" | "where"> {
  word: string;
  /** The things it means until the user agrees, and the things that have it now. */
  means: NamedThing[];
  bears: NamedThing[];
}

/**
 * Binds the words of a mapping to the things with that label in the account, or to their last owners. A word keeps its
 * meaning through renames, deletions and re-creations. If it passed to another thing, it keeps its meaning until the
 * user agrees.
 */
export class WordBinder {
  readonly #kept = new Map<string, BoundWord>();
  readonly #bound = new Map<string, BoundWord>();
  readonly #turned = new Map<string, BoundWord>();
  readonly #passed = new Map<string, PassedWord>();
  readonly #agrees: (passed: PassedWord) => boolean;

  /** `agrees` returns true if a word that passed to another thing means that thing from now on. */
  constructor(kept: readonly BoundWord[] = [], agrees: (passed: PassedWord) => boolean = () => false) {
    for (const word of kept) this.#kept.set(keyOf(word.of, word.word), word);
    this.#agrees = agrees;
  }

  /** Returns true if the word meant this thing in an earlier run. */
  meant(of: string, word: string, id: number | string): boolean {
    return this.#kept.get(keyOf(of, word))?.ids.some((kept) => String(kept) === String(id)) === true;
  }

  /** Returns the meaning of a word; `matches` tests labels for it. Undefined if no thing has or ever had the word. */
  bind(domain: WordDomain, word: string, matches: (label: string) => boolean): Meaning | undefined {
    const { of, what, where, things } = domain;
    const kept = things.filter(({ id }) => this.meant(of, word, id));
    const fresh = meaningNow(domain, matches);
    const passedTo = kept.length === 0 ? [] : passedAmong(domain, kept, matches);
    const passed = passedTo.length === 0 ? undefined : { of, what, where, word, means: kept, bears: passedTo };
    const isTurned = passed !== undefined && this.#agrees(passed);
    const meant = kept.length === 0 || isTurned ? fresh : joined(domain, kept, matches);
    if (meant.length === 0) {
      const several = bearersOnce(things, matches);
      return several.length === 0 ? undefined : { ...nothing, several };
    }
    const ids = meant.map(({ id }) => id);
    const bound = { of, word, ids };
    this.#bound.set(keyOf(of, word), bound);
    if (!sameThings(meant, fresh)) this.#turned.set(keyOf(of, word), bound);
    if (passed !== undefined) this.#passed.set(keyOf(of, word), passed);
    const living = meant.filter((thing) => thing.gone !== true);
    return {
      ids: new Set(ids.map(String)),
      renamed: living.filter(({ label }) => !matches(label)),
      // A thing re-created under the same label replaces the deleted one.
      gone: living.some(({ label }) => matches(label)) ? [] : meant.filter((thing) => thing.gone === true),
      passedTo: isTurned ? [] : passedTo,
      several: [],
    };
  }

  /** Returns every bound word, to be saved for later runs. */
  bound(): BoundWord[] {
    return [...this.#bound.values()];
  }

  /** Returns the words that passed from one thing to another: waiting for consent, or agreed to in this run. */
  passed(): PassedWord[] {
    return [...this.#passed.values()];
  }

  /** Returns the words whose meaning differs from the one they would get if written today. */
  turned(): BoundWord[] {
    return [...this.#turned.values()];
  }
}

const nothing: Meaning = { ids: new Set(), renamed: [], gone: [], passedTo: [], several: [] };

function keyOf(of: string, word: string): string {
  return `${of}\n${word}`;
}

/** Returns the meaning of a word that is new in the mapping: the things that have it, else the one that had it last. */
function meaningNow({ things, newcomers }: WordDomain, matches: (label: string) => boolean): NamedThing[] {
  const bearing = things.filter(({ label }) => matches(label));
  const living = bearing.filter(({ gone }) => gone !== true);
  // A re-created option stands for the deleted one; a re-created field is another field.
  if (living.length > 0) return newcomers.instead ? bearing : living;
  if (bearing.length > 0) return bearing;
  const once = bearersOnce(things, matches);
  return once.length === 1 ? once : [];
}

function bearersOnce(things: readonly NamedThing[], matches: (label: string) => boolean): NamedThing[] {
  return things.filter(({ former }) => former?.some(matches) === true);
}

/** Returns the lasting meaning of a word: its earlier things, and new ones with the word if the domain admits them. */
function joined(domain: WordDomain, kept: NamedThing[], matches: (label: string) => boolean): NamedThing[] {
  const others = newBearers(domain.things, kept, matches);
  const passed = passedAmong(domain, kept, matches);
  // A deleted thing joins only if a new one may replace it in this domain: an option, never a field.
  const mayJoin = ({ gone }: NamedThing) => gone !== true || domain.newcomers.instead;
  return [...kept, ...others.filter((thing) => !passed.includes(thing) && mayJoin(thing))];
}

/**
 * Returns the new things with the word that must wait for consent: they were something else before, or the word is in
 * use.
 */
function passedAmong(
  { things, newcomers }: WordDomain,
  kept: readonly NamedThing[],
  matches: (label: string) => boolean,
): NamedThing[] {
  const living = kept.filter(({ gone }) => gone !== true);
  const mayJoin =
    newcomers.always === true ||
    (living.length === 0 ? newcomers.instead : newcomers.beside && living.some(({ label }) => matches(label)));
  return newBearers(things, kept, matches).filter(({ former, gone }) => {
    return gone !== true && (!mayJoin || former !== undefined);
  });
}

function newBearers(
  things: readonly NamedThing[],
  kept: readonly NamedThing[],
  matches: (label: string) => boolean,
): NamedThing[] {
  return things.filter((thing) => matches(thing.label) && !kept.includes(thing));
}

function sameThings(one: readonly NamedThing[], other: readonly NamedThing[]): boolean {
  return one.length === other.length && one.every((thing) => other.includes(thing));
}
