/** What is to be removed from every text, longest first: a part must not be removed before the whole. */
let hidden: string[] = [];

/** Forms of a secret shorter than this are not looked for: they would garble other words. */
const shortestForm = 12;

/**
 * Registers values that must never be shown. They are removed by value from finished text, because where a token
 * turns up inside a nested error cannot be known. Values shorter than four characters would garble everything else.
 */
export function hideSecrets(values: Iterable<string>): void {
  const all = new Set(hidden);
  for (const value of values) {
    if (value.length < 4) continue;
    all.add(value);
    all.add(JSON.stringify(value).slice(1, -1));
    for (const form of encodedForms(value)) if (form.length >= shortestForm) all.add(form);
  }
  hidden = [...all].sort((a, b) => b.length - a.length);
}

/** The text with every registered secret replaced by asterisks: as it is, within JSON or a URL, in hexadecimal or base64. */
export function withoutSecrets(text: string): string {
  let result = text;
  for (const form of hidden) result = result.replaceAll(form, "****");
  return result;
}

/**
 * A secret as a URL, hexadecimal and base64 write it. What stands before it (`user:`) decides where in a group of three
 * bytes it begins, and so between three texts; the groups that hold bytes of others are left out.
 */
function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((skipped) => {
    const whole = bytes.subarray(skipped);
    return whole.subarray(0, whole.length - (whole.length % 3)).toString("base64");
  });
  return [
    encodeURIComponent(secret),
    bytes.toString("hex"),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}
