import { optionIds } from "../option-ids.ts";
import { optionLabels } from "../option-labels.ts";
import { rejected, shown } from "../outcome.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

const sizes = [
  { id: 17, label: "Small" },
  { id: 18, label: "Large" },
];

/** `id`: the id of an option's label. */
export const id: Transform = {
  name: "id",
  description:
    "The id of an option, given its label: for mappings that need Pipedrive's ids instead of labels. Of a list, each.",
  examples: [
    { options: sizes, input: "Small", output: 17 },
    { options: sizes, input: ["Large", "Small"], output: [18, 17] },
    { options: sizes, input: "Tiny", output: { refused: '"Tiny" is the label of no option of the field' } },
    { options: sizes, input: null, output: null },
    { options: sizes, input: undefined, output: undefined },
  ],
  fault: (_settings, { options }) => (options === undefined ? "`id` needs a field with options." : undefined),
  compile: (_settings, { options = [] }) => {
    const labels = optionLabels(options);
    const ids = optionIds(options);
    return {
      apply: ({ value }) =>
        eachElement(value, (element) => {
          const found = ids.get(String(element));
          if (found === null) return rejected(`${shown(element)} is the label of several options of the field`);
          return found ?? rejected(`${shown(element)} is the label of no option of the field`);
        }),
      inverse: ({ value }) =>
        eachElement(
          value,
          (element) =>
            labels.get(element as string | number) ?? rejected(`${shown(element)} is not an option of the field`),
        ),
    };
  },
};
