import { endOfString } from "./json-elements.ts";

/** A number with 16 digits or more, or with an exponent, where JSON may have a value. */
const suspicious = /[:,[]\s*-?\d(?:[\d.]{15}|[\d.]{0,15}[eE])/;

/** What is suspicious, and a whole number written with a fraction, such as 7.0. */
const odd = /[:,[]\s*-?\d(?:[\d.]{15}|[\d.]{0,15}[eE]|\d*\.0+[,}\]\s])/;

/** False when no number of the JSON text is written in an unusual way: one look instead of one for each kind. */
export function mayHoldOddNumber(text: string): boolean {
  return odd.test(text);
}

/** False when no number of the JSON text can be one that a double does not hold: then nothing more need be looked at. */
export function mayHoldUnholdable(text: string): boolean {
  return suspicious.test(text);
}

/**
 * The first number in the JSON text of a record that a double does not hold, with its path (`custom_fields.4c2f…`), or
 * undefined. Such a number would be stored as another one without a word.
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
 * True when a double holds the decimal number: reading it and writing it again gives the same one. The 17 digits that
 * some servers print of every double count as the same.
 */
function isHeld(literal: string): boolean {
  const double = Number(literal);
  if (!Number.isFinite(double)) return false;
  const wanted = digitsOf(literal);
  return wanted === digitsOf(String(double)) || wanted === digitsOf(double.toPrecision(17));
}

/** A decimal number as its significant digits and its power of ten, so that equal numbers give equal texts. */
function digitsOf(literal: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
