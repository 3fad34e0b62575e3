import { decimalOf, decimalText } from "../decimal.ts";
import { rejected, shown } from "../outcome.ts";
import { toValue } from "../value.ts";
import type { Transform } from "./transform.ts";

/** `join`: the elements of a list as one text. */
export const join: Transform = {
  name: "join",
  description:
    "Joins the elements of a list to one text, with the given text between them. A single value stays unchanged.",
  argument: { type: "string", description: "The text between the elements.", examples: [", "] },
  examples: [
    { with: { join: ", " }, input: ["Gold", "Silver"], output: "Gold, Silver" },
    { with: { join: "/" }, input: [1, 2.5], output: "1/2.5" },
    { with: { join: ", " }, input: "alone", output: "alone" },
    { with: { join: ", " }, input: [{ a: 1 }], output: { refused: '{"a":1} in the list is not a single value' } },
    { with: { join: ", " }, input: null, output: null },
    { with: { join: ", " }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const between = settings["join"] as string;
    return {
      apply: (present) => {
        const { value } = present;
        if (!Array.isArray(value)) {
          return typeof value === "object" ? rejected(`${shown(value)} is an object, not a list`) : present;
        }
        const texts: string[] = [];
        for (const element of value) {
          if (element === null || typeof element === "object") {
            return rejected(`${shown(element)} in the list is not a single value`);
          }
          texts.push(typeof element === "number" ? decimalText(decimalOf(element)!) : String(element));
        }
        return toValue(texts.join(between));
      },
    };
  },
  withoutInverse: "an element may hold the text that joins",
};
