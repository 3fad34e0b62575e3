/** A line of a difference: the same in both, taken out, or put in; with its number before or after. */
export interface DiffLine {
  kind: "" | "m" | "p";
  number: number;
  text: string;
}

const around = 3;

/** Returns the lines to show: the changed ones and those around them. */
export function differenceOf(before: readonly string[], after: readonly string[]): DiffLine[] {
  const all = aligned(before, after);
  return all.filter((_, index) =>
    all.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== ""),
  );
}

/** Returns the change of a file as a patch that `patch -p1` and `git apply` take. */
export function patchOf(file: string, before: string, after: string): string {
  const all = aligned(linesOf(before), linesOf(after));
  const shown = all.map((_, index) =>
    all.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== ""),
  );
  const hunks: string[] = [];
  let [old, young] = [1, 1];
  for (let at = 0; at < all.length; ) {
    const end = shown[at] ? shown.indexOf(false, at) : shown.indexOf(true, at);
    const lines = all.slice(at, end === -1 ? all.length : end);
    const olds = lines.filter(({ kind }) => kind !== "p").length;
    const youngs = lines.filter(({ kind }) => kind !== "m").length;
    if (shown[at]) {
      const place = (start: number, length: number) => `${length === 0 ? start - 1 : start},${length}`;
      hunks.push(`@@ -${place(old, olds)} +${place(young, youngs)} @@`);
      for (const { kind, text } of lines) hunks.push(`${kind === "m" ? "-" : kind === "p" ? "+" : " "}${text}`);
    }
    old += olds;
    young += youngs;
    at += lines.length;
  }
  const name = file.replace(/^\//, "");
  return `--- a/${name}\n+++ b/${name}\n${hunks.join("\n")}\n`;
}

/** Returns the lines of a text; one that ends without a line end says so, as patches do. */
function linesOf(text: string): string[] {
  if (text.endsWith("\n")) return text.slice(0, -1).split("\n");
  const lines = text.split("\n");
  return [...lines.slice(0, -1), `${lines.at(-1)}\n\\ No newline at end of file`];
}

/** Aligns two lists of lines by their longest common subsequence; equal beginnings and ends are set aside first. */
function aligned(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const old = before.slice(start, before.length - end);
  const young = after.slice(start, after.length - end);
  const longest = Array.from({ length: old.length + 1 }, () => new Uint32Array(young.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = young.length - 1; j >= 0; j--)
      longest[i]![j] =
        old[i] === young[j] ? longest[i + 1]![j + 1]! + 1 : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
  const lines: DiffLine[] = before.slice(0, start).map((text, index) => ({ kind: "", number: index + 1, text }));
  let i = 0;
  let j = 0;
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      lines.push({ kind: "", number: start + j + 1, text: young[j]! });
      i++;
      j++;
    } else if (i < old.length && (j === young.length || longest[i + 1]![j]! >= longest[i]![j + 1]!)) {
      lines.push({ kind: "m", number: start + i + 1, text: old[i]! });
      i++;
    } else {
      lines.push({ kind: "p", number: start + j + 1, text: young[j]! });
      j++;
    }
  }
  const rest = after.length - end;
  for (const [index, text] of after.slice(rest).entries()) lines.push({ kind: "", number: rest + index + 1, text });
  return lines;
}
