import { rejected, shown } from "../outcome.ts";
import { present } from "../value.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

const words = new Map<string, boolean>([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false],
]);

/** `boolean`: yes, no and similar words as true or false. */
export const boolean: Transform = {
  name: "boolean",
  description:
    "Reads `true yes on 1` as true and `false no off 0` as false, in any case. Other words: use `lookup` (`{lookup: {Ja: true, Nein: false}}`).",
  examples: [
    { input: "Yes", output: true },
    { input: 0, output: false },
    { input: "maybe", output: { refused: '"maybe" is neither true, yes, on, 1 nor false, no, off, 0' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachElement(value, (element) => {
        const read = words.get(String(element).trim().toLowerCase());
        return read === undefined
          ? rejected(`${shown(element)} is neither true, yes, on, 1 nor false, no, off, 0`)
          : present(read);
      }),
  }),
  withoutInverse: "`yes` and `1` are both true",
};
