import type { Held } from "../database/consents.ts";
import { oneLine } from "./display-text.ts";
import { paint } from "./paint.ts";

/** What waits for somebody's consent, as lines for people; none where nothing does. */
export function describeHeld(held: readonly Held[]): string[] {
  if (held.length === 0) return [];
  const remedies = [...new Set(held.map(({ remedy }) => remedy))];
  return [
    paint("Waits until somebody agrees:", "warning"),
    ...held.map(({ what, count }) => `  ${count} ${oneLine(what)}`),
    ...remedies.map((remedy) => `  ${remedy}`),
    "",
  ];
}
