import type { JsonObject } from "../mapping/value.ts";
import { isObject } from "../mapping/value.ts";
import { memberText } from "../pipedrive/records/json-elements.ts";
import { isNestedDeeper } from "../text/nesting.ts";
import type { Incoming, LineReader } from "./incoming.ts";
import { parsedLine, tooDeepMessage } from "./parsed-line.ts";

/**
 * Reads lines as Singer messages (Singer specification 0.3, and ACTIVATE_VERSION, which is common practice). As in
 * every target, a RECORD before its stream's SCHEMA and an unknown kind of message are faults: their contents would be
 * lost.
 */
export function singerLineReader(): LineReader {
  const described = new Set<string>();
  return (bytes) => {
    const line = bytes.toString();
    const parsed = parsedLine(line);
    if ("fault" in parsed) return { kind: "fault", reason: parsed.fault };
    const { message } = parsed;
    const incoming = readMessage(line, message);
    if (incoming.kind === "schema") described.add(incoming.stream);
    if (incoming.kind === "record" && !described.has(incoming.stream)) {
      return { kind: "fault", reason: `it is a RECORD of ${incoming.stream} before any SCHEMA of it` };
    }
    return incoming;
  };
}

function readMessage(line: string, message: JsonObject): Incoming {
  const { type, stream, record, version } = message;
  if (type === "STATE") return readState(line, message);
  // A record that is nested too deep is reported as a rejected record; no other message is read that deep.
  if (type !== "RECORD" && isNestedDeeper(message)) return { kind: "fault", reason: tooDeepMessage };
  if (type !== "SCHEMA" && type !== "RECORD" && type !== "ACTIVATE_VERSION") {
    return {
      kind: "fault",
      reason: type === undefined ? "it has no `type`" : `its type ${JSON.stringify(type)} is not supported`,
    };
  }
  if (type === "RECORD" && isObject(record) && typeof record["stream"] === "string" && stream === undefined)
    return { kind: "fault", reason: "it is a RECORD of Airbyte, not of Singer: leave --format singer out" };
  if (typeof stream !== "string") return { kind: "fault", reason: `it is a ${type} without \`stream\`` };
  if (type === "SCHEMA") {
    if (isObject(message["schema"]) && Array.isArray(message["key_properties"])) return { kind: "schema", stream };
    return { kind: "fault", reason: "it is a SCHEMA without `schema` and `key_properties`" };
  }
  const number = typeof version === "number" && Number.isSafeInteger(version) ? version : undefined;
  if (type === "ACTIVATE_VERSION") {
    if (number !== undefined) return { kind: "version", stream, version: number };
    return { kind: "fault", reason: "it is an ACTIVATE_VERSION without a whole number `version`" };
  }
  if (!isObject(record)) return { kind: "fault", reason: "it is a RECORD whose `record` is not an object" };
  const text = memberText(line, ["record"])!;
  return { kind: "record", stream, data: record, text, ...(number === undefined ? {} : { version: number }) };
}

/** Reads a STATE. A target prints only its value, here character by character. */
function readState(line: string, message: JsonObject): Incoming {
  if (message["value"] === undefined) return { kind: "fault", reason: "it is a STATE without `value`" };
  const text = memberText(line, ["value"])!;
  return { kind: "state", stream: undefined, echo: () => text };
}
