import type { Remedy } from "../failure.ts";
import type { JsonObject } from "../mapping/value.ts";
import { withoutSecrets } from "../secrets.ts";

/**
 * The remedy for the user of an orchestrator: fix the config, try again, or report a defect (Airbyte protocol 0.18).
 */
export type FailureType = "config_error" | "transient_error" | "system_error";

/** The failure type of each remedy. */
export const failureTypeOf: Record<Remedy, FailureType> = {
  change: "config_error",
  retry: "transient_error",
  report: "system_error",
};

/** The progress of a stream in a read. */
export type StreamStatus = "STARTED" | "RUNNING" | "COMPLETE" | "INCOMPLETE";

/** Returns CONNECTION_STATUS, the answer to check, with a message without secrets. */
export function connectionStatus(status: "SUCCEEDED" | "FAILED", message?: string): object {
  return {
    type: "CONNECTION_STATUS",
    connectionStatus: message === undefined ? { status } : { status, message: withoutSecrets(message) },
  };
}

/**
 * Returns the text before and after a record's JSON that makes it a RECORD on one line; `emittedAt` is in epoch
 * milliseconds.
 */
export function aroundRecord(stream: string, emittedAt: number): [head: string, tail: string] {
  return [`{"type":"RECORD","record":{"stream":${JSON.stringify(stream)},"emitted_at":${emittedAt},"data":`, "}}"];
}

/**
 * Writes the STATE of one stream as a line, with the number of its records since its last STATE. The number has a
 * decimal point, as the protocol requires (airbyte_protocol.yaml, AirbyteStateStats), which JSON.stringify would not
 * write.
 */
export function streamStateLine(stream: string, state: object, recordCount: number): string {
  const place = JSON.stringify({ stream_descriptor: { name: stream }, stream_state: state });
  return `{"type":"STATE","state":{"type":"STREAM","stream":${place},"sourceStats":{"recordCount":${recordCount.toFixed(1)}}}}`;
}

/**
 * Returns TRACE STREAM_STATUS; `quotaReset` (epoch milliseconds) is the time until which a rate limit delays the
 * stream.
 */
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

/** Returns TRACE ESTIMATE of one stream: the number of records to expect. */
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

/** The content of a TRACE ERROR, for the user and for the developer. */
export interface ErrorTrace {
  message: string;
  internalMessage?: string | undefined;
  stackTrace?: string | undefined;
  failureType: FailureType;
}

/** Returns TRACE ERROR, without secrets; `stream` is set if it concerns one stream. */
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

/** Returns LOG, without secrets. */
export function logMessage(level: "ERROR" | "WARN" | "INFO" | "DEBUG", message: string): object {
  return { type: "LOG", log: { level, message: withoutSecrets(message) } };
}

/**
 * Returns CONTROL CONNECTOR_CONFIG: the config that the orchestrator stores from now on. It is the only message with
 * secrets, because a used refresh token must be replaced where it is stored.
 */
export function connectorConfig(config: JsonObject): object {
  return {
    type: "CONTROL",
    control: { type: "CONNECTOR_CONFIG", emitted_at: Date.now(), connectorConfig: { config } },
  };
}
