import { Failure } from "../failure.ts";
import { failureTypeOf, traceError } from "../protocol/airbyte.ts";
import { writeMessage } from "../protocol/standard-output.ts";
import { reportFailure } from "./report-failure.ts";

/** Tells a failure of an Airbyte verb as TRACE ERROR on stdout, and to people on stderr. Returns exit status 1. */
export async function reportTrace(error: unknown, stream?: string): Promise<number> {
  const failure = error instanceof Failure ? error : undefined;
  await writeMessage(
    traceError(
      {
        message: failure === undefined ? "The connector has a defect; the log tells which." : sentences(failure),
        internalMessage: error instanceof Error ? error.message : String(error),
        ...(failure === undefined && error instanceof Error && error.stack !== undefined
          ? { stackTrace: error.stack }
          : {}),
        failureType: failure === undefined ? "system_error" : failureTypeOf[failure.kind],
      },
      stream,
    ),
  );
  reportFailure(error);
  return 1;
}

function sentences({ message, hint }: Failure): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
