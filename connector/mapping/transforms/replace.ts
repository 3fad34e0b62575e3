import { rejected, shown } from "../outcome.ts";
import type { JsonObject } from "../value.ts";
import { eachText } from "./each-element.ts";
import type { StandIn, Transform } from "./transform.ts";

/** `replace`: pieces of a text replaced by others. */
export const replace: Transform = {
  name: "replace",
  description:
    "Replaces every occurrence of a text by another, in one pass; of two that begin at one place the longer wins. Plain text, no patterns. Of a list, each text.",
  argument: {
    type: "object",
    minProperties: 1,
    additionalProperties: { type: "string" },
    description: "Text to find: text to replace it.",
    examples: [{ "&": "and" }],
  },
  examples: [
    { with: { replace: { "&": "and", "Co.": "Company" } }, input: "Smith & Co.", output: "Smith and Company" },
    { with: { replace: { a: "b", b: "a" } }, input: "ab", output: "ba" },
    { with: { replace: { x: "" } }, input: "x", output: undefined },
    { with: { replace: { x: "y" } }, input: 1, output: { refused: "1 is a number, not text; put `text` before" } },
    { with: { replace: { x: "y" } }, input: null, output: null },
    { with: { replace: { x: "y" } }, input: undefined, output: undefined },
  ],
  fault: (settings) =>
    Object.hasOwn(settings["replace"] as JsonObject, "") ? "`replace` cannot find an empty text." : undefined,
  compile: (settings, { standIns = new Map<string, StandIn>() }) => {
    const pairs = new Map(Object.entries(settings["replace"] as Record<string, string>));
    const longestFirst = [...pairs.keys()].sort((one, other) => other.length - one.length);
    // An alternation of literals has nothing to backtrack into, so no text can make it hang.
    const literals = new RegExp(longestFirst.map(escapeForPattern).join("|"), "g");
    const change = (text: string) => {
      const standIn = standIns.get(text);
      if (standIn === "several") return rejected(`several options are called ${shown(text)}`);
      if (standIn === "other") return text;
      return (standIn?.key ?? text).replace(literals, (found) => pairs.get(found)!);
    };
    return { apply: ({ value }) => eachText(value, change) };
  },
  withoutInverse: "what it puts in may have stood there before",
};

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
