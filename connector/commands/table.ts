/** Rows as lines of aligned columns, the first row as their heads; numbers are set to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(String(cell)));
    });
  }
  const numeric = widths.map((_width, column) => rows.slice(1).some((row) => typeof row[column] === "number"));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = " ".repeat(widths[column]! - displayWidth(String(cell)));
        return numeric[column] ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Columns a text takes on a terminal: wide characters (East Asian, emoji) take two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
        character,
      )
        ? 2
        : 1;
  return width;
}
