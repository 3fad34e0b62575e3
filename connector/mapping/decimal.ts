/** A decimal number without rounding: `digits` divided by 10 to the power of `scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** The largest whole number up to which a JSON number holds every one. */
const mostSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** Parses a number; undefined for anything else, such as a decimal comma or `1 000`. */
export function decimalOf(value: number | string): Decimal | undefined {
  // Most numbers are whole and small: skip the parsing of text.
  if (Number.isSafeInteger(value)) return { digits: BigInt(value), scale: 0 };
  const text = String(value).trim();
  // Longer than any number a person writes, and than a Postgres numeric needs.
  const match = text.length > 1000 ? null : decimalForm.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

/** Returns the number as plain digits, without exponent and trailing zeros. */
export function decimalText({ digits, scale }: Decimal): string {
  if (scale === 0) return digits.toString();
  const sign = digits < 0n ? "-" : "";
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Returns a JSON number, or the plain digits as text if a JSON number would lose some of them. */
export function decimalJson(decimal: Decimal): number | string {
  if (decimal.scale === 0 && decimal.digits <= mostSafe && decimal.digits >= -mostSafe) return Number(decimal.digits);
  const text = decimalText(decimal);
  const number = Number(text);
  const again = Number.isFinite(number) ? decimalOf(number) : undefined;
  return again !== undefined && decimalText(again) === text ? number : text;
}

/** Multiplies two numbers exactly. */
export function multiplied(one: Decimal, other: Decimal): Decimal {
  return { digits: one.digits * other.digits, scale: one.scale + other.scale };
}

/** Divides by a number other than zero, to 15 significant digits, half away from zero. */
export function divided(one: Decimal, other: Decimal): Decimal {
  const shift = Math.max(0, 20 + String(other.digits).length - String(one.digits).length) + other.scale;
  const quotient = roundedQuotient(one.digits * 10n ** BigInt(shift), other.digits);
  return significant({ digits: quotient, scale: one.scale - other.scale + shift }, 15);
}

/** Rounds to `places` digits after the point, half away from zero; negative places round to tens, hundreds … */
export function rounded(decimal: Decimal, places: number): Decimal {
  if (decimal.scale <= places) return decimal;
  const digits = roundedQuotient(decimal.digits, 10n ** BigInt(decimal.scale - places));
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), scale: 0 } : { digits, scale: places };
}

/** Rounds to a count of significant digits. */
export function significant(decimal: Decimal, count: number): Decimal {
  const length = String(decimal.digits).replace("-", "").length;
  return length <= count ? decimal : rounded(decimal, decimal.scale - (length - count));
}

function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const top = dividend < 0n ? -dividend : dividend;
  const bottom = divisor < 0n ? -divisor : divisor;
  const quotient = (top * 2n + bottom) / (bottom * 2n);
  return negative ? -quotient : quotient;
}
