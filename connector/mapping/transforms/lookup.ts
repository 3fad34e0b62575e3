import { rejected, shown } from "../outcome.ts";
import { type Json, type JsonObject, NULL, present } from "../value.ts";
import { eachElement, type Scalar } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `lookup`: one value for another, by a table. */
export const lookup: Transform = {
  name: "lookup",
  description:
    "Replaces a value by what stands beside it in the table. A value that the table lacks is refused, unless `otherwise` says what becomes of it. Of a list, each element.",
  argument: {
    type: "object",
    minProperties: 1,
    additionalProperties: { type: ["string", "number", "boolean"] },
    description: "Value in Pipedrive: value in Planhat.",
    examples: [{ Gold: "A" }],
  },
  companions: {
    otherwise: {
      type: ["string", "number", "boolean"],
      description: 'For a value that the table lacks: a value, `keep` to let it pass, or `"null"` to clear the field.',
      examples: ["keep"],
    },
  },
  examples: [
    { with: { lookup: { Gold: "A", Silver: "B" } }, input: "Gold", output: "A" },
    { with: { lookup: { 1: "one" } }, input: 1, output: "one" },
    { with: { lookup: { Gold: "A" } }, input: "Tin", output: { refused: '"Tin" is not in the lookup (it has: Gold)' } },
    { with: { lookup: { Gold: "A" }, otherwise: "Z" }, input: "Tin", output: "Z" },
    { with: { lookup: { Gold: "A" }, otherwise: "keep" }, input: "Tin", output: "Tin" },
    { with: { lookup: { Gold: "A" }, otherwise: "null" }, input: "Tin", output: null },
    { with: { lookup: { Gold: "A", Silver: "B" } }, input: ["Silver", "Gold"], output: ["B", "A"] },
    { with: { lookup: { Gold: "A" } }, input: null, output: null },
    { with: { lookup: { Gold: "A" } }, input: undefined, output: undefined },
  ],
  compile: (settings) => {
    const table = new Map(Object.entries(settings["lookup"] as JsonObject)) as Map<string, Scalar>;
    const otherwise = settings["otherwise"] as Scalar | undefined;
    const missing = (element: Scalar) => {
      if (otherwise === undefined) {
        return rejected(
          `${shown(element)} is not in the lookup (it has: ${[...table.keys()].slice(0, 10).join(", ")})`,
        );
      }
      if (otherwise === "keep") return present(element);
      return otherwise === "null" ? NULL : present(otherwise);
    };
    const back = otherwise === undefined ? reversed(table) : undefined;
    return {
      apply: ({ value }) => eachElement(value, (element) => table.get(String(element)) ?? missing(element)),
      ...(otherwise === undefined ? { inputs: [...table.keys()] } : {}),
      ...(back === undefined
        ? {}
        : {
            inverse: ({ value }: { value: Exclude<Json, null> }) =>
              eachElement(
                value,
                (element) => back.get(String(element)) ?? rejected(`${shown(element)} is no result of the lookup`),
              ),
          }),
    };
  },
  withoutInverse: "it has an inverse only without `otherwise`, and when no two values become the same one",
};

/** The table read backwards, or undefined when two of its values are the same. */
function reversed(table: ReadonlyMap<string, Scalar>): Map<string, string> | undefined {
  const back = new Map([...table].map(([from, to]) => [String(to), from]));
  return back.size === table.size ? back : undefined;
}
