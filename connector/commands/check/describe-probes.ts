import type { ProbeResult } from "../../planhat/probe-tenant.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint } from "../terminal/paint.ts";

/**
 * Returns the results of probing a Planhat tenant, three lines each: question, answer, and the connector's behaviour.
 */
export function describeProbes(results: readonly ProbeResult[]): string[] {
  const lines = results.flatMap((result) => {
    const { open, does } = result.point;
    return [`${verdict(result)} ${open}`, `    ${oneLine(answer(result))}`, `    the connector: ${does}`];
  });
  const odd = results.filter((result) => !("untried" in result) && !("suits" in result && result.suits));
  const end =
    odd.length === 0
      ? "The connector suits this tenant. The test company is removed again."
      : `${odd.length} of ${results.length} points are not as the connector needs them, or could not be tried; please report them. The test company is removed again.`;
  return [...lines, "", end];
}

function verdict(result: ProbeResult): string {
  if ("untried" in result) return paint("–", "quiet");
  return "suits" in result && result.suits ? paint("✓", "good") : paint("✗", "bad");
}

function answer(result: ProbeResult): string {
  if ("untried" in result) return "cannot be tried here";
  return "failed" in result ? `could not be found out: ${result.failed}` : result.found;
}
