import { Failure } from "../../failure.ts";
import type { Summary } from "../../sync/summary.ts";

/** The option that turns rejections into a failure. */
export interface FailOnRejections {
  failOnRejections?: true;
}

/** Returns the failure of a run that rejected something, if `--fail-on-rejections` asks for one. */
export function rejectionsFailure(
  status: Summary["status"],
  { failOnRejections }: FailOnRejections,
  hint: string,
): Failure | undefined {
  if (status !== "partial" || failOnRejections !== true) return undefined;
  return new Failure("run", "Records or fields were rejected, which --fail-on-rejections makes a failure.", { hint });
}

/** The hint where rejections are kept. */
export const listsRejections = "List them: pipedrive-planhat rejections list.";

/** The hint where nothing was written: the plan lists its rejections itself. */
export const planListsRejections = "The plan lists them with their reasons.";
