import { counted } from "../counted.ts";
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

/** How much a run left as an undo has left it, as a line for people; none where it met nothing of that. */
export function describeHolds({ holds = 0 }: { holds?: number }): string[] {
  if (holds === 0) return [];
  return [`Held since an undo: ${counted(holds, "field or row", "fields or rows")} (\`holds list\` shows them).`];
}
