/** Writes a small value as YAML on one line: `{join: ", "}`. */
export function flow(value: unknown): string {
  if (typeof value === "string") return isPlain(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, element]) => `${key}: ${flow(element)}`)
    .join(", ")}}`;
}

/** Returns whether YAML reads a text without quotation marks as that text: not `null`, `true` or a number. */
function isPlain(text: string): boolean {
  return /^[\w.-]+$/.test(text) && !/^(?:null|true|false|[-+.]?\d.*|\.(?:inf|nan))$/i.test(text);
}
