import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { configuredWebhook, type EnsuredWebhooks, ensureWebhook } from "../../service/webhook/ensure-webhook.ts";
import type { CommonOptions } from "../common-options.ts";
import { withAccountAndDatabase } from "../opening/with-database.ts";

/** Ensures that Pipedrive has the connector's webhook exactly once. Returns the exit status. */
export async function webhookCreate(options: CommonOptions & { json?: true }): Promise<number> {
  const done = await withAccountAndDatabase(options, ensureWebhook, configuredWebhook);
  if (options.json) {
    await writeMessage({
      webhooks: done.webhooks.map(({ eventObject, ...rest }) => ({ ...rest, event_object: eventObject })),
      removed: done.removed.map(({ eventObject, fault, id }) => ({ id, event_object: eventObject, reason: fault })),
    });
  } else for (const line of describeEnsured(done)) await writeLine(line);
  return 0;
}

/** Returns the results for the webhooks, one sentence each. */
export function describeEnsured({ webhooks, removed }: EnsuredWebhooks): string[] {
  return [
    ...webhooks.map(({ id, eventObject, url, created }) =>
      created
        ? `Created webhook ${id}: ${eventObject} events go to ${url}.`
        : `Webhook ${id} is there already: ${eventObject} events go to ${url}.`,
    ),
    ...removed.map(({ id, eventObject, fault }) => `Removed webhook ${id} (${eventObject} events): it was ${fault}.`),
  ];
}
