import { endConsents } from "../../database/consents.ts";
import { holdFence } from "../../database/fence.ts";
import { thingText } from "../../mapping/warn-of-meaning.ts";
import type { PassedWord } from "../../mapping/word-binder.ts";
import { askConsent, howToAgree, tellHeld } from "../consent.ts";
import type { Run, RunRequest } from "../run-context.ts";

/** A word that passed from one thing to another, as the text under which somebody agrees to it. */
export function passedTerm({ what, where, word, means, bears }: PassedWord): string {
  const ids = (things: PassedWord["means"]) => things.map(({ id }) => id).join(", ");
  return `\`${word}\`: ${what} ${ids(means)} to ${ids(bears)}${where === undefined ? "" : ` of ${where}`}`;
}

/**
 * Tells which words of the mapping wait for consent because something else bears them now. What was agreed to is done
 * by then, since the mapping was compiled so: it is written down, and the next exchange asks anew.
 */
export async function tellPassedWords(run: Run<RunRequest>): Promise<void> {
  const { database, mapping } = run.request;
  const { passed } = mapping;
  if (passed.length === 0) return;
  const missing = await askConsent(run, { kind: "options", terms: passed.map(passedTerm) });
  const done = passed.map(passedTerm).filter((term) => !missing.includes(term));
  if (done.length > 0) {
    await database.transaction(async (transaction) => {
      await endConsents(transaction, "options", "", done);
      await holdFence(transaction, run.id);
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
