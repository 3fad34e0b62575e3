import { readWebhooks } from "../../database/tables/webhooks.ts";
import { listWebhooks } from "../../pipedrive/writes/webhooks.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { wantedObjects } from "../../service/webhook/ensure-webhook.ts";
import { faultOf, isOurs, type WantedWebhooks } from "../../service/webhook/plan-webhooks.ts";
import { webhookAddress } from "../../service/webhook/webhook-address.ts";
import { digestOf, webhookCredentials } from "../../service/webhook/webhook-credentials.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { type AccountAndDatabase, withAccountAndDatabase } from "../opening/with-database.ts";
import { table } from "../terminal/table.ts";

/** Lists the connector's webhooks in Pipedrive and their state. Returns the exit status. */
export async function webhookList(options: CommonOptions & { json?: true }): Promise<number> {
  const { webhooks, others } = await withAccountAndDatabase(options, readOurs);
  if (options.json) {
    await writeMessage({ webhooks, others });
    return 0;
  }
  if (webhooks.length === 0) await writeLine("The connector has no webhook in Pipedrive.");
  else {
    const rows = webhooks.map((one) => [
      one.id,
      one.event_object,
      one.state,
      one.last_delivery_time ?? "never",
      one.last_http_status ?? "",
      one.url,
    ]);
    for (const line of table([["id", "events", "state", "last delivery", "answered", "address"], ...rows]))
      await writeLine(line);
  }
  if (others > 0) await writeLine(`\nThe token's user has ${counted(others, "other webhook")}.`);
  return 0;
}

async function readOurs({ database, client, config }: AccountAndDatabase) {
  const kept = await readWebhooks(database);
  const listed = await listWebhooks(client);
  const { webhook } = config;
  const wanted: WantedWebhooks | undefined =
    webhook === undefined
      ? undefined
      : {
          objects: wantedObjects(config),
          url: webhookAddress(webhook.public_url),
          credentialsDigest: digestOf(await webhookCredentials(database, webhook)),
        };
  const ours = listed.filter((one) => isOurs(one, kept, wanted?.url));
  return {
    webhooks: ours.map((one) => ({
      id: one.id,
      event_object: one.eventObject,
      event_action: one.eventAction,
      url: one.url,
      state: wanted === undefined ? "not in the config" : (faultOf(one, kept, wanted, Date.now()) ?? "ok"),
      last_delivery_time: one.lastDeliveryTime,
      last_http_status: one.lastHttpStatus,
    })),
    others: listed.length - ours.length,
  };
}
