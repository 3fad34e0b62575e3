import type { Json, JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import { memberText } from "../pipedrive/records/json-elements.ts";
import { isNestedDeeper } from "../text/nesting.ts";
import type { Incoming, LandedCounts } from "./incoming.ts";
import { parsedLine, tooDeepMessage } from "./parsed-line.ts";

/** The usual beginning of a record: of our own `read`, and of every source that keeps the protocol's order of keys. */
const usualBeginning = /^\{"type":"RECORD","record":\{"stream":"(\w+)","emitted_at":[1-9]\d*,"data":(?=\{)/;
/** Bytes that suffice to match the beginning. */
const longestBeginning = 200;
const statuses = ["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"] as const;

/** Reads a line as an Airbyte message (protocol 0.18). A record in the usual form is not parsed. */
export function readAirbyteLine(bytes: Buffer): Incoming {
  const [beginning, stream] = usualBeginning.exec(bytes.toString("latin1", 0, longestBeginning)) ?? [];
  const parsed = () => readText(bytes.toString());
  if (beginning === undefined || bytes.toString("latin1", bytes.length - 2) !== "}}") return parsed();
  return { kind: "likely record", stream: stream!, bytes: bytes.subarray(beginning.length, -2), parsed };
}

/**
 * Reads a line as an Airbyte message (protocol 0.18). Unknown kinds of message and unknown keys are ignored, as the
 * protocol requires. A RECORD, STATE or STREAM_STATUS without its required parts is a fault.
 */
function readText(line: string): Incoming {
  const parsed = parsedLine(line);
  if ("fault" in parsed) return { kind: "fault", reason: parsed.fault };
  const { message } = parsed;
  if (message["type"] === "RECORD") return readRecord(line, message);
  if (message["type"] === "STATE") return readState(line, message["state"]);
  // A record that is nested too deep is reported as a rejected record; no other message is read that deep.
  if (isNestedDeeper(message)) return { kind: "fault", reason: tooDeepMessage };
  switch (message["type"]) {
    case "TRACE":
      return readTrace(message["trace"]);
    case "LOG":
      return readLog(message["log"]);
    case undefined:
      return { kind: "fault", reason: "it has no `type`" };
    default:
      return { kind: "nothing" };
  }
}

function readRecord(line: string, message: JsonObject): Incoming {
  const { record } = message;
  if (typeof message["stream"] === "string")
    return { kind: "fault", reason: "it is a RECORD of Singer, not of Airbyte: use --format singer" };
  if (!isObject(record)) return { kind: "fault", reason: "it is a RECORD without `record`" };
  const { stream, data } = record;
  if (typeof stream !== "string") return { kind: "fault", reason: "it is a RECORD without `record.stream`" };
  if (!isObject(data)) return { kind: "fault", reason: "it is a RECORD whose `record.data` is not an object" };
  return { kind: "record", stream, data, text: textOfData(line, message, record) };
}

/**
 * Returns the text of the data. Finding its end in any line takes as long as parsing; in the usual form it is the end
 * of the line.
 */
function textOfData(line: string, message: JsonObject, record: JsonObject): string {
  const [beginning] = usualBeginning.exec(line) ?? [];
  const isUsual =
    beginning !== undefined &&
    line.endsWith("}}") &&
    Object.keys(message).length === 2 &&
    Object.keys(record).length === 3 &&
    !line.includes('"data":', beginning.length);
  return isUsual ? line.slice(beginning.length, -2) : memberText(line, ["record", "data"])!;
}

/**
 * Reads a STATE of one stream, of all (GLOBAL), or of the old form (LEGACY, or without a type). It is returned
 * character by character, because it belongs to the source; only `destinationStats` is added.
 */
function readState(line: string, state: Json | undefined): Incoming {
  if (!isObject(state)) return { kind: "fault", reason: "it is a STATE without `state`" };
  const { type, stream } = state;
  const isOfStream = type === "STREAM" || (type === undefined && stream !== undefined);
  const descriptor = isOfStream && isObject(stream) ? stream["stream_descriptor"] : undefined;
  const name = isObject(descriptor) ? descriptor["name"] : undefined;
  if (isOfStream && typeof name !== "string") {
    return { kind: "fault", reason: "it is a STATE without `state.stream.stream_descriptor.name`" };
  }
  const { destinationStats, ...rest } = state;
  if (destinationStats !== undefined && isNestedDeeper(state)) return { kind: "fault", reason: tooDeepMessage };
  const text = destinationStats === undefined ? memberText(line, ["state"])! : JSON.stringify(rest);
  return {
    kind: "state",
    stream: isOfStream ? (name as string) : undefined,
    echo: (counts) => stateLine(text, counts),
  };
}

/**
 * Writes a STATE with `destinationStats` after the source's own keys. The numbers have a decimal point, as the protocol
 * requires (airbyte_protocol.yaml, AirbyteStateStats).
 */
function stateLine(state: string, { landed, rejected }: LandedCounts): string {
  const own = state.slice(0, state.lastIndexOf("}")).trimEnd();
  const stats = `"destinationStats":{"recordCount":${landed.toFixed(1)},"rejectedRecordCount":${rejected.toFixed(1)}}`;
  return `{"type":"STATE","state":${own}${own === "{" ? "" : ","}${stats}}}`;
}

function readTrace(trace: Json | undefined): Incoming {
  if (!isObject(trace)) return { kind: "fault", reason: "it is a TRACE without `trace`" };
  if (trace["type"] === "ERROR" && isObject(trace["error"])) {
    return { kind: "told", level: "error", message: String(trace["error"]["message"]) };
  }
  if (trace["type"] !== "STREAM_STATUS") return { kind: "nothing" };
  const status = isObject(trace["stream_status"]) ? trace["stream_status"] : {};
  const descriptor = isObject(status["stream_descriptor"]) ? status["stream_descriptor"] : {};
  const { name } = descriptor;
  const word = statuses.find((candidate) => candidate === status["status"]);
  if (typeof name !== "string" || word === undefined) {
    return { kind: "fault", reason: "it is a STREAM_STATUS without a stream's name and a status" };
  }
  return { kind: "status", stream: name, status: word };
}

const levels: Readonly<Record<string, "error" | "warn" | "info" | "debug">> = {
  FATAL: "error",
  ERROR: "error",
  WARN: "warn",
  INFO: "info",
};

function readLog(log: Json | undefined): Incoming {
  if (!isObject(log)) return { kind: "nothing" };
  return { kind: "told", level: levels[String(log["level"])] ?? "debug", message: String(log["message"]) };
}
