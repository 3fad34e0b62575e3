import { reportTrace } from "./report-trace.ts";
import { stopSignal } from "./stop-signal.ts";

/**
 * Runs an Airbyte verb and returns its exit status. Whatever ends it, also a signal or an error that nothing waited
 * for, is told as TRACE ERROR, because an orchestrator reads nothing else.
 */
export async function airbyteVerb(verb: (signal: AbortSignal) => Promise<number>): Promise<number> {
  process.once("uncaughtException", (error) => {
    // The empty write comes back when all before it has been handed over: an exit would cut a line otherwise.
    void reportTrace(error).then((status) => process.stdout.write("", () => process.exit(status)));
  });
  try {
    return await verb(stopSignal());
  } catch (error) {
    return reportTrace(error);
  }
}
