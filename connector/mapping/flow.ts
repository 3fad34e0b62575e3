/** Writes a small value as YAML on one line: `{join: ", "}`. */
export function flow(value: unknown): string {
  if (typeof value === "string") return /^[\w.-]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, element]) => `${key}: ${flow(element)}`)
    .join(", ")}}`;
}
