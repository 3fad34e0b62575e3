import { decimalOf, decimalText } from "../decimal.ts";
import { type Outcome, rejected, shown } from "../outcome.ts";
import type { Json, Present } from "../value.ts";
import { present, toValue } from "../value.ts";
import { eachElement } from "./each-element.ts";
import type { Transform, TransformStep } from "./transform.ts";
import { withoutEnds } from "./without-ends.ts";

const placeholder = /\{([^{}]*)\}/;

/** `template`: a text that contains the value. */
export const template: Transform = {
  name: "template",
  description:
    "A text in which `{value}` stands for the value and `{value.part}` for a part of it. Of a list, one text for each element.",
  argument: { type: "string", minLength: 1, description: "The text.", examples: ["{value} (Pipedrive)"] },
  examples: [
    { with: { template: "{value} EUR" }, input: 12.5, output: "12.5 EUR" },
    { with: { template: "{value.value} {value.currency}" }, input: { value: 5, currency: "EUR" }, output: "5 EUR" },
    {
      with: { template: "{value.value} {value.currency}" },
      input: { value: 5, currency: null },
      output: { refused: '{"value":5,"currency":null} has no currency' },
    },
    { with: { template: "#{value}" }, input: ["a", "b"], output: ["#a", "#b"] },
    { with: { template: "{value} EUR" }, input: null, output: null },
    { with: { template: "{value} EUR" }, input: undefined, output: undefined },
  ],
  fault: (settings) => {
    const names = pieces(settings["template"] as string).filter((_, index) => index % 2 === 1);
    const unknown = names.find((name) => !/^value(\.[^.]+)*$/.test(name));
    if (unknown !== undefined) return `\`template\` knows {value} and {value.part}, not {${unknown}}.`;
    return names.length === 0
      ? "`template` has no {value}, so that it says the same of every record; write `value:` for a constant."
      : undefined;
  },
  compile: (settings) => step(pieces(settings["template"] as string)),
  withoutInverse: "it has an inverse only when it holds {value} once and no part of it",
};

/** Splits the template at its placeholders: texts and, at odd indexes, names. */
function pieces(text: string): string[] {
  return text.split(new RegExp(placeholder, "g"));
}

function step(cut: readonly string[]): TransformStep {
  const apply = ({ value }: Present): Outcome => {
    if (Array.isArray(value)) return eachElement(value, (element) => filled(cut, element));
    return filled(cut, value);
  };
  const [before, name, after] = cut;
  return cut.length === 3 && name === "value" ? { apply, ...withoutEnds(before!, after!) } : { apply };
}

function filled(cut: readonly string[], value: Exclude<Json, null>): Outcome {
  let text = "";
  for (const [index, piece] of cut.entries()) {
    if (index % 2 === 0) {
      text += piece;
      continue;
    }
    const part = partOf(value, piece.split(".").slice(1));
    if (part === undefined) return rejected(`${shown(value)} has no ${piece.slice("value.".length)}`);
    if (typeof part === "object")
      return rejected(`${shown(part)} is not a single value; name one of its parts in the template`);
    text += typeof part === "number" ? decimalText(decimalOf(part)!) : String(part);
  }
  return present(text);
}

function partOf(value: Json, path: readonly string[]): Exclude<Json, null> | undefined {
  let part: Json | undefined = value;
  for (const key of path) {
    if (typeof part !== "object" || part === null || Array.isArray(part) || !Object.hasOwn(part, key)) return undefined;
    part = part[key];
  }
  const state = toValue(part);
  return state.state === "present" ? state.value : undefined;
}
