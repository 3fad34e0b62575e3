import type { Place } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import type { Meaning, NamedThing, WordDomain } from "../word-binder.ts";

/** The place where a word was looked up: an `option` of `Deal type`. */
type Looked = Pick<WordDomain, "what" | "where">;

/** A word of a mapping file, and its place there. */
export interface WrittenWord {
  word: string;
  place: Place;
}

/** Warns if a word no longer means what it says: its thing was renamed or deleted, or the word passed to another. */
export function warnOfMeaning({ word, place }: WrittenWord, meaning: Meaning, looked: Looked, report: Report): void {
  const { renamed, gone, passedTo } = meaning;
  const one = (thing: NamedThing) => thingText(thing, looked);
  if (passedTo.length > 0) {
    const [heir] = passedTo;
    const meant = [...renamed, ...gone][0];
    const first =
      meant === undefined
        ? ""
        : ` It means ${one(meant)} still${meant.gone ? ", which was deleted" : `, now \`${meant.label}\``}.`;
    const write = meant === undefined || meant.gone ? "" : `, or write \`${meant.label}\``;
    report.warning(
      place,
      `\`${word}\` is the name of ${one(heir!)} in Pipedrive now.${first}`,
      `Agree to the new meaning with \`sync --yes\`${write}.`,
    );
    return;
  }
  for (const thing of renamed) {
    report.warning(
      place,
      `\`${word}\` is called \`${thing.label}\` in Pipedrive now; it means ${one(thing)} as before.`,
      `Write \`${thing.label}\`.`,
    );
  }
  for (const thing of gone) {
    report.warning(
      place,
      `\`${word}\`, ${one(thing)}, was deleted in Pipedrive. Records that still have it count as before.`,
      "Write its replacement, or remove it.",
    );
  }
}

/** Names a thing as Pipedrive shows it: `option 12 of Deal type`. */
export function thingText({ id }: NamedThing, { what, where }: Looked): string {
  return `${what} ${id}${where === undefined ? "" : ` of ${where}`}`;
}
