import { endOfString } from "./json-elements.ts";

/** A number with 16 digits or more, or with an exponent, where JSON may have a value. */
const suspicious = /[:,[]\s*-?\d(?:[\d.]{15}|[\d.]{0,15}[eE])/;

/** A suspicious number, or a whole number written with a fraction, such as 7.0. */
const odd = /[:,[]\s*-?\d(?:[\d.]{15}|[\d.]{0,15}[eE]|\d*\.0+[,}\]\s])/;

/** Returns false if no number of the JSON text is written in an unusual way: one test instead of one per kind. */
export function mayHoldOddNumber(text: string): boolean {
  return odd.test(text);
}

/** Returns false if a double holds every number of the JSON text: no further check is needed then. */
export function mayHoldUnholdable(text: string): boolean {
  return suspicious.test(text);
}

/**
 * Finds the first number in the JSON text of a record that a double does not hold, with its path
 * (`custom_fields.4c2f…`); undefined if there is none. Such a number would silently be stored as another one.
 */
export function findUnholdable(text: string): { path: string; number: string } | undefined {
  const path: (string | number)[] = [];
  const tokens = /["{}[\],]|-?\d[\d.eE+-]*/g;
  let isKey = false;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [word] = token;
    if (word === '"') {
      const end = endOfString(text, token.index);
      if (isKey) path[path.length - 1] = JSON.parse(text.slice(token.index, end)) as string;
      isKey = false;
      tokens.lastIndex = end;
    } else if (word === "{" || word === "[") {
      path.push(word === "{" ? "" : 0);
      isKey = word === "{";
    } else if (word === "}" || word === "]") {
      path.pop();
      isKey = false;
    } else if (word === ",") {
      const place = path.at(-1);
      if (typeof place === "number") path[path.length - 1] = place + 1;
      else isKey = true;
    } else if (!isHeld(word)) {
      return { path: path.join("."), number: word };
    }
  }
  return undefined;
}

/**
 * Returns true if a double holds the decimal number: reading and writing it gives the same number. The 17 digits that
 * some servers print of every double count as the same.
 */
function isHeld(literal: string): boolean {
  const double = Number(literal);
  if (!Number.isFinite(double)) return false;
  const wanted = digitsOf(literal);
  return wanted === digitsOf(String(double)) || wanted === digitsOf(double.toPrecision(17));
}

/** Returns a decimal number as its significant digits and its power of ten, so that equal numbers give equal texts. */
function digitsOf(literal: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
