import { loadConfig } from "../../config/load-config.ts";
import { rehearse } from "../../database/rehearsal/rehearse.ts";
import { Failure } from "../../failure.ts";
import { createLogger } from "../../logger.ts";
import { createBudget } from "../../pipedrive/client/budget.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets } from "../../secrets.ts";
import { runForget } from "../../sync/forget/run-forget.ts";
import { byCommand, withHistory } from "../../sync/runs/with-history.ts";
import type { CommonOptions } from "../common-options.ts";
import { withLanded } from "../opening/with-database.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describeForget } from "./describe-forget.ts";
import { memoryFile, readMemoryFile, writeMemoryFile } from "./memory-file.ts";

/** The options of `forget`. */
export interface ForgetOptions extends CommonOptions {
  /** The address of the persons to forget. */
  email?: string;
  /** The longest wait for the database, in seconds. */
  wait: number;
  /** True to do it; otherwise it is only shown. */
  yes?: true;
  json?: true;
}

/** Forgets a person, or shows where the person is. Returns the exit status. */
export async function forget(id: number | undefined, options: ForgetOptions): Promise<number> {
  const { email } = options;
  refuseUnclear(id, email);
  const isDone = options.yes === true;
  const signal = stopSignal(isDone ? undefined : "Nothing was written.");
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const logger = await createLogger(options.logLevel, options.logFormat);
  await readMemoryFile(options.config);
  const { proof, failure } = await withLanded(
    { config, logger, wait: options.wait, signal, writes: isDone, purpose: "to forget" },
    (landed) => {
      const request = {
        ...landed,
        ...withHistory(config, byCommand("forget")),
        budget: createBudget({}),
        signal,
        onWarning: (message: string) => void logger.warn(message),
        wanted: id === undefined ? { address: email! } : { id },
        onRemembered: async (memory: Parameters<typeof writeMemoryFile>[1]) => {
          await writeMemoryFile(options.config, memory).catch((error: unknown) => {
            const why = error instanceof Error ? error.message : String(error);
            logger.warn(
              `The memory of forgotten persons could not be kept beside the config, in ${memoryFile(options.config)} (${why}). The database keeps it, but restoring an older backup would bring the person back.`,
            );
          });
        },
      };
      return isDone ? runForget(request) : rehearse(landed.database, (database) => runForget({ ...request, database }));
    },
  );
  if (proof !== undefined) {
    if (options.json) await writeMessage(withFailure({ ...proof, run: isDone ? proof.run : null }, failure));
    else for (const line of describeForget(proof, { isDone, isEmail: id === undefined })) await writeLine(line);
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

function refuseUnclear(id: number | undefined, email: string | undefined): void {
  if (id !== undefined || (email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email.trim()))) return;
  const message =
    email === undefined ? "Whom to forget is not said." : `${JSON.stringify(email)} is no e-mail address.`;
  throw new Failure("usage", message, {
    hint: "Name a person: pipedrive-planhat forget persons <id>, or pipedrive-planhat forget --email <address>.",
  });
}
