import { objectKey } from "../../planhat/object-schema.ts";
import { connectorConfig, traceError } from "../../protocol/airbyte.ts";
import { readAirbyteLine } from "../../protocol/airbyte-input.ts";
import { requireOwnStream } from "../../protocol/configured-catalog.ts";
import { destinationStreams, ownStreamOf, replacedStreams } from "../../protocol/destination-catalog.ts";
import { readJsonFile } from "../../protocol/read-json-file.ts";
import { singerLineReader } from "../../protocol/singer-input.ts";
import { emit } from "../../protocol/standard-output.ts";
import { airbyteVerb } from "../airbyte/airbyte-verb.ts";
import { reportFailure, reportTrouble } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { type WriteOptions, writeRun } from "./write-run.ts";

/**
 * Lands the RECORD messages of stdin, maps them and stores their rows. Prints each STATE once everything before it is
 * committed (Airbyte protocol 0.18). Returns the exit status.
 */
export async function write(options: WriteOptions & { catalog: string }): Promise<number> {
  return airbyteVerb(async (signal) => {
    const streams = destinationStreams(readJsonFile(options.catalog, "catalog"), objectKey);
    const byName = new Map(streams.map((stream) => [stream.name, stream]));
    requireOwnStream(
      streams.map(({ name }) => name),
      (name) => byName.get(name)?.own !== undefined || byName.get(name)?.object !== undefined,
    );
    await writeRun(
      options,
      {
        read: readAirbyteLine,
        streamOf: (name) => byName.get(name)?.own,
        objectOf: (name) => byName.get(name)?.object,
        full: streams.some(
          ({ name, own, syncMode }) => name === "deals" && own !== undefined && syncMode === "full_refresh",
        ),
        replaced: replacedStreams(streams),
        onFault: (message) => void emit(traceError({ message, internalMessage: message, failureType: "system_error" })),
        onConfigChanged: (config) => void emit(connectorConfig(config)),
      },
      signal,
    );
    return 0;
  });
}

/**
 * Lands, maps and stores Singer messages from stdin, and prints the value of each STATE. Errors go only to stderr,
 * because Singer has no message for them. Returns the exit status.
 */
export async function writeSinger(options: WriteOptions): Promise<number> {
  try {
    await writeRun(
      options,
      {
        read: singerLineReader(),
        streamOf: ownStreamOf,
        objectOf: () => undefined,
        full: false,
        replaced: new Map(),
        onFault: reportTrouble,
      },
      stopSignal(),
    );
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}
