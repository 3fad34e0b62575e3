const secrets = new Set<string>();

/**
 * Registers values that must never be shown. They are removed by value from finished text, because where a token
 * turns up inside a nested error cannot be known. Values shorter than four characters would garble everything else.
 */
export function hideSecrets(values: Iterable<string>): void {
  for (const value of values) if (value.length >= 4) secrets.add(value);
}

/** The text with every registered secret replaced by asterisks. */
export function withoutSecrets(text: string): string {
  let result = text;
  for (const secret of secrets) {
    result = result.replaceAll(secret, "****");
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) result = result.replaceAll(escaped, "****");
  }
  return result;
}
