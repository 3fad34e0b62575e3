/** The finding of a probe in a tenant. */
export interface Finding {
  found: string;
  /** True if it suits the connector's behaviour. */
  suits: boolean;
}

/** Returns a finding that suits the connector's behaviour. */
export function suits(found: string): Finding {
  return { found, suits: true };
}

/** Returns a finding that does not suit it. */
export function otherwise(found: string): Finding {
  return { found, suits: false };
}

/** Returns what Planhat gave, for a finding: at most 200 characters of it. */
export function shortened(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
