import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { removeWebhooks } from "../../service/webhook/ensure-webhook.ts";
import type { CommonOptions } from "../common-options.ts";
import { withAccountAndDatabase } from "../opening/with-database.ts";

/** Deletes the connector's webhooks in Pipedrive and no others. Returns the exit status. */
export async function webhookDelete(options: CommonOptions & { json?: true }): Promise<number> {
  const removed = await withAccountAndDatabase(options, removeWebhooks);
  if (options.json) {
    await writeMessage({
      removed: removed.map(({ id, eventObject, url }) => ({ id, event_object: eventObject, url })),
    });
    return 0;
  }
  if (removed.length === 0) await writeLine("The connector has no webhook in Pipedrive.");
  for (const { id, eventObject, url } of removed)
    await writeLine(`Removed webhook ${id}: no more ${eventObject} events go to ${url}.`);
  return 0;
}
