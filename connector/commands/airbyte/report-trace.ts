import { Failure } from "../../failure.ts";
import { type ErrorTrace, failureTypeOf, traceError } from "../../protocol/airbyte.ts";
import { emit } from "../../protocol/standard-output.ts";
import { toldMessage, toldStack } from "../../told-error.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { Stopped } from "../terminal/stop-signal.ts";

/**
 * Prints the error that ended an Airbyte verb, or one `stream` of it, as TRACE ERROR on stdout and as text on stderr.
 * Returns the exit status: 1, or 128 plus the number of the signal that stopped it.
 */
export async function reportTrace(error: unknown, stream?: string): Promise<number> {
  await emit(traceError(errorTrace(error), stream));
  if (error instanceof Stopped) return reportFailure(new Stopped(error.signal, nextRead));
  reportFailure(error);
  return 1;
}

function errorTrace(error: unknown): ErrorTrace {
  if (error instanceof Stopped)
    return { message: new Stopped(error.signal, nextRead).message, failureType: "transient_error" };
  if (error instanceof Failure) {
    const { message, hint, remedy, cause } = error;
    return {
      message: hint === undefined ? message : `${message} ${hint}`,
      internalMessage: cause instanceof Error ? `${message} (${cause.message})` : message,
      failureType: failureTypeOf[remedy],
    };
  }
  return {
    message: "The connector has a defect. Please report it with the log.",
    internalMessage: toldMessage(error),
    stackTrace: error instanceof Error ? toldStack(error) : undefined,
    failureType: "system_error",
  };
}

const nextRead = "The next read continues from the last STATE.";
