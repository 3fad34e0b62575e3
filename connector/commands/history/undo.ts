import { loadConfig } from "../../config/load-config.ts";
import { FolderInUse } from "../../database/embedded/folder-lock.ts";
import { RunUnderWay } from "../../database/open/run-lock.ts";
import { rehearse } from "../../database/rehearsal/rehearse.ts";
import { readUsage } from "../../database/tables/budget.ts";
import type { StartedBy } from "../../database/tables/runs.ts";
import { findUndone, refuseWithoutChanges, refuseWithoutRows, type UndoneRun } from "../../database/undo/undone-run.ts";
import { Failure } from "../../failure.ts";
import { createLogger } from "../../logger.ts";
import type { ModelName } from "../../model-name.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { createBudget } from "../../pipedrive/client/budget.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import { runUndo, type UndoOutcome } from "../../sync/undo/run-undo.ts";
import type { CommonOptions } from "../common-options.ts";
import { type OpenAccount, openAccount } from "../opening/with-account.ts";
import { type Landed, withLanded } from "../opening/with-database.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describeUndo } from "./describe-undo.ts";

/** The options of `undo`. */
export interface UndoOptions extends CommonOptions {
  model?: ModelName[];
  field?: string[];
  id?: string[];
  /** True to remove rows that the run created. */
  created?: true;
  /** True to undo the values that it sent to Pipedrive. */
  sent?: true;
  /** The longest wait for the database, in seconds. */
  wait: number;
  /** True to do it; otherwise it is only shown. */
  yes?: true;
  json?: true;
}

/** Undoes the changes of a run, or shows what that would do. Returns the exit status. */
export async function undo(run: string, options: UndoOptions): Promise<number> {
  const isDone = options.yes === true;
  const signal = stopSignal(isDone ? undefined : "Nothing was written.");
  const { config, logger, account } = await opened(options, signal);
  const { outcome, undone } = await unlessUnderWay(run, options.wait, () =>
    withLanded({ config, logger, wait: options.wait, signal, writes: isDone, purpose: "to take back" }, (landed) =>
      undoIn(landed, { config, logger, account, signal, startedBy: byCommand("undo") }, run, options),
    ),
  );
  const { rows, failure } = outcome;
  if (rows !== undefined) {
    const own = isDone ? rows.summary.run : null;
    if (options.json) await writeMessage(withFailure({ ...rows.summary, run: own }, failure));
    else for (const line of describeUndo(rows, undone, { ...options, isDone })) await writeLine(line);
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

/** The choices of an undo: which part of the run, and whether it is done or only shown. */
export type UndoChoices = Pick<UndoOptions, "model" | "field" | "id" | "created" | "yes">;

/** Undoes a run in an open and locked database, or shows in a rehearsal what that would do. */
export async function undoIn(
  landed: Landed,
  by: Pick<OpenAccount, "config" | "logger"> & {
    /** The account, if what the run sent is taken back too. */
    account: OpenAccount | undefined;
    signal: AbortSignal;
    startedBy: StartedBy;
  },
  run: string,
  { model, field, id, created, yes }: UndoChoices,
): Promise<{ outcome: UndoOutcome; undone: UndoneRun }> {
  const { config, logger, account, signal, startedBy } = by;
  const undone = await findUndone(landed.database, run);
  refuseWithoutChanges(undone);
  await refuseWithoutRows(landed.database, undone);
  const carryOut = async (database: Landed["database"]) =>
    runUndo({
      ...landed,
      database,
      ...withHistory(config, startedBy),
      budget: account?.budget ?? createBudget({}),
      // The rehearsal of a preview has the one connection of an embedded database, so its client must read there too.
      ...(account === undefined ? {} : { client: await ownClient(account, { ...landed, database }) }),
      signal,
      onWarning: (message: string) => void logger.warn(message),
      undone,
      choice: { models: model, fields: field, ids: id, created: created === true },
    });
  const outcome = yes === true ? await carryOut(landed.database) : await rehearse(landed.database, carryOut);
  return { outcome, undone };
}

/**
 * Runs the work. Throws if it would undo the run that is under way, or another process uses the database folder; the
 * hint names the way to wait.
 */
async function unlessUnderWay<Result>(wanted: string, waited: number, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FolderInUse) {
      const message = error.message.replace(/\.$/, ", so nothing can be taken back yet.");
      throw new Failure("surroundings", message, { hint: waitLonger(waited, wanted), cause: error });
    }
    const running = error instanceof RunUnderWay ? error.run : undefined;
    if (running === undefined || !(wanted === "last" || running.id.startsWith(wanted.toLowerCase()))) throw error;
    const { id, startedAt } = running;
    throw new Failure(
      "surroundings",
      `Run ${id} is still working (it started ${startedAt}), so it cannot be taken back yet.`,
      { hint: waitLonger(waited, id.slice(0, 8)), cause: error },
    );
  }
}

function waitLonger(waited: number, run: string): string {
  const wait = waited > 0 ? `It did not end within ${waited} seconds; wait longer` : "Wait for its end";
  return `${wait}: pipedrive-planhat undo ${run} --wait 600.`;
}

/** Opens what an undo needs; the account only if values in Pipedrive are to be undone. */
async function opened(options: UndoOptions, signal: AbortSignal) {
  if (options.sent === true) {
    const account = await openAccount(options, signal);
    return { config: account.config, logger: account.logger, account };
  }
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  return { config, logger: await createLogger(options.logLevel, options.logFormat), account: undefined };
}

/** Returns a client of the database's own account that requests the fields which the mapping reads. */
async function ownClient({ client, budget, logger }: OpenAccount, { database, mapping }: Landed): Promise<Client> {
  budget.startFrom(await readUsage(database, new Date().toISOString().slice(0, 10)));
  const own = ofOwnAccount(client, database, database.location);
  return askingFor(own, mapping.asked, (message) => logger.warn(message));
}
