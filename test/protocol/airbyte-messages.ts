import { Ajv } from "ajv";
import formatsModule from "ajv-formats";
import { expect } from "chai";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { protocolErrors } from "./protocol-schema.ts";

/** A message with its payload under its own name. */
export type Message = JsonObject & { type: string };

const text = { type: "string" };
const whole = { type: "integer" };
const anything = { type: "object" };
const object = (properties: object, required: string[] = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
});
const descriptor = object({ name: { type: "string", minLength: 1 } });
const stats = object({ recordCount: { type: "number", minimum: 0 } });
const streamState = object({ stream_descriptor: descriptor, stream_state: anything }, ["stream_descriptor"]);
const path = { type: "array", items: text, minItems: 1 };
const syncMode = { enum: ["full_refresh", "incremental"] };

/**
 * One JSON Schema for each type of message: the requirements that the Airbyte protocol 0.18 states for a source in its
 * prose, besides those of its own schema.
 */
const payloads: Record<string, [name: string, schema: object]> = {
  RECORD: ["record", object({ stream: text, data: { type: "object", minProperties: 1 }, emitted_at: whole })],
  STATE: [
    "state",
    object({ type: { const: "STREAM" }, stream: { ...streamState, required: ["stream_state"] }, sourceStats: stats }),
  ],
  LOG: ["log", object({ level: { enum: ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"] }, message: text })],
  SPEC: [
    "spec",
    object({
      protocol_version: { type: "string", pattern: "^0\\.\\d+\\.\\d+$" },
      documentationUrl: { type: "string", format: "uri" },
      connectionSpecification: anything,
    }),
  ],
  CONNECTION_STATUS: [
    "connectionStatus",
    object({ status: { enum: ["SUCCEEDED", "FAILED"] }, message: text }, ["status"]),
  ],
  CATALOG: [
    "catalog",
    object({
      streams: {
        type: "array",
        minItems: 1,
        items: object({
          name: text,
          json_schema: anything,
          supported_sync_modes: { type: "array", minItems: 1, items: syncMode },
          source_defined_cursor: { type: "boolean" },
          default_cursor_field: path,
          source_defined_primary_key: { type: "array", items: path },
          is_resumable: { type: "boolean" },
        }),
      },
    }),
  ],
  DESTINATION_CATALOG: [
    "destination_catalog",
    object({
      operations: {
        type: "array",
        minItems: 1,
        items: object({
          object_name: text,
          sync_mode: { enum: ["append", "append_dedup", "update"] },
          json_schema: object({
            type: { const: "object" },
            properties: anything,
            additionalProperties: { const: true },
          }),
          matching_keys: { type: "array", minItems: 1, items: path },
        }),
      },
    }),
  ],
  CONTROL: [
    "control",
    object({
      type: { const: "CONNECTOR_CONFIG" },
      emitted_at: { type: "number" },
      connectorConfig: object({ config: anything }),
    }),
  ],
  TRACE: [
    "trace",
    {
      ...object({
        type: { enum: ["ERROR", "ESTIMATE", "STREAM_STATUS", "ANALYTICS"] },
        emitted_at: { type: "number" },
      }),
      oneOf: [
        object({
          type: { const: "ERROR" },
          error: object(
            {
              message: { type: "string", minLength: 1 },
              internal_message: text,
              stack_trace: text,
              failure_type: { enum: ["config_error", "transient_error", "system_error"] },
              stream_descriptor: descriptor,
            },
            ["message", "failure_type"],
          ),
        }),
        object({
          type: { const: "STREAM_STATUS" },
          stream_status: object(
            {
              stream_descriptor: descriptor,
              status: { enum: ["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"] },
              reasons: {
                type: "array",
                items: object({ type: { const: "RATE_LIMITED" }, rate_limited: object({ quota_reset: whole }) }),
              },
            },
            ["stream_descriptor", "status"],
          ),
        }),
        object({
          type: { const: "ESTIMATE" },
          estimate: object({ name: text, type: { enum: ["STREAM", "SYNC"] }, row_estimate: whole }),
        }),
      ],
    },
  ],
};

const ajv = new Ajv({ allErrors: true, strict: false });
formatsModule.default(ajv);
const validators = new Map(
  Object.entries(payloads).map(([type, [name, schema]]) => [
    type,
    // Only the payload that the type names is present.
    ajv.compile({ ...object({ type: { const: type }, [name]: schema }), additionalProperties: false }),
  ]),
);

/** Returns the messages of a verb's stdout. Fails if a line is not of the protocol, or the last one has no end. */
export function messagesOf(stdout: string): Message[] {
  if (stdout === "") return [];
  expect(stdout.endsWith("\n"), "the last line ends").to.equal(true);
  return stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      const message = JSON.parse(line) as Message;
      const errors = protocolErrors("AirbyteMessage", message);
      if (errors !== undefined) throw new Error(`against airbyte_protocol.yaml: ${errors}: ${line.slice(0, 500)}`);
      const validate = validators.get(message.type);
      if (validate === undefined) throw new Error(`no type of the protocol: ${line.slice(0, 200)}`);
      if (!validate(message)) throw new Error(`${ajv.errorsText(validate.errors)}: ${line.slice(0, 500)}`);
      return message;
    });
}

interface StreamMessage {
  record?: { stream: string; data: JsonObject };
  state?: {
    stream: { stream_descriptor: { name: string }; stream_state: JsonObject };
    sourceStats: { recordCount: number };
  };
  log?: { level: string; message: string };
  trace?: {
    type: string;
    estimate?: { name: string; row_estimate: number };
    error?: ErrorOfTrace;
    stream_status?: { stream_descriptor: { name: string }; status: string; reasons?: JsonObject[] };
  };
}

/** The error of a TRACE ERROR. */
export interface ErrorOfTrace {
  message: string;
  internal_message?: string;
  failure_type: string;
  stream_descriptor?: { name: string };
}

/** Summarizes each message of a read: `STARTED deals`, `RECORD deals`, `STATE deals 3`, `ERROR config_error`. */
export function outlineOf(messages: readonly Message[]): string[] {
  return messages.map((message) => {
    const { record, state, trace, log } = message as StreamMessage;
    if (record !== undefined) return `RECORD ${record.stream}`;
    if (state !== undefined) return `STATE ${state.stream.stream_descriptor.name} ${state.sourceStats.recordCount}`;
    if (log !== undefined) return `LOG ${log.level}`;
    const status = trace?.stream_status;
    if (status !== undefined) {
      const reason = status.reasons === undefined ? "" : ` ${String(status.reasons[0]!["type"])}`;
      return `${status.status} ${status.stream_descriptor.name}${reason}`;
    }
    if (trace?.estimate !== undefined) return `ESTIMATE ${trace.estimate.name} ${trace.estimate.row_estimate}`;
    const error = trace?.error;
    if (error === undefined) return message.type;
    return ["ERROR", error.failure_type, error.stream_descriptor?.name].filter((word) => word !== undefined).join(" ");
  });
}

/** Returns the outline without records, which the states count, and without estimates, on which nothing depends. */
export function courseOf(messages: readonly Message[]): string[] {
  return outlineOf(messages).filter((word) => !/^(RECORD|ESTIMATE)/.test(word));
}

/** Returns the records of a stream, in order. */
export function recordsOf(messages: readonly Message[], stream: string): JsonObject[] {
  return messages.flatMap((message) => {
    const { record } = message as StreamMessage;
    return record?.stream === stream ? [record.data] : [];
  });
}

/** Returns the `state` of each STATE, as an orchestrator stores it. */
export function statesOf(messages: readonly Message[]): NonNullable<StreamMessage["state"]>[] {
  return messages.flatMap((message) => (message as StreamMessage).state ?? []);
}

/** Returns the errors reported. */
export function errorsOf(messages: readonly Message[]): ErrorOfTrace[] {
  return messages.flatMap((message) => (message as StreamMessage).trace?.error ?? []);
}

/** Fails if the course of a read breaks a rule of the protocol that no single message shows. */
export function expectGoodCourse(messages: readonly Message[]): void {
  const words = outlineOf(messages);
  for (const stream of new Set(words.flatMap((word) => /^STARTED (\w+)$/.exec(word)?.[1] ?? []))) {
    const own = words.filter((word) => word.split(" ")[1] === stream);
    const text = own.map((word) => word.split(" ")[0]).join(" ");
    expect(text, stream).to.match(/^STARTED( ESTIMATE)?( RUNNING( RECORD| STATE| RUNNING)*)?( STATE)* COMPLETE$/);
    expect(text, `${stream}: the last STATE comes after the last RECORD`).not.to.match(/RECORD COMPLETE$/);
    const states = statesOf(messages).filter((state) => state.stream.stream_descriptor.name === stream);
    expect(states, `${stream}: a STATE at least`).not.to.have.length(0);
    const counted = states.reduce((sum, { sourceStats }) => sum + sourceStats.recordCount, 0);
    expect(counted, `${stream}: the counts are the records`).to.equal(recordsOf(messages, stream).length);
    const texts = states.map(({ stream: { stream_state: state } }) => JSON.stringify(state));
    expect(new Set(texts).size, `${stream}: no STATE twice`).to.equal(texts.length);
  }
}
