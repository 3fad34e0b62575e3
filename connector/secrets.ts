/** The texts to remove from all output, longest first: a part must not be removed before the whole. */
let hidden: string[] = [];

/** Characters: shorter forms of a secret are not searched for, because they would garble other words. */
const shortestForm = 12;

/**
 * Registers values that must never be shown. They are removed by value from finished text, because a token may appear
 * inside any nested error. Values shorter than four characters would garble everything else.
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

/** Replaces every registered secret by asterisks: plain, within JSON or a URL, in hexadecimal or base64. */
export function withoutSecrets(text: string): string {
  let result = text;
  for (const form of hidden) result = result.replaceAll(form, "****");
  return result;
}

/**
 * Returns a secret as a URL, hexadecimal and base64 write it. In base64 the text before it (`user:`) decides at which
 * of three bytes of a group it begins, so there are three forms. Groups that share bytes with other text are left out.
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
