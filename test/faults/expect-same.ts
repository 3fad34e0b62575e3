/**
 * Throws if two databases, as read by `everything`, differ, with the first rows of each table that only one has: a
 * difference of whole tables would be unreadable.
 */
export function expectSame(found: Record<string, unknown>, expected: Record<string, unknown>): void {
  const differences: string[] = [];
  for (const table of new Set([...Object.keys(found), ...Object.keys(expected)])) {
    const [here, there] = [linesOf(found[table]), linesOf(expected[table])];
    const only = (rows: string[], others: string[], sign: string) =>
      rows
        .filter((row) => !others.includes(row))
        .slice(0, 3)
        .map((row) => `${sign} ${table} ${row}`);
    differences.push(...only(here, there, "+"), ...only(there, here, "-"));
    if (here.length !== there.length) differences.push(`${table}: ${here.length} rows instead of ${there.length}`);
  }
  if (differences.length > 0) throw new Error(`not as a run that never failed leaves it:\n${differences.join("\n")}`);
}

function linesOf(rows: unknown): string[] {
  return (rows as unknown[]).map((row) => JSON.stringify(row));
}
