import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { Sandbox, SandboxOptions } from "../connector/sandbox/server.ts";
import { streamNames } from "../connector/stream-name.ts";
import type { DatabaseKind } from "./databases.ts";
import { protocolErrors } from "./protocol/protocol-schema.ts";
import { type BinResult, runBin } from "./run-bin.ts";
import { type SandboxSync, sandboxSync } from "./sandbox-sync.ts";

/** The output of a run of `write`: the states that it returned, and the errors that it reported. */
export interface WriteResult extends BinResult {
  states: JsonObject[];
  errors: { message: string; failure_type: string }[];
}

/** A sandbox account with a database that `write` fills. */
export interface WritePlace extends SandboxSync {
  /** Writes the configured catalog; `more` is added to every stream of it. */
  catalog(streams?: readonly string[], more?: JsonObject): void;
  /** Returns the lines that `read` prints, from a state on if given. */
  readLines(states?: readonly JsonObject[]): Promise<string[]>;
  /** Runs `write` with these lines on stdin; if they are undefined, `onStart` feeds it. */
  write(lines: readonly string[] | undefined, options?: FeedOptions): Promise<WriteResult>;
}

/** The options of a run of `write`. */
export interface FeedOptions {
  args?: readonly string[];
  onStart?: (child: ChildProcess) => void;
}

/** Sets a test up with a database of its own, and an account of its own or that of another. */
export async function writePlace(
  kind: DatabaseKind,
  options: SandboxOptions = {},
  shared?: Sandbox,
): Promise<WritePlace> {
  const setting = await sandboxSync(kind, options, shared);
  const { place } = setting;
  const result: WritePlace = {
    ...setting,
    catalog(streams = streamNames, more = {}) {
      place.write("catalog.json", JSON.stringify(configuredCatalog(streams, more)));
    },
    async readLines(states) {
      if (states !== undefined) place.write("state.json", JSON.stringify(states.map(({ state }) => state!)));
      const { stdout } = await setting.run([
        "read",
        "--catalog",
        "catalog.json",
        ...(states === undefined ? [] : ["--state", "state.json"]),
      ]);
      return stdout.trimEnd().split("\n");
    },
    async write(lines, { args = ["write", "--catalog", "catalog.json"], onStart } = {}) {
      const ended = await runBin(place.folder, args, {
        stdin: true,
        onStart(child) {
          // A write that ends before its input closes the pipe.
          child.stdin!.on("error", () => {});
          onStart?.(child);
          if (lines !== undefined) child.stdin!.end(lines.map((line) => `${line}\n`).join(""));
        },
      });
      const messages = args.includes("singer") ? [] : messagesOf(ended);
      return {
        ...ended,
        states: messages.filter(({ type }) => type === "STATE"),
        errors: messages.flatMap(({ trace }) => trace?.error ?? []),
      };
    },
  };
  result.catalog();
  return result;
}

function configuredCatalog(streams: readonly string[], more: JsonObject): JsonObject {
  return {
    streams: streams.map((name) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh", "incremental"] },
      sync_mode: "incremental",
      cursor_field: ["update_time"],
      destination_sync_mode: "append_dedup",
      primary_key: [["id"]],
      ...more,
    })),
  };
}

/** Returns the messages: every line must be one by the protocol's own schema; a killed process may cut the last one. */
function messagesOf({ stdout, signal }: BinResult) {
  const lines = stdout.split("\n");
  const cut = lines.pop()!;
  if (signal === null) expect(cut, "the last line ends").to.equal("");
  return lines.map((line) => {
    const message = JSON.parse(line);
    expect(protocolErrors("AirbyteMessage", message), line).to.equal(undefined);
    return message;
  });
}

/** Returns a RECORD line. */
export function recordOf(stream: string, data: JsonObject): string {
  return JSON.stringify({ type: "RECORD", record: { stream, emitted_at: 1_790_000_000_000, data } });
}

/** Returns a STATE line of one stream. */
export function stateOf(stream: string, state: JsonObject): string {
  return JSON.stringify({
    type: "STATE",
    state: { type: "STREAM", stream: { stream_descriptor: { name: stream }, stream_state: state } },
  });
}

/** Returns a STREAM_STATUS line. */
export function statusOf(stream: string, status: string): string {
  return JSON.stringify({
    type: "TRACE",
    trace: { type: "STREAM_STATUS", emitted_at: 1, stream_status: { stream_descriptor: { name: stream }, status } },
  });
}
