/**
 * Returns SQL that turns an expression of type timestamptz into `2026-01-31T10:00:00Z`, with a fraction only if there
 * is one. Instants are compared and shown in this form.
 */
export function instantText(expression: string): string {
  return `rtrim(rtrim(to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'`;
}
