import { rejected } from "../outcome.ts";
import type { JsonObject } from "../value.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** A letter or digit of any script with its accents; marks, blanks and punctuation shape a text and stay. */
const sign = /[^\p{P}\p{S}\p{Z}\s\p{M}]\p{M}*|\p{M}/gu;

/** The digits at the end of a phone number that stay, and the number from which on they do. */
const keptDigits = 2;
const longNumber = 7;

/** Hides each kind of text and keeps its shape. Every text that is not of the kind is hidden whole. */
const kinds: Record<string, (text: string) => string> = {
  email: (text) => {
    const at = text.lastIndexOf("@");
    return at <= 0 ? hidden(text) : hidden(text.slice(0, at)) + text.slice(at);
  },
  phone: (text) => {
    const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
    let left = digits >= longNumber ? digits - keptDigits : digits;
    return text.replaceAll(sign, (found) => (/^\p{Nd}/u.test(found) && left-- <= 0 ? found : "*"));
  },
  name: (text) => text.replaceAll(/[^\s\p{P}\p{Z}]+/gu, firstSign),
  text: hidden,
};

/** `mask`: a text with its letters and digits hidden. */
export const mask: Transform = {
  name: "mask",
  description:
    "Hides letters and digits behind `*` and keeps the shape: length, blanks, punctuation. `email` keeps the domain, `phone` the last 2 digits of 7 or more, `name` the first letter of each word. Of a list, each element.",
  argument: {
    type: "string",
    enum: ["email", "phone", "name", "text"],
    description: "The kind of text, which says what of it stays: `email`, `phone`, `name`, or `text` for nothing.",
    examples: ["email"],
  },
  examples: [
    { with: { mask: "email" }, input: "jane.doe@acme.example", output: "****.***@acme.example" },
    { with: { mask: "email" }, input: "jane", output: "****" },
    { with: { mask: "phone" }, input: "+46 70 123 45 67", output: "+** ** *** ** 67" },
    { with: { mask: "phone" }, input: "call 4711", output: "**** ****" },
    { with: { mask: "name" }, input: "Åsa Lind-Berg", output: "Å** L***-B***" },
    { with: { mask: "text" }, input: "Owes 12 EUR.", output: "**** ** ***." },
    { with: { mask: "text" }, input: 4711, output: "****" },
    { with: { mask: "name" }, input: ["Jane", "Li"], output: ["J***", "L*"] },
    {
      with: { mask: "text" },
      input: { id: 5 },
      output: { refused: "an object cannot be masked; name one of its parts (a.b)" },
    },
    { with: { mask: "text" }, input: null, output: null },
    { with: { mask: "text" }, input: undefined, output: undefined },
  ],
  compile: (settings: JsonObject) => {
    const change = kinds[settings["mask"] as string]!;
    return {
      apply: ({ value }) => {
        const isNested = (one: unknown) => typeof one === "object";
        // The message must not show the value: its reader may not see it.
        if (Array.isArray(value) ? value.some(isNested) : isNested(value)) {
          return rejected("an object cannot be masked; name one of its parts (a.b)");
        }
        return eachElement(value, (element) => change(String(element)));
      },
    };
  },
  withoutInverse: "the hidden letters are gone",
};

function hidden(text: string): string {
  return text.replaceAll(sign, "*");
}

/** Keeps the first letter of a word; one that begins otherwise is hidden whole. */
function firstSign(word: string): string {
  const [first = ""] = word.match(/^\p{L}\p{M}*/u) ?? [];
  return first + hidden(word.slice(first.length));
}
