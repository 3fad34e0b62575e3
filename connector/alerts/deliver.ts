import type { AlertChannel } from "../config/alert-channels.ts";
import { pause } from "../http/pause.ts";
import type { Delivery, Limits } from "./delivery.ts";
import type { AlertMessage } from "./message.ts";

/** The time in milliseconds that a message is worth trying at once. */
export interface DeliveryPatience {
  /** Its tries and pauses together. */
  total: number;
  /** One try. */
  longestTry: number;
  /** Each further pause is three times as long. */
  firstPause: number;
}

export const usualPatience: DeliveryPatience = { total: 25_000, longestTry: 20_000, firstPause: 1_000 };

/**
 * Sends a message to a channel; what may pass is tried again within half a minute. Throws nothing but the signal's
 * reason.
 */
export async function deliver(
  channel: AlertChannel,
  message: AlertMessage,
  signal: AbortSignal | undefined,
  patience: DeliveryPatience = usualPatience,
): Promise<Delivery> {
  // What sends is loaded where there is something to send.
  const send = async (limits: Limits) =>
    channel.kind === "webhook"
      ? (await import("./deliver-webhook.ts")).deliverWebhook(channel, message, limits)
      : (await import("./deliver-mail.ts")).deliverMail(channel, message, limits);
  return untilTaken(send, signal, patience);
}

/** Sends until it is taken, or no further try is worth it. Throws nothing but the signal's reason. */
export async function untilTaken(
  send: (limits: Limits) => Promise<Delivery>,
  signal: AbortSignal | undefined,
  { total, longestTry, firstPause }: DeliveryPatience,
): Promise<Delivery> {
  const began = performance.now();
  const left = () => total - (performance.now() - began);
  for (let rest = firstPause; ; rest *= 3) {
    signal?.throwIfAborted();
    const limits = { deadline: Math.max(1, Math.ceil(Math.min(longestTry, left()))), signal };
    const delivery = await send(limits);
    if (delivery.taken || delivery.again !== "soon") return delivery;
    const wait = Math.max(rest, (delivery.wait ?? 0) * 1_000);
    // A try needs some time of its own: one that is cut off says nothing about the channel.
    if (left() <= wait + firstPause) return delivery;
    await pause(wait, signal);
  }
}
