import { Failure } from "../../failure.ts";
import { toldMessage } from "../../told-error.ts";
import { Stopped } from "./stop-signal.ts";

/** A failure as `--json` tells it (contract, section 2). */
export interface FailureJson {
  status: "failed";
  exit: number;
  error: { kind: Failure["kind"]; message: string; hint?: string };
}

/** Returns what `--json` prints of what ended a command. */
export function failureJson(error: unknown): FailureJson {
  const status = "failed";
  if (error instanceof Failure) {
    const { kind, message, hint, exitStatus: exit } = error;
    return { status, exit, error: { kind, message, ...(hint === undefined ? {} : { hint }) } };
  }
  const message = toldMessage(error);
  const exit = error instanceof Stopped ? error.exitStatus : 1;
  return { status, exit, error: { kind: "run", message } };
}

/** Returns what a command had counted, with what ended it beside that; a status of its own (`held`) stays. */
export function withFailure(counted: object, failure: unknown): object {
  return failure === undefined ? counted : { ...failureJson(failure), ...counted };
}
