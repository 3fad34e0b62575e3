import type { BoundWord } from "../account-catalog.ts";

/** Something of the account that people give a label: a field, an option, a stage, a pipeline. */
export interface NamedThing {
  id: number | string;
  label: string;
  /** The labels that it bore before, the oldest first. */
  former?: readonly string[];
  /** True when the account no longer has it. */
  gone?: boolean;
  /** When a run saw first that it is gone, RFC 3339; absent where nobody knows. */
  goneSince?: string;
}

/** Of what kind the things are that a word may mean, and which newcomers share a word that others have. */
export interface WordDomain {
  /** Where the word is kept under: the things of one field, all pipelines … */
  of: string;
  /** What each is, as a word: `option`. */
  what: string;
  /** Where they are looked for, as people say it: `Deal type`; undefined for the account as a whole. */
  where: string | undefined;
  things: readonly NamedThing[];
  /**
   * Whether something new that bears the word is meant too: beside what bears it still, instead of what is gone, or
   * whatever became of the others, as with a pattern, which no single thing bears.
   */
  newcomers: { beside: boolean; instead: boolean; always?: boolean };
}

/** What a word of a mapping file means. */
export interface Meaning {
  ids: ReadonlySet<string>;
  /** Things that it means and that bear another label now. */
  renamed: NamedThing[];
  /** Things that it means and that the account no longer has. */
  gone: NamedThing[];
  /** Things that bear the word now and are not meant, until somebody agrees. */
  passedTo: NamedThing[];
  /** Things that bore it once, where nothing does now and nobody knows which of them is meant. */
  several: NamedThing[];
}

/** A word that other things bear now than it means. */
export interface PassedWord extends Pick<WordDomain, "of" | "what" | "where"> {
  word: string;
  /** What it means until somebody agrees, and what bears it now. */
  means: NamedThing[];
  bears: NamedThing[];
}

/**
 * Binds the words of a mapping to what bears them in the account, or bore them when it was last seen. What a word meant
 * it means on, whatever is renamed, deleted or made anew since; where it has passed to something else, until somebody
 * agrees.
 */
export class WordBinder {
  readonly #kept = new Map<string, BoundWord>();
  readonly #bound = new Map<string, BoundWord>();
  readonly #turned = new Map<string, BoundWord>();
  readonly #passed = new Map<string, PassedWord>();
  readonly #agrees: (passed: PassedWord) => boolean;

  /** `agrees` says of a word that passed to something else whether it means that from now on. */
  constructor(kept: readonly BoundWord[] = [], agrees: (passed: PassedWord) => boolean = () => false) {
    for (const word of kept) this.#kept.set(keyOf(word.of, word.word), word);
    this.#agrees = agrees;
  }

  /** True when the word meant this thing in an earlier run. */
  meant(of: string, word: string, id: number | string): boolean {
    return this.#kept.get(keyOf(of, word))?.ids.some((kept) => String(kept) === String(id)) === true;
  }

  /** What a word means, `matches` saying which labels bear it; undefined when nothing bears it or ever bore it. */
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
      // What was made anew under the same label takes the place of what is gone.
      gone: living.some(({ label }) => matches(label)) ? [] : meant.filter((thing) => thing.gone === true),
      passedTo: isTurned ? [] : passedTo,
      several: [],
    };
  }

  /** Every word that was bound, to be kept for later runs. */
  bound(): BoundWord[] {
    return [...this.#bound.values()];
  }

  /**
   * The words that passed from one thing to another: those that wait for consent, or that this binder was told to turn.
   */
  passed(): PassedWord[] {
    return [...this.#passed.values()];
  }

  /** The words that mean something else than they would to somebody who writes them today. */
  turned(): BoundWord[] {
    return [...this.#turned.values()];
  }
}

const nothing: Meaning = { ids: new Set(), renamed: [], gone: [], passedTo: [], several: [] };

function keyOf(of: string, word: string): string {
  return `${of}\n${word}`;
}

/** What a word means that nobody wrote before: what bears it, else the one thing that bore it last. */
function meaningNow({ things, newcomers }: WordDomain, matches: (label: string) => boolean): NamedThing[] {
  const bearing = things.filter(({ label }) => matches(label));
  const living = bearing.filter(({ gone }) => gone !== true);
  // An option made anew stands for the one that is gone; a field made anew is another field.
  if (living.length > 0) return newcomers.instead ? bearing : living;
  if (bearing.length > 0) return bearing;
  const once = bearersOnce(things, matches);
  return once.length === 1 ? once : [];
}

function bearersOnce(things: readonly NamedThing[], matches: (label: string) => boolean): NamedThing[] {
  return things.filter(({ former }) => former?.some(matches) === true);
}

/** What a word goes on meaning: what it meant, and what is new and bears it, where its domain lets that in. */
function joined(domain: WordDomain, kept: NamedThing[], matches: (label: string) => boolean): NamedThing[] {
  const others = newBearers(domain.things, kept, matches);
  const passed = passedAmong(domain, kept, matches);
  // What is gone stands for what took its place where that is so the other way about: an option, and never a field.
  const mayJoin = ({ gone }: NamedThing) => gone !== true || domain.newcomers.instead;
  return [...kept, ...others.filter((thing) => !passed.includes(thing) && mayJoin(thing))];
}

/**
 * Of what bears the word and did not, what must wait for consent: it was something else before, or the word is in use.
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
