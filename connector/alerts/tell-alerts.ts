import { type AlertCondition, alertConditions } from "../config/alert-channels.ts";
import type { Config } from "../config/config.ts";
import { readAlertFacts } from "../database/alerts/facts.ts";
import { type DueMessage, markRefused, markTold, takeMessages } from "../database/alerts/messages.ts";
import { beginAlert, endAlert, forgetConditions, lockAlerts, readStandings } from "../database/alerts/standing.ts";
import type { Database } from "../database/database.ts";
import { accountHost, type NamedChannel, namedChannels } from "./channels.ts";
import { type DeliveryPatience, deliver, usualPatience } from "./deliver.ts";
import type { Delivery } from "./delivery.ts";
import { judge, type OwnFacts } from "./judge.ts";
import { messageOf } from "./message.ts";

/** All that telling needs. */
export interface AlertRequest {
  database: Database;
  config: Pick<Config, "alerts" | "smtp" | "company_url" | "daily_token_budget">;
  signal: AbortSignal | undefined;
  /** Hears of a channel that does not take messages, once, and of recipients that were refused. */
  warn(message: string): void;
  patience?: DeliveryPatience;
  /** Hears of each message that a channel took or did not take. */
  onSent?(sent: { format: string; event: string; taken: boolean }): void;
}

/** Seconds that a process keeps a message to itself while it sends it. */
const takenFor = 90;
/** Seconds to the next try: after the first failure, at most, and where somebody must change something. */
const firstWait = 60;
const longestWait = 3_600;

/**
 * Judges the conditions of all channels, writes down which began and which ended, and sends what channels have not been
 * told: one message for each begin and each end, however many processes do this. A message that a channel does not take
 * is tried again by whoever comes after its time.
 */
export async function tellAlerts(request: AlertRequest, own: OwnFacts = {}): Promise<void> {
  const channels = namedChannels(request.config);
  if (channels.length === 0) return;
  await judgeAll(request, channels, { dailyTokens: request.config.daily_token_budget, ...own });
  await sendDue(request, channels);
}

async function judgeAll({ database }: AlertRequest, channels: readonly NamedChannel[], own: OwnFacts): Promise<void> {
  await database.transaction(async (transaction) => {
    await lockAlerts(transaction);
    const facts = await readAlertFacts(transaction);
    const standings = await readStandings(
      transaction,
      channels.map(({ key }) => key),
    );
    for (const { channel, key } of channels) {
      const told = alertConditions.filter((condition) => channel.conditions.has(condition));
      const mine = standings.filter((one) => one.channel === key);
      if (mine.some(({ condition }) => !told.includes(condition as AlertCondition))) {
        await forgetConditions(transaction, key, told);
      }
      for (const condition of told) {
        const standing = mine.find((one) => one.condition === condition && one.endedAt === null);
        const verdict = judge(condition, { facts, own, limits: channel.limits, since: standing?.beganAt });
        const place = { channel: key, condition };
        const isMet = standing !== undefined;
        if (!isMet && (verdict.is === "on" || verdict.is === "passed")) {
          await beginAlert(transaction, place, verdict.said);
        }
        if (verdict.is === "passed" || (isMet && verdict.is === "off"))
          await endAlert(transaction, place, verdict.said);
      }
    }
  });
}

async function sendDue(request: AlertRequest, channels: readonly NamedChannel[]): Promise<void> {
  const { database, patience = usualPatience } = request;
  const due = await takeMessages(
    database,
    channels.map(({ key }) => key),
    takenFor,
  );
  const began = performance.now();
  // Channels are served together, so that a silent one delays no other. A channel's messages go in order and share one
  // deadline; the next process sends the rest.
  await Promise.all(
    channels.map(async (channel) => {
      for (const message of due.filter((one) => one.channel === channel.key)) {
        const total = patience.total - (performance.now() - began);
        if (total <= 0 || !(await sendOne(request, channel, message, { ...patience, total }))) break;
      }
    }),
  );
}

/** Sends one message and writes down what came of it. Returns whether the channel took it. */
async function sendOne(
  request: AlertRequest,
  named: NamedChannel,
  due: DueMessage,
  patience: DeliveryPatience,
): Promise<boolean> {
  const { database, signal, warn, onSent } = request;
  const { channel, name } = named;
  const message = messageOf(due, accountHost(request.config.company_url));
  const delivery = await deliver(channel, message, signal, patience);
  const format = channel.kind === "email" ? "email" : channel.format;
  onSent?.({ format, event: message.event, taken: delivery.taken });
  if (delivery.taken) {
    const isNews = await markTold(database, due, delivery.lacking ?? null);
    if (isNews && delivery.lacking !== undefined) warn(`The alert channel ${name} ${delivery.lacking}.`);
    return true;
  }
  const hint = delivery.hint === undefined ? "" : ` ${delivery.hint}`;
  if (await markRefused(database, named.key, delivery.answer, waitAfter(delivery, due.tries))) {
    warn(`The alert channel ${name} did not take a message, which is tried again: it ${delivery.answer}.${hint}`);
  }
  return false;
}

/** Seconds until a message is tried again. */
function waitAfter(delivery: Delivery & { taken: false }, tries: number): number {
  if (delivery.again === "rarely") return longestWait;
  return Math.max(delivery.wait ?? 0, Math.min(longestWait, firstWait * 2 ** Math.min(tries - 1, 6)));
}
