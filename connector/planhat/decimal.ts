const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * A number as plain decimal digits, without exponent, leading or trailing zeros: the form in which numbers are
 * compared and sent to `numeric` columns, so that no digit is lost to a double. Undefined when `text` is no number.
 */
export function decimalText(text: string): string | undefined {
  const match = decimalForm.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded =
    point > digits.length ? digits.padEnd(point, "0") : digits.padStart(digits.length - Math.min(point, 0), "0");
  const position = Math.max(point, 0);
  const integer = padded.slice(0, position).replace(/^0+(?=\d)/, "") || "0";
  const decimals = padded.slice(position).replace(/0+$/, "");
  const result = decimals === "" ? integer : `${integer}.${decimals}`;
  return sign === "-" && /[1-9]/.test(result) ? `-${result}` : result;
}
