import { randomUUID } from "node:crypto";
import { accountHost, namedChannels } from "../../alerts/channels.ts";
import { deliver } from "../../alerts/deliver.ts";
import { testMessage } from "../../alerts/message.ts";
import { loadConfig } from "../../config/load-config.ts";
import { Failure } from "../../failure.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { hideSecrets, withoutSecrets } from "../../secrets.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { stopSignal } from "../terminal/stop-signal.ts";
import { table } from "../terminal/table.ts";

/** The outcome for one channel, under the names that scripts read. */
interface Tested {
  channel: string;
  delivered: boolean;
  /** The answer in words: `answered 200 ok`. */
  answer: string;
  hint: string | null;
  seconds: number;
}

/** Sends a test message to every alert channel and says what each answered. Returns the exit status. */
export async function alertsTest(options: CommonOptions & { json?: true }): Promise<number> {
  const { config, secrets } = await loadConfig(options.config);
  hideSecrets(secrets);
  const signal = stopSignal("Messages that were sent are there.");
  const channels = namedChannels(config);
  if (channels.length === 0) {
    throw new Failure("usage", "The config has no `alerts`, so there is no channel to send a message to.", {
      hint: "Write `alerts:` and, indented below it, `- {url: ${SLACK_WEBHOOK_URL}, format: slack}`.",
    });
  }
  const account = accountHost(config.company_url);
  const id = randomUUID();
  const tested = await Promise.all(
    channels.map(async ({ channel, name }): Promise<Tested> => {
      const began = performance.now();
      const delivery = await deliver(channel, testMessage(account, id), signal);
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      const lacking = delivery.taken ? delivery.lacking : undefined;
      const answer = lacking === undefined ? delivery.answer : `${delivery.answer}, and ${lacking}`;
      const hint = delivery.taken ? null : (delivery.hint ?? null);
      return { channel: name, delivered: delivery.taken && lacking === undefined, answer, hint, seconds };
    }),
  );
  const refused = tested.filter(({ delivered }) => !delivered);
  const failure =
    refused.length === 0
      ? undefined
      : new Failure("run", `${refused.length} of ${counted(tested.length, "channel")} did not take the message.`, {
          hint: [...new Set(refused.flatMap(({ hint }) => hint ?? []))].join(" ") || undefined,
        });
  if (options.json) await writeMessage(withFailure(asJson(tested, failure === undefined), failure));
  else {
    const rows = tested.map(({ channel, delivered, answer }) => [
      { cell: delivered ? "ok" : "failed", style: delivered ? ("good" as const) : ("bad" as const) },
      channel,
      answer,
    ]);
    for (const line of table([["", "channel", ""], ...rows])) await writeLine(withoutSecrets(line));
  }
  return failure === undefined ? 0 : reportFailure(failure);
}

function asJson(tested: readonly Tested[], isDone: boolean): object {
  const channels = tested.map((one) => ({ ...one, answer: withoutSecrets(one.answer) }));
  return isDone ? { status: "succeeded", channels } : { channels };
}
