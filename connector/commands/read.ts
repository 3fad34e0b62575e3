import { readFileSync } from "node:fs";
import { Failure } from "../failure.ts";
import { readPages, type StreamState } from "../pipedrive/read-pages.ts";
import { type ConfiguredStream, log, record, streamState, streamStatus } from "../protocol/airbyte.ts";
import { configuredStreams, savedStates } from "../protocol/input-files.ts";
import { writeLine, writeMessage } from "../protocol/standard-output.ts";
import { withoutSecrets } from "../secrets.ts";
import { type StreamName, streamNames } from "../stream-name.ts";
import type { CommonOptions } from "./common-options.ts";
import { type OpenAccount, openAccount } from "./open-account.ts";
import { reportTrace } from "./report-trace.ts";

/** Prints the configured streams as RECORD and STATE messages. Returns the exit status. */
export async function read(options: CommonOptions & { catalog: string; state?: string }): Promise<number> {
  try {
    const streams = configuredStreams(readJson(options.catalog, "catalog"));
    const states = options.state === undefined ? new Map() : savedStates(readJson(options.state, "state"));
    const account = await openAccount(options);
    const failed: string[] = [];
    for (const stream of streams) {
      if (!(await readStream(account, stream, states.get(stream.stream.name)))) failed.push(stream.stream.name);
    }
    if (failed.length === 0) return 0;
    return await reportTrace(new Failure("run", `These streams could not be read to their end: ${failed.join(", ")}.`));
  } catch (error) {
    return reportTrace(error);
  }
}

/** Reads one stream to its end; a failure is told and ends this stream only. Returns whether all went well. */
async function readStream(
  account: OpenAccount,
  configured: ConfiguredStream,
  saved: StreamState | undefined,
): Promise<boolean> {
  const { name } = configured.stream;
  await writeMessage(streamStatus(name, "STARTED"));
  let running = false;
  try {
    if (!isStreamName(name)) {
      throw new Failure("usage", `The catalog names the stream ${name}, which does not exist.`, {
        hint: `The streams are ${streamNames.join(", ")}.`,
      });
    }
    const state = configured.sync_mode === "incremental" ? saved : undefined;
    let last: StreamState = state ?? {};
    let stated = false;
    for await (const page of readPages(account.client, name, { state, startDate: account.config.start_date })) {
      if (!running && page.records.length > 0) {
        await writeMessage(streamStatus(name, "RUNNING"));
        running = true;
      }
      const emittedAt = Date.now();
      const lines = page.records.map((one) => JSON.stringify(record(name, one.record, emittedAt)));
      if (lines.length > 0) await writeLine(withoutSecrets(lines.join("\n")));
      for (const { id, reason } of page.rejected)
        await writeMessage(log("WARN", `${name} ${id ?? "without id"} was left out: ${reason}`));
      if (page.records.length > 0 || !stated) await writeMessage(streamState(name, page.state, page.records.length));
      stated = true;
      last = page.state;
    }
    if (!stated) await writeMessage(streamState(name, last, 0));
    await writeMessage(streamStatus(name, "COMPLETE"));
    return true;
  } catch (error) {
    await writeMessage(streamStatus(name, "INCOMPLETE"));
    await reportTrace(error, name);
    return false;
  }
}

function isStreamName(name: string): name is StreamName {
  return (streamNames as readonly string[]).includes(name);
}

function readJson(file: string, what: "catalog" | "state"): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Failure("usage", `The ${what} file ${file} cannot be read: ${(error as Error).message}.`);
  }
}
