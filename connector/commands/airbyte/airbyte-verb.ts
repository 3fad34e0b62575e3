import { stopSignal } from "../terminal/stop-signal.ts";
import { reportTrace } from "./report-trace.ts";

/**
 * Runs an Airbyte verb and returns its exit status. Every end, including a signal or an unhandled error, is reported as
 * TRACE ERROR, because an orchestrator reads nothing else.
 */
export async function airbyteVerb(verb: (signal: AbortSignal) => Promise<number>): Promise<number> {
  process.once("uncaughtException", (error) => {
    // The empty write calls back once all output before it is flushed: an earlier exit would cut a line.
    void reportTrace(error).then((status) => process.stdout.write("", () => process.exit(status)));
  });
  try {
    return await verb(stopSignal());
  } catch (error) {
    return reportTrace(error);
  }
}
