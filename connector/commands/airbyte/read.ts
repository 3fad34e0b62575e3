import { Failure, type Remedy } from "../../failure.ts";
import { readAccount } from "../../pipedrive/account/account.ts";
import { connectorConfig, streamStatus } from "../../protocol/airbyte.ts";
import { type ConfiguredStream, configuredStreams, requireOwnStream } from "../../protocol/configured-catalog.ts";
import { readJsonFile, readStateFile } from "../../protocol/read-json-file.ts";
import { printedStates } from "../../protocol/saved-states.ts";
import { emit } from "../../protocol/standard-output.ts";
import { type StreamPosition, streamPositionOf } from "../../protocol/stream-position.ts";
import { isStreamName, streamNames } from "../../stream-name.ts";
import type { CommonOptions } from "../common-options.ts";
import { openAccount } from "../opening/with-account.ts";
import { Stopped } from "../terminal/stop-signal.ts";
import { airbyteVerb } from "./airbyte-verb.ts";
import { readStream, type StreamReader } from "./read-stream.ts";
import { reportTrace } from "./report-trace.ts";

/** The files of a read. */
export interface ReadFiles {
  /** The configured catalog, a JSON file. */
  catalog: string;
  /** The state of the last read, a JSON file. */
  state?: string;
}

/**
 * Prints the configured streams as RECORD and STATE messages. Faults of config, catalog, state or token are reported
 * before any record; a stream that fails later does not end the others. Returns the exit status.
 */
export async function read(options: CommonOptions & ReadFiles): Promise<number> {
  return airbyteVerb(async (signal) => {
    const configured = configuredStreams(readJsonFile(options.catalog, "catalog"));
    requireOwnStream(
      configured.map(({ name }) => name),
      isStreamName,
    );
    const states = options.state === undefined ? new Map() : printedStates(readStateFile(options.state));
    const positions = new Map<string, StreamPosition>();
    for (const { name } of configured) {
      const state = states.get(name);
      if (state !== undefined && isStreamName(name)) positions.set(name, streamPositionOf(name, state));
    }
    let running: string | undefined;
    const { client, config } = await openAccount(options, signal, {
      onConfigChanged: (changed) => void emit(connectorConfig(changed)),
      onHeldBack: (until) => {
        if (running !== undefined) void emit(streamStatus(running, "RUNNING", until));
      },
    });
    await readAccount(client);
    const reader: StreamReader = {
      client,
      startDate: config.start_date,
      onRunning: (stream) => {
        running = stream;
      },
    };
    const failed = new Map<string, Remedy>();
    for (const stream of configured) {
      try {
        await readOne(reader, stream, positions.get(stream.name));
      } catch (error) {
        if (error instanceof Stopped) throw error;
        await reportTrace(error, stream.name);
        failed.set(stream.name, error instanceof Failure ? error.remedy : "report");
      }
    }
    return failed.size === 0 ? 0 : reportTrace(unfinished(failed));
  });
}

/** Reads one stream between its statuses. Throws the error that ends it, after INCOMPLETE. */
async function readOne(
  reader: StreamReader,
  configured: ConfiguredStream,
  position: StreamPosition | undefined,
): Promise<void> {
  const { name } = configured;
  await emit(streamStatus(name, "STARTED"));
  try {
    if (!isStreamName(name)) {
      throw new Failure("usage", `The catalog names the stream ${name}, which does not exist.`, {
        hint: `The streams are ${streamNames.join(", ")}.`,
      });
    }
    await readStream(reader, { ...configured, name }, position);
  } catch (error) {
    reader.onRunning(undefined);
    await emit(streamStatus(name, "INCOMPLETE"));
    throw error;
  }
  reader.onRunning(undefined);
  await emit(streamStatus(name, "COMPLETE"));
}

/** Returns the failure of the whole read; its remedy is the one that most needs a user's action. */
function unfinished(failed: ReadonlyMap<string, Remedy>): Failure {
  const remedies = new Set(failed.values());
  const remedy = (["report", "change", "retry"] as const).find((candidate) => remedies.has(candidate));
  return new Failure("run", `These streams could not be read completely: ${[...failed.keys()].join(", ")}.`, {
    hint: "Each reports its reason. All other streams are complete.",
    remedy,
  });
}
