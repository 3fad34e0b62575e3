import type { Logger } from "winston";
import { withAlerts } from "../../alerts/with-alerts.ts";
import { withLineage } from "../../alerts/with-lineage.ts";
import { requireDatabase } from "../../config/destination-specification.ts";
import { openDatabase } from "../../database/open/open-database.ts";
import { openExisting } from "../../database/open/open-existing.ts";
import { acquireRunLock } from "../../database/open/run-lock.ts";
import { readUsage } from "../../database/tables/budget.ts";
import { Failure } from "../../failure.ts";
import { modelNames } from "../../model-name.ts";
import { type Account, readAccount } from "../../pipedrive/account/account.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { streams as pipedriveStreams } from "../../pipedrive/records/streams.ts";
import { batchesOf } from "../../protocol/batches-of.ts";
import type { ObjectTarget } from "../../protocol/destination-catalog.ts";
import type { LineReader } from "../../protocol/incoming.ts";
import { InputBatches } from "../../protocol/input-batches.ts";
import { readLines } from "../../protocol/read-lines.ts";
import { writeLine } from "../../protocol/standard-output.ts";
import { withoutSecrets } from "../../secrets.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import { unnumberedGenerations } from "../../sync/land/generations.ts";
import { claimDatabase } from "../../sync/runs/one-account.ts";
import type { LoadMapping } from "../../sync/runs/refresh-catalog.ts";
import { runWrite } from "../../sync/runs/run-write.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import type { ModelCounts, Summary } from "../../sync/summary.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadFreshOrKept, loadMapping, withoutCatalog } from "../opening/load-mapping.ts";
import { type AccountEvents, type OpenAccount, openAccount } from "../opening/with-account.ts";
import { openPlanhat } from "../opening/with-database.ts";
import { describeHeld } from "../terminal/describe-held.ts";
import { landedNow } from "../terminal/describe-summary.ts";
import { createProgressLine } from "../terminal/progress-line.ts";

/** The options of every `write`. */
export interface WriteOptions extends CommonOptions {
  /** Seconds to wait for another run to end. */
  wait: number;
  /** True for Airbyte's destination, whose database must be named. */
  asDestination?: true;
}

/** The differences between the protocols. */
export interface WriteInput {
  read: LineReader;
  /** Returns the connector's stream for records of a stream; undefined if there is none. */
  streamOf(name: string): StreamName | undefined;
  /** Returns the object that records of a stream become; undefined for the streams of Pipedrive. */
  objectOf(name: string): ObjectTarget | undefined;
  /** True if the source sends every deal again. */
  full: boolean;
  /** The streams whose records replace landed ones: see `replacedStreams`. */
  replaced: ReadonlyMap<StreamName, { number: number | null; sources: string[] }>;
  /** Called with a message for each of the first unreadable lines. */
  onFault(message: string): void;
  onConfigChanged?: AccountEvents["onConfigChanged"];
}

/** Unreadable lines that are reported one by one. */
const faultsTold = 20;

/** Lands and applies the records of stdin, and prints its states on stdout. Throws the error that ended it. */
export async function writeRun(options: WriteOptions, input: WriteInput, signal: AbortSignal): Promise<void> {
  const { onConfigChanged } = input;
  const events = onConfigChanged === undefined ? {} : { onConfigChanged };
  const opened = await openAccount(options, signal, events);
  const { config, logger, budget } = opened;
  if (options.asDestination) requireDatabase(opened.written);
  const place = { config, logger, signal, tokensLeft: budget.left, isSync: true };
  await withAlerts(place, () => takeInput(opened, options, input, signal));
}

async function takeInput(
  { config, client, budget, logger }: OpenAccount,
  options: WriteOptions,
  input: WriteInput,
  signal: AbortSignal,
): Promise<void> {
  if (config.landing === "eligible") {
    throw new Failure("usage", "`write` does not work with `landing: eligible`: it cannot read records by their ids.", {
      hint: "Set landing: full in the config, or use `pipedrive-planhat sync`.",
    });
  }
  loadMapping(config, undefined, () => {});
  // Test the token before the database is opened, so that a wrong one does not create a new database.
  const account = await tryAccount(client);
  const unreachable = account instanceof Failure ? account : undefined;
  const opened = { signal, waitSeconds: options.wait };
  const database = await (unreachable === undefined ? openDatabase : openExisting)(config.database, opened);
  if (database === undefined) throw withoutCatalog(unreachable!);
  try {
    const lock = await acquireRunLock(database, { waitSeconds: options.wait, signal });
    try {
      if (!(account instanceof Failure)) await claimDatabase(database, account);
      budget.startFrom(await readUsage(database, new Date().toISOString().slice(0, 10)));
      const load: LoadMapping = (catalog, agrees) =>
        loadMapping(config, catalog, (warning) => logger.warn(warning), agrees);
      const mapping = await loadFreshOrKept({ database, client, loadMapping: load }, logger, unreachable);
      const planhat = await openPlanhat(config, logger, signal);
      const progress = createProgressLine(budget, (message) => logger.info(message));
      const { replaced } = input;
      const unnumbered = [...replaced].filter(([, { number }]) => number === null).map(([stream]) => stream);
      const standIns = await unnumberedGenerations(database, unnumbered);
      const gathered = new InputBatches(input.read, {
        streamOf: input.streamOf,
        objectOf: input.objectOf,
        generationOf(stream) {
          const generation = replaced.get(stream);
          if (generation === undefined) return undefined;
          const { number, sources } = generation;
          return { number: number ?? standIns.get(stream)!, numbered: number !== null, sources };
        },
        onFault(line, reason) {
          if (gathered.faults > faultsTold) return;
          // The reason quotes the input; mask secrets, in case a config was piped in by mistake.
          input.onFault(withoutSecrets(`Line ${line} of the input could not be read: ${reason}.`));
        },
        onLeftOut: (name) =>
          logger.warn(`Records of the stream ${name} are left out: the connector has no such stream.`),
        onTold: (level, message) => logger.log(level, `source: ${message}`),
      });
      try {
        const { summary, failure } = await runWrite({
          ...planhat,
          ...withBrake(config.brake),
          ...withHistory(config, byCommand("write")),
          ...withLineage(config, { warn: (message) => logger.warn(message), signal }),
          database,
          budget,
          mapping,
          signal,
          batches: batchesOf(readLines(process.stdin), gathered, signal),
          full: input.full,
          followChanges: config.follow_changes,
          onProgress: progress.update,
          onCommitted: async ({ states }) => {
            if (states.length > 0) await writeLine(states.map((line) => line()).join("\n"));
          },
          lacking: () => lackingIn(gathered),
        });
        progress.end();
        tell(logger, summary);
        if (failure !== undefined) throw failure;
      } finally {
        progress.end();
      }
    } finally {
      await lock.release();
    }
  } finally {
    // Closing stdin tells a source that still writes, and this process need not wait for its end.
    process.stdin.destroy();
    await database.close();
  }
}

async function tryAccount(client: Client): Promise<Account | Failure> {
  try {
    return await readAccount(client);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Returns a failure if the input was incomplete: the exit status must show it, and received records stay pending. */
function lackingIn({ faults, incomplete }: InputBatches): Failure | undefined {
  if (faults > 0) {
    return new Failure("run", `${counted(faults, "line")} of the input could not be read.`, {
      hint: "What came before and after is landed. No STATE that came after was given back, so that the next read brings what is missing.",
      remedy: "report",
    });
  }
  if (incomplete.length === 0) return undefined;
  return new Failure("run", `The input ended and these streams were not complete: ${incomplete.join(", ")}.`, {
    hint: "What came of them is landed. Run the source again from the last STATE.",
  });
}

function tell(logger: Logger, { streams, models, status, seconds, held }: Summary): void {
  const counts = streamNames.flatMap((name) => (streams[name] === undefined ? [] : [[name, streams[name]] as const]));
  const landed = counts.map(([name, one]) => counted(landedNow(one), pipedriveStreams[name].entity)).join(", ");
  const refused = counts.flatMap(([name, { rejected }]) =>
    rejected > 0 ? [counted(rejected, pipedriveStreams[name].entity)] : [],
  );
  const sum = (count: keyof ModelCounts) =>
    modelNames.reduce((total, model) => total + (models[model]?.[count] ?? 0), 0);
  logger.info(
    `Landed ${landed} in ${seconds} s.${refused.length === 0 ? "" : ` Refused before landing: ${refused.join(", ")}.`} Rows: ${sum("created")} created, ${sum("updated")} updated, ${sum("unchanged")} unchanged, ${sum("rejected")} rejected; ${counted(sum("fields_rejected"), "field")} of stored rows rejected.`,
  );
  for (const line of describeHeld(held)) if (line !== "") logger.warn(line.trim());
  if (status === "partial") logger.warn("Rejected records and fields are saved: `status` shows the reasons.");
}
