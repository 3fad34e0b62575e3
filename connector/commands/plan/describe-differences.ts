import type { Json } from "../../mapping/value.ts";
import type { PlanDifference, PlanDifferences } from "../../sync/plan/compare-plan.ts";
import { shownValue } from "../terminal/describe-change.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint } from "../terminal/paint.ts";

/** Returns the differences between a saved plan and the actions that are due now, as lines of text. */
export function describeDifferences({ count, first }: PlanDifferences): string[] {
  const more = count - first.length;
  return [
    "The plan and what would be done now differ:",
    ...first.map(describeDifference),
    ...(more > 0 ? [`… and ${more} more.`] : []),
  ];
}

function describeDifference({ what, field, planned, now }: PlanDifference): string {
  const sides = `planned ${describeSide(planned)}, now ${describeSide(now)}`;
  return `${paint("≠", "warning")} ${oneLine(what)}${field === null ? "" : ` ${oneLine(field)}`}: ${sides}`;
}

/** Returns a change as `"old" → "new"`, an action on a row by its name, any other value as JSON. */
function describeSide(side: Json): string {
  if (side === null) return "nothing";
  if (typeof side !== "object" || Array.isArray(side)) return shownValue(side);
  const { from, to, action, fields } = side;
  if (from !== undefined && to !== undefined) return `${shownValue(from)} → ${shownValue(to)}`;
  if (typeof action !== "string") return shownValue(side);
  const names = typeof fields === "object" && fields !== null ? Object.keys(fields) : [];
  const named = names.slice(0, 5).map(oneLine).join(", ") + (names.length > 5 ? ", …" : "");
  return `to ${action.replace("_", " ")}${named === "" ? "" : ` (${named})`}`;
}
