import type { AccountCatalog } from "../../account-catalog.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import type { StreamName } from "../../stream-name.ts";
import { materialById, materialOfGiven } from "../../sync/inspect/preview-material.ts";
import { type PreviewMaterial, previewRecord } from "../../sync/inspect/preview-record.ts";
import { describeNotAsked, findNotAsked } from "../../sync/land/warn-not-asked.ts";
import { ofOwnAccount, refuseOther } from "../../sync/runs/one-account.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping, type MappingConfig, mappingLoader } from "../opening/load-mapping.ts";
import { openAccount } from "../opening/with-account.ts";
import { readKept } from "../opening/with-database.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { describePreview } from "./describe-preview.ts";
import { refuseWhatPlanhatLacks } from "./look-at-planhat.ts";
import { readRecordFile } from "./read-record-file.ts";
import { watchFolder } from "./watch-folder.ts";

/** The options of `mapping preview`. */
export interface MappingPreviewOptions extends CommonOptions {
  json?: true;
  watch?: true;
}

/**
 * Prints one record mapped, field by field, and the changes to its row; with `watch` again after each change of a
 * mapping file. `what` is the record's id, or a JSON file that holds it. Writes nothing. Returns the exit status.
 */
export async function mappingPreview(
  stream: StreamName,
  what: string,
  options: MappingPreviewOptions,
): Promise<number> {
  const account = await openAccount(options);
  const { config, client, logger } = account;
  const given = /^[1-9]\d{0,14}$/.test(what) ? undefined : readRecordFile(stream, what);
  const kept = await readKept(
    config.database,
    (message) => logger.warn(message),
    async (database, catalog) => {
      const mapping = mappingAsFar(config, catalog);
      const own = database === undefined ? client : ofOwnAccount(client, database, config.database);
      const places = { database, client: mapping === undefined ? own : askingFor(own, mapping.asked) };
      const lacking =
        database === undefined || mapping === undefined || given !== undefined
          ? []
          : await findNotAsked(database, mapping);
      for (const one of lacking) logger.warn(describeNotAsked(one));
      return given === undefined
        ? materialById(places, stream, Number(what))
        : materialOfGiven(places, stream, what, given);
    },
  );
  const load = mappingLoader(
    config,
    kept.catalog,
    () => account,
    (asked) => refuseOther(kept.own, asked, config.database),
  );
  const showOnce = async () => {
    const { mapping } = await load();
    const unchecked = await refuseWhatPlanhatLacks(config);
    if (unchecked !== undefined) logger.warn(unchecked);
    await show(mapping, kept.read, options);
  };
  if (!options.watch) {
    await showOnce();
    return 0;
  }
  const again = async () => {
    try {
      await showOnce();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      reportFailure(error);
    }
    process.stderr.write(`\nWaiting for changes in ${config.mappings}; Ctrl-C ends it.\n\n`);
  };
  await again();
  const signal = stopSignal();
  await watchFolder(config.mappings, signal, again);
  return (signal.reason as { exitStatus: number }).exitStatus;
}

/** Returns the mapping if it compiles now; its errors are reported when it is shown. */
function mappingAsFar(config: MappingConfig, catalog: AccountCatalog | undefined): CompiledMapping | undefined {
  try {
    return loadMapping(config, catalog, () => {});
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function show(
  mapping: CompiledMapping,
  material: PreviewMaterial,
  { json }: MappingPreviewOptions,
): Promise<void> {
  const preview = previewRecord(mapping, material);
  if (json) await writeMessage(preview);
  else for (const line of describePreview(preview)) await writeLine(line);
}
