import { type Decimal, decimalJson, decimalOf } from "../decimal.ts";
import { type Outcome, rejected, shown } from "../outcome.ts";
import { type Json, present } from "../value.ts";
import { eachElement, type Scalar } from "./each-element.ts";

/**
 * Applies a function to a number, to a text that writes one (`12.50`), or to every such element of a list. Digits that
 * a JSON number would lose are kept as text. Anything else is rejected.
 */
export function eachNumber(value: Exclude<Json, null>, change: (number: Decimal) => Decimal | Outcome): Outcome {
  return eachElement(value, (element): Scalar | Outcome => {
    const number = typeof element === "boolean" ? undefined : decimalOf(element);
    if (number === undefined) return rejected(`${shown(element)} is not a number${commaHint(element)}`);
    const changed = change(number);
    return "state" in changed ? changed : present(decimalJson(changed));
  });
}

function commaHint(element: Scalar): string {
  return typeof element === "string" && /^-?\d+,\d+$/.test(element.trim())
    ? '; a decimal comma is not guessed at, put {replace: {",": "."}} before'
    : "";
}
