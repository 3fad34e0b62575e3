import type { Remedy } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import { withoutSecrets } from "../secrets.ts";

/** What the user of an orchestrator can do: mend the config, try again, or report a defect (Airbyte protocol 0.18). */
export type FailureType = "config_error" | "transient_error" | "system_error";

/** The failure type of each remedy of ours. */
export const failureTypeOf: Record<Remedy, FailureType> = {
  change: "config_error",
  retry: "transient_error",
  report: "system_error",
};

/** Where a stream of a read stands. */
export type StreamStatus = "STARTED" | "RUNNING" | "COMPLETE" | "INCOMPLETE";

/** CONNECTION_STATUS, the answer to check; its message is shown without secrets. */
export function connectionStatus(status: "SUCCEEDED" | "FAILED", message?: string): object {
  return {
    type: "CONNECTION_STATUS",
    connectionStatus: message === undefined ? { status } : { status, message: withoutSecrets(message) },
  };
}

/**
 * What stands before and after a record's JSON text, in one line, to make it a RECORD; `emittedAt` is in epoch milliseconds.
 */
export function aroundRecord(stream: string, emittedAt: number): [head: string, tail: string] {
  return [`{"type":"RECORD","record":{"stream":${JSON.stringify(stream)},"emitted_at":${emittedAt},"data":`, "}}"];
}

/**
 * STATE of one stream as a line, with the number of its records since its last STATE: with a decimal point, as the
 * protocol wants it (airbyte_protocol.yaml, AirbyteStateStats) and JSON.stringify would not write it.
 */
export function streamStateLine(stream: string, state: object, recordCount: number): string {
  const place = JSON.stringify({ stream_descriptor: { name: stream }, stream_state: state });
  return `{"type":"STATE","state":{"type":"STREAM","stream":${place},"sourceStats":{"recordCount":${recordCount.toFixed(1)}}}}`;
}

/** TRACE STREAM_STATUS; `quotaReset` (epoch milliseconds) says until when the stream is held back by a rate limit. */
export function streamStatus(stream: string, status: StreamStatus, quotaReset?: number): object {
  const reasons =
    quotaReset === undefined
      ? {}
      : { reasons: [{ type: "RATE_LIMITED", rate_limited: { quota_reset: Math.ceil(quotaReset) } }] };
  return {
    type: "TRACE",
    trace: {
      type: "STREAM_STATUS",
      emitted_at: Date.now(),
      stream_status: { stream_descriptor: { name: stream }, status, ...reasons },
    },
  };
}

/** TRACE ESTIMATE of one stream: how many records it is about to have. */
export function estimate(stream: string, rowEstimate: number): object {
  return {
    type: "TRACE",
    trace: {
      type: "ESTIMATE",
      emitted_at: Date.now(),
      estimate: { name: stream, type: "STREAM", row_estimate: rowEstimate },
    },
  };
}

/** What a TRACE ERROR tells: the user, and the developer. */
export interface ErrorTrace {
  message: string;
  internalMessage?: string | undefined;
  stackTrace?: string | undefined;
  failureType: FailureType;
}

/** TRACE ERROR, without secrets; `stream` where one stream is concerned. */
export function traceError(error: ErrorTrace, stream?: string): object {
  const { message, internalMessage, stackTrace, failureType } = error;
  return {
    type: "TRACE",
    trace: {
      type: "ERROR",
      emitted_at: Date.now(),
      error: {
        message: withoutSecrets(message),
        ...(internalMessage === undefined ? {} : { internal_message: withoutSecrets(internalMessage) }),
        ...(stackTrace === undefined ? {} : { stack_trace: withoutSecrets(stackTrace) }),
        failure_type: failureType,
        ...(stream === undefined ? {} : { stream_descriptor: { name: stream } }),
      },
    },
  };
}

/** LOG, without secrets. */
export function log(level: "ERROR" | "WARN" | "INFO" | "DEBUG", message: string): object {
  return { type: "LOG", log: { level, message: withoutSecrets(message) } };
}

/**
 * CONTROL CONNECTOR_CONFIG: the config that the orchestrator keeps from now on. It alone carries secrets: a refresh
 * token that was used up must be replaced where it is kept.
 */
export function connectorConfig(config: JsonObject): object {
  return {
    type: "CONTROL",
    control: { type: "CONNECTOR_CONFIG", emitted_at: Date.now(), connectorConfig: { config } },
  };
}
