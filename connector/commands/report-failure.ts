import { Failure } from "../failure.ts";
import { withoutSecrets } from "../secrets.ts";
import { terminalText } from "../terminal-text.ts";
import { paint } from "./paint.ts";
import { Stopped } from "./stop-signal.ts";

/**
 * Prints on stderr the error that ended a command and its hint, without secrets, and returns the exit status. An error
 * other than a Failure is a defect of the connector: its stack is printed for the report.
 */
export function reportFailure(error: unknown): number {
  if (error instanceof Stopped) {
    process.stderr.write(`${error.message}\n`);
    return error.exitStatus;
  }
  if (error instanceof Failure) {
    const hint = error.hint === undefined ? "" : `\n${error.hint}`;
    process.stderr.write(`${paint("Error", "bad", process.stderr)}: ${shown(`${error.message}${hint}`)}\n`);
    return error.exitStatus;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `Error: this is a defect of pipedrive-planhat, not of your set-up. Please report it with:\n${shown(stack)}\n`,
  );
  return 1;
}

function shown(text: string): string {
  return terminalText(withoutSecrets(text));
}
