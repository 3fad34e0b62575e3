import { optionIds } from "../option-ids.ts";
import { optionLabels } from "../option-labels.ts";
import { rejected, shown } from "../outcome.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

const sizes = [
  { id: 17, label: "Small" },
  { id: 18, label: "Large" },
];

/** `label`: the label of an option's id. */
export const label: Transform = {
  name: "label",
  description:
    "The label of an option, given its id. Options read as labels already, and a label stays unchanged: this is for ids from `id`. Of a list, each.",
  examples: [
    { options: sizes, input: 17, output: "Small" },
    { options: sizes, input: [18, "17"], output: ["Large", "Small"] },
    { options: sizes, input: "Small", output: "Small" },
    { options: sizes, input: 99, output: { refused: "99 is not an option of the field" } },
    { options: sizes, input: null, output: null },
    { options: sizes, input: undefined, output: undefined },
  ],
  fault: (_settings, { options }) => (options === undefined ? "`label` needs a field with options." : undefined),
  compile: (_settings, { options = [] }) => {
    const labels = optionLabels(options);
    const ids = optionIds(options);
    return {
      apply: ({ value }) =>
        eachElement(value, (element) => {
          const found = labels.get(element as string | number);
          if (found !== undefined) return found;
          return ids.get(String(element)) !== undefined
            ? element
            : rejected(`${shown(element)} is not an option of the field`);
        }),
    };
  },
  withoutInverse: "a label and its id become the same",
};
