import type { FailureKind } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";

/** What the user of an orchestrator can do: mend the config, try again, or report a defect (Airbyte protocol 0.18). */
export type FailureType = "config_error" | "transient_error" | "system_error";

/** The failure type of each kind of failure of ours. */
export const failureTypeOf: Record<FailureKind, FailureType> = {
  usage: "config_error",
  surroundings: "transient_error",
  run: "transient_error",
};

/** Where a stream of a read stands. */
export type StreamStatus = "STARTED" | "RUNNING" | "COMPLETE" | "INCOMPLETE";

/** A stream of the configured catalog, as far as a read needs it. */
export interface ConfiguredStream {
  stream: { name: string; json_schema?: JsonObject };
  sync_mode: "full_refresh" | "incremental";
}

/** CONNECTION_STATUS, the answer to check. */
export function connectionStatus(status: "SUCCEEDED" | "FAILED", message?: string): object {
  return { type: "CONNECTION_STATUS", connectionStatus: message === undefined ? { status } : { status, message } };
}

/** RECORD: absent keys stay absent and null stays null. `emittedAt` is in epoch milliseconds. */
export function record(stream: string, data: JsonObject, emittedAt: number): object {
  return { type: "RECORD", record: { stream, data, emitted_at: emittedAt } };
}

/** STATE of one stream, with the number of its records since its last STATE. */
export function streamState(stream: string, state: object, recordCount: number): object {
  return {
    type: "STATE",
    state: {
      type: "STREAM",
      stream: { stream_descriptor: { name: stream }, stream_state: state },
      sourceStats: { recordCount },
    },
  };
}

/** TRACE STREAM_STATUS. */
export function streamStatus(stream: string, status: StreamStatus): object {
  return {
    type: "TRACE",
    trace: {
      type: "STREAM_STATUS",
      emitted_at: Date.now(),
      stream_status: { stream_descriptor: { name: stream }, status },
    },
  };
}

/** TRACE ERROR; `stream` where one stream is concerned. */
export function traceError(
  error: { message: string; internalMessage?: string; stackTrace?: string; failureType: FailureType },
  stream?: string,
): object {
  return {
    type: "TRACE",
    trace: {
      type: "ERROR",
      emitted_at: Date.now(),
      error: {
        message: error.message,
        ...(error.internalMessage === undefined ? {} : { internal_message: error.internalMessage }),
        ...(error.stackTrace === undefined ? {} : { stack_trace: error.stackTrace }),
        failure_type: error.failureType,
        ...(stream === undefined ? {} : { stream_descriptor: { name: stream } }),
      },
    },
  };
}

/** LOG. */
export function log(level: "ERROR" | "WARN" | "INFO" | "DEBUG", message: string): object {
  return { type: "LOG", log: { level, message } };
}
