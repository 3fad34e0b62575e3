import { sameLabel } from "../../text/label-text.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import { type Condition, onField, onSource, word } from "../evaluate/condition.ts";
import type { NamedId } from "../evaluate/read-options.ts";
import type { NamedThings, Source } from "../evaluate/source.ts";
import { type ThingSource, takenAway } from "../evaluate/taken-away.ts";
import { type Located, listOf, plain } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { type Rejected, rejected, shown } from "../outcome.ts";
import type { Meaning, WordBinder } from "../word-binder.ts";
import { type WrittenWord, warnOfMeaning } from "./warn-of-meaning.ts";

/** A test of labels in a condition: the word under which its meaning is saved, and the labels it accepts. */
interface LabelTest {
  word: string;
  meaning: Meaning;
  takes(label: string): boolean;
}

/**
 * Compiles `is`, `in` and `not` on options, stages or pipelines. They compare the meaning of the words, so a rename
 * changes nothing.
 */
export function onNamedThings(
  operand: Located,
  source: ThingSource,
  words: WordBinder,
  report: Report,
): Condition | undefined {
  const tests = listOf(operand).map((item) => {
    const written = word(plain(item));
    const meaning = meaningOf({ word: written, place: item }, source.things, words, report);
    return meaning === undefined ? undefined : { word: written, meaning, takes: takesWord(written) };
  });
  const sound = tests.filter((test) => test !== undefined);
  return sound.length === tests.length ? onThings(source, sound) : undefined;
}

/** A comparison of a condition: its operator, the operand as written, and the source that is compared. */
export interface Comparison<Compared extends Source = Source> {
  operator: string;
  operand: Located;
  source: Compared;
}

/**
 * Compiles an operator on labels (`matches`, `greater`, `less`). It holds for the things whose labels matched when it
 * was first read, and for new ones whose labels match.
 */
export function onLabelsOfThings(
  { operator, operand, source }: Comparison<ThingSource>,
  takes: (label: string) => boolean,
  words: WordBinder,
  report: Report,
): Condition {
  const written = `${operator} ${word(plain(operand))}`;
  const { things } = source;
  const meaning = words.bind({ ...things, newcomers: { ...things.newcomers, always: true } }, written, takes);
  if (meaning === undefined || meaning.several.length > 0) {
    if (things.things.length > 0) {
      report.warning(
        operand,
        `No ${source.things.what} of ${source.things.where ?? "the account"} meets \`${written}\`.`,
      );
    }
    return onThings(source, []);
  }
  warnOfMeaning({ word: written, place: operand }, meaning, source.things, report);
  return onThings(source, [{ word: written, meaning, takes }]);
}

/** Returns the meaning of a word among things; undefined if none ever had that label, or several had (reported). */
export function meaningOf(
  { word: written, place }: WrittenWord,
  named: NamedThings,
  words: WordBinder,
  report: Report,
): Meaning | undefined {
  const meaning = words.bind(named, written, takesWord(written));
  if (meaning === undefined) {
    report.error(place, unknownThing(written, named), thingHint(written, named));
    return undefined;
  }
  if (meaning.several.length > 0) {
    const list = meaning.several.map(({ id, label }) => `${id}, now \`${label}\``).join(" and ");
    report.error(
      place,
      `\`${written}\` was the name of several ${named.what}s: ${list}.`,
      "Write the present name of the one that you mean.",
    );
    return undefined;
  }
  warnOfMeaning({ word: written, place }, meaning, named, report);
  return meaning;
}

function takesWord(written: string): (label: string) => boolean {
  return (label) => sameLabel(label, written);
}

function unknownThing(written: string, { what, where }: NamedThings): string {
  return where === undefined
    ? `The account has no ${what} \`${written}\`.`
    : `\`${where}\` has no ${what} \`${written}\`.`;
}

/** Returns the nearest label, or the labels that exist. */
export function thingHint(written: string, { where, things }: Pick<NamedThings, "where" | "things">): string {
  const labels = [...new Set(things.filter(({ gone }) => gone !== true).map(({ label }) => label))];
  const near = nearestWord(written, labels);
  if (near !== undefined) return didYouMean(written, near);
  const listed = labels.slice(0, 20).join(", ");
  return labels.length === 0 ? "It has none." : `${where === undefined ? "The account" : "It"} has: ${listed}.`;
}

/**
 * Compiles `present` on options. Pipedrive clears a deleted option from the records that had it, which raises a doubt.
 */
export function onPresence(source: ThingSource, wanted: boolean): Condition {
  const gone = source.things.things.filter((thing) => thing.gone === true);
  const doubt = takenAway(source, gone, "its option");
  return onField(source, ({ state }) => (state === "present") === wanted, doubt);
}

function onThings(source: ThingSource, tests: readonly LabelTest[]): Condition {
  const { things, what, where, readIds } = source.things;
  const known = new Set(things.map(({ id }) => String(id)));
  const gone = tests.flatMap(({ word: label, meaning }) => meaning.gone.map((thing) => ({ ...thing, label })));
  const doubt = takenAway(source, gone, "the mapping");
  const takes = ({ id, label }: NamedId): boolean | Rejected => {
    if (tests.some(({ meaning }) => meaning.ids.has(String(id)))) return true;
    if (known.has(String(id))) return false;
    // Newer than the catalog: the label that came with the id decides.
    if (label !== undefined) return tests.some((test) => test.takes(label));
    return rejected(
      `${shown(id)} is not ${what === "option" ? "an" : "a"} ${what} of the ${where === undefined ? "account" : "field"}`,
    );
  };
  return onSource(source, {
    holds: (record, context) => {
      const read = readIds(record, context);
      if (read.state !== "present") return read.state === "rejected" ? read : false;
      let undecided: Rejected | undefined;
      for (const id of read.ids) {
        const verdict = takes(id);
        if (verdict === true) return true;
        if (verdict !== false) undecided ??= verdict;
      }
      return undecided ?? false;
    },
    ...(doubt === undefined ? {} : { doubt }),
  });
}
