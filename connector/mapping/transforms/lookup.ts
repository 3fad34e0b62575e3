import { rejected, shown } from "../outcome.ts";
import { type Json, type JsonObject, NULL, present } from "../value.ts";
import { eachElement, type Scalar } from "./each-element.ts";
import type { StandIn, StandIns, Transform } from "./transform.ts";

/** `lookup`: one value for another, by a table. */
export const lookup: Transform = {
  name: "lookup",
  description:
    "Replaces a value by its entry in the table. A value without an entry is refused, unless `otherwise` handles it. Of a list, each element.",
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
      description: 'For a value without an entry: a value, `keep` to let it pass, or `"null"` to clear the field.',
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
  compile: (settings, { standIns = new Map<string, StandIn>() }) => {
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
    const back = otherwise === undefined ? reversed(table, standIns) : undefined;
    const find = (element: Scalar) => {
      const text = String(element);
      const standIn = standIns.get(text);
      if (standIn === undefined) return table.get(text) ?? missing(element);
      if (standIn === "several") return rejected(`several options are called ${shown(element)}`);
      return standIn === "other" ? missing(element) : table.get(standIn.key)!;
    };
    return {
      apply: ({ value }) => eachElement(value, find),
      ...(otherwise === undefined ? { inputs: inputsOf(table, standIns) } : {}),
      ...(back === undefined
        ? {}
        : {
            inverse: ({ value }: { value: Exclude<Json, null> }) =>
              eachElement(
                value,
                (element) => back.get(String(element)) ?? rejected(`${shown(element)} is not a result of the lookup`),
              ),
          }),
    };
  },
  withoutInverse: "it has an inverse only without `otherwise`, and when no two values become the same one",
};

/** Returns the table read backwards; undefined if two of its values are equal. */
function reversed(table: ReadonlyMap<string, Scalar>, standIns: StandIns): Map<string, string> | undefined {
  const inputs = inputsOf(table, standIns);
  const back = new Map([...table.values()].map((to, at) => [String(to), inputs[at]!]));
  return back.size === table.size ? back : undefined;
}

/** Returns the input for each key of the table: the key itself, or the text that stands for it now. */
function inputsOf(table: ReadonlyMap<string, Scalar>, standIns: StandIns): string[] {
  const texts = new Map(
    [...standIns].flatMap(([text, standIn]) => (typeof standIn === "object" ? [[standIn.key, text]] : [])),
  );
  return [...table.keys()].map((key) => texts.get(key) ?? key);
}
