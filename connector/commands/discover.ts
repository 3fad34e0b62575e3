import { readCatalog } from "../pipedrive/account.ts";
import { readSchemas } from "../pipedrive/streams.ts";
import { discoveredCatalog } from "../protocol/discovered-catalog.ts";
import { writeMessage } from "../protocol/standard-output.ts";
import type { CommonOptions } from "./common-options.ts";
import { openAccount } from "./open-account.ts";
import { reportTrace } from "./report-trace.ts";

/** Prints the CATALOG message of the account's streams. Returns the exit status. */
export async function discover(options: CommonOptions): Promise<number> {
  try {
    const { client } = await openAccount(options);
    await writeMessage({ type: "CATALOG", catalog: discoveredCatalog(readSchemas(), await readCatalog(client)) });
    return 0;
  } catch (error) {
    return reportTrace(error);
  }
}
