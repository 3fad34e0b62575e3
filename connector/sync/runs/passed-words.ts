import { endConsents } from "../../database/tables/consents.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { thingText } from "../../mapping/compile/warn-of-meaning.ts";
import type { PassedWord } from "../../mapping/word-binder.ts";
import { askConsent, howToAgree, tellHeld } from "../consent.ts";
import type { Run, RunRequest } from "../run-context.ts";

/** Returns the term under which a user consents to a word that passed from one thing to another. */
export function passedTerm({ what, where, word, means, bears }: PassedWord): string {
  const ids = (things: PassedWord["means"]) => things.map(({ id }) => id).join(", ");
  return `\`${word}\`: ${what} ${ids(means)} to ${ids(bears)}${where === undefined ? "" : ` of ${where}`}`;
}

/**
 * Records which words of the mapping wait for consent because something else bears them now. Consent that was given has
 * taken effect, since the mapping was compiled with it. So it ends here, and the next exchange needs consent again.
 */
export async function tellPassedWords(run: Run<RunRequest>): Promise<void> {
  const { database, mapping } = run.request;
  const { passed } = mapping;
  if (passed.length === 0) return;
  const missing = await askConsent(run, { kind: "options", terms: passed.map(passedTerm) });
  const done = passed.map(passedTerm).filter((term) => !missing.includes(term));
  if (done.length > 0) {
    await commitRun(database, run.id, async (transaction) => {
      await endConsents(transaction, "options", "", done);
    });
  }
  const waiting = passed.filter((word) => missing.includes(passedTerm(word)));
  tellHeld(
    run,
    "options",
    waiting.map((word) => ({ what: whatWaits(word), count: 1, remedy: howToAgree })),
  );
}

function whatWaits({ what, where, word, means, bears }: PassedWord): string {
  const text = (things: PassedWord["means"]) => things.map((thing) => thingText(thing, { what, where })).join(", ");
  return `the word \`${word}\` of the mapping, which means ${text(means)} and which ${text(bears)} bears now`;
}
