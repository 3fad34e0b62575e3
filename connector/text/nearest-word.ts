import { labelKey, sameLabel, withUnseen } from "./label-text.ts";

/** Returns the word of `words` that `typed` most likely means; undefined if more than a third of each differs. */
export function nearestWord(typed: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  const wanted = labelKey(typed).toLowerCase();
  for (const word of words) {
    const seen = labelKey(word).toLowerCase();
    // A difference in length counts as many edits: a word of a megabyte need not be compared.
    if (Math.abs(wanted.length - seen.length) > allowed(wanted, seen)) continue;
    const distance = editDistance(wanted, seen);
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best !== undefined && bestDistance <= allowed(wanted, labelKey(best)) ? best : undefined;
}

/** Returns the number of differences up to which two words are near. */
function allowed(one: string, other: string): number {
  return Math.max(1, Math.floor(Math.max(one.length, other.length) / 3));
}

/**
 * Asks in a hint whether a word was meant. If the typed text looks the same, its invisible characters are shown:
 * repeating the word alone would not help.
 */
export function didYouMean(typed: string, meant: string, shown = `\`${meant}\``): string {
  if (typed === meant || !sameLabel(typed, meant)) return `Did you mean ${shown}?`;
  const unseen = [typed, meant].map(withUnseen);
  return `Did you mean \`${unseen[1]}\`? It is written \`${unseen[0]}\` here.`;
}

/**
 * Counts insertions, deletions, substitutions and swaps of neighbours between `a` and `b` (Damerau, optimal string
 * alignment).
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1);
      }
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
