import type { Held } from "../../database/tables/consents.ts";
import { counted } from "../../text/counted.ts";
import { oneLine } from "./display-text.ts";
import { paint } from "./paint.ts";

/** Returns the work that waits for consent as lines of text; none if nothing waits. */
export function describeHeld(held: readonly Held[]): string[] {
  if (held.length === 0) return [];
  const remedies = [...new Set(held.map(({ remedy }) => remedy))];
  return [
    paint("Waits for approval:", "warning"),
    ...held.map(({ what, count }) => `  ${count} ${oneLine(what)}`),
    ...remedies.map((remedy) => `  ${remedy}`),
    "",
  ];
}

/** Returns a line with the number of values that a run left as an undo had restored them; none if there are none. */
export function describeHolds({ holds = 0 }: { holds?: number }): string[] {
  if (holds === 0) return [];
  return [`Held since an undo: ${counted(holds, "field or row", "fields or rows")} (\`holds list\` shows them).`];
}
