import { Failure } from "../../failure.ts";
import { hasWritten, writeAtOnce } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import { terminalText } from "../../text/terminal-text.ts";
import { toldStack } from "../../told-error.ts";
import type { FailureForm } from "./failure-form.ts";
import { failureJson } from "./failure-json.ts";
import { paint } from "./paint.ts";
import { Stopped } from "./stop-signal.ts";

let form: FailureForm = { json: false, log: "text" };

/** Sets the output format of later failures. */
export function tellFailuresAs(wanted: FailureForm): void {
  form = wanted;
}

const ours = "this is a defect of pipedrive-planhat, not of your set-up. Please report it with:";

/**
 * Prints on stderr the error that ended a command and its hint, without secrets, and returns the exit status. An
 * error other than a Failure is a defect of the connector: its stack is printed for the report. With `--json` the
 * failure goes to stdout too, unless the command has printed its document. `isTold` means that stderr has it already,
 * `isShown` that the text on stdout ends with it: then only a log in JSON repeats it.
 */
export function reportFailure(
  error: unknown,
  { isTold = false, isShown = false }: { isTold?: boolean; isShown?: boolean } = {},
): number {
  const json = failureJson(error);
  if (form.json && !hasWritten()) writeAtOnce(`${withoutSecrets(JSON.stringify(json))}\n`);
  if (isTold || (isShown && form.log === "text")) return json.exit;
  process.stderr.write(form.log === "json" ? `${jsonLine(error)}\n` : textLines(error));
  return json.exit;
}

/** Tells of something that failed while the command goes on. */
export function reportTrouble(message: string): void {
  const line = { time: new Date().toISOString(), level: "error", message };
  process.stderr.write(form.log === "json" ? `${withoutSecrets(JSON.stringify(line))}\n` : `Error: ${message}\n`);
}

function textLines(error: unknown): string {
  if (error instanceof Stopped) return `${error.message}\n`;
  if (error instanceof Failure) {
    const hint = error.hint === undefined ? "" : `\n${error.hint}`;
    return `${paint("Error", "bad", process.stderr)}: ${shown(`${error.message}${hint}`)}\n`;
  }
  return `Error: ${ours}\n${shown(toldStack(error))}\n`;
}

/** Writes the failure as the log writes its lines. */
function jsonLine(error: unknown): string {
  const { exit, error: told } = failureJson(error);
  const isOurs = !(error instanceof Failure || error instanceof Stopped);
  const { message, ...rest } = isOurs ? { ...told, message: ours, stack: toldStack(error) } : told;
  return withoutSecrets(JSON.stringify({ time: new Date().toISOString(), level: "error", message, ...rest, exit }));
}

function shown(text: string): string {
  return terminalText(withoutSecrets(text));
}
