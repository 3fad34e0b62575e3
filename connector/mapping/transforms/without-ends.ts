import { type Outcome, rejected, shown } from "../outcome.ts";
import { type Present, toValue } from "../value.ts";
import { eachText } from "./each-element.ts";

/**
 * Returns the inverse of writing `before` and `after` around a text: removes both, and rejects a text that lacks one.
 */
export function withoutEnds(before: string, after: string): { inverse(value: Present): Outcome } {
  return {
    inverse: ({ value }) =>
      eachText(value, (text) => {
        if (text.length < before.length + after.length || !text.startsWith(before) || !text.endsWith(after)) {
          return rejected(`${shown(text)} does not read ${shown(`${before}…${after}`)}`);
        }
        return toValue(text.slice(before.length, text.length - after.length)) as Outcome;
      }),
  };
}
