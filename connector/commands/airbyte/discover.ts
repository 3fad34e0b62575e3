import { readAccount, readCatalog } from "../../pipedrive/account/account.ts";
import { readSchemas } from "../../pipedrive/records/streams.ts";
import { connectorConfig } from "../../protocol/airbyte.ts";
import { discoveredCatalog } from "../../protocol/discovered-catalog.ts";
import { singerCatalog } from "../../protocol/singer-catalog.ts";
import { emit } from "../../protocol/standard-output.ts";
import type { CommonOptions } from "../common-options.ts";
import { openAccount } from "../opening/with-account.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { airbyteVerb } from "./airbyte-verb.ts";

/** Prints the Singer catalog of the account's streams: one document, not a message. Returns the exit status. */
export async function discoverSinger(options: CommonOptions): Promise<number> {
  try {
    const { client } = await openAccount(options, stopSignal());
    await readAccount(client);
    await emit(singerCatalog(discoveredCatalog(readSchemas(), await readCatalog(client))));
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

/** Prints the CATALOG message of the account's streams. Returns the exit status. */
export async function discover(options: CommonOptions): Promise<number> {
  return airbyteVerb(async (signal) => {
    const { client } = await openAccount(options, signal, {
      onConfigChanged: (config) => void emit(connectorConfig(config)),
    });
    await readAccount(client);
    await emit({ type: "CATALOG", catalog: discoveredCatalog(readSchemas(), await readCatalog(client)) });
    return 0;
  });
}
