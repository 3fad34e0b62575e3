import { type Outcome, rejected, shown } from "../outcome.ts";
import { type Json, present, toValue } from "../value.ts";

/** A value that is neither a list nor an object. */
export type Scalar = string | number | boolean;

/**
 * Applies a function to a single value, or to every element of a list. A result of "" is empty, and an empty element
 * leaves its list. The first rejected element rejects the whole value.
 */
export function eachElement(value: Exclude<Json, null>, change: (element: Scalar) => Scalar | Outcome): Outcome {
  if (!Array.isArray(value)) {
    if (typeof value === "object") return rejected(`${shown(value)} is an object; name one of its parts (a.b)`);
    const changed = change(value);
    return typeof changed === "object" ? changed : toValue(changed);
  }
  const elements: Json[] = [];
  for (const element of value) {
    if (element === null || typeof element === "object") {
      return rejected(`${shown(element)} in the list is not a single value`);
    }
    const changed = change(element);
    if (typeof changed !== "object") elements.push(changed);
    else if (changed.state === "rejected") return changed;
    else if (changed.state === "present") elements.push(changed.value);
  }
  return toValue(elements);
}

/**
 * Applies a function over text, as eachElement does; rejects numbers and booleans with a hint to the transform that
 * helps.
 */
export function eachText(value: Exclude<Json, null>, change: (text: string) => string | Outcome): Outcome {
  // Fast path for the common case: one text.
  if (typeof value === "string") {
    const changed = change(value);
    return typeof changed !== "string" ? changed : changed === "" ? toValue(changed) : present(changed);
  }
  return eachElement(value, (element) =>
    typeof element === "string"
      ? change(element)
      : rejected(
          `${shown(element)} is ${typeof element === "number" ? "a number" : "true or false"}, not text; put \`text\` before`,
        ),
  );
}
