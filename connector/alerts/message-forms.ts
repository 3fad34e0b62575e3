import { createHmac } from "node:crypto";
import type { AlertFormat } from "../config/alert-channels.ts";
import type { AlertMessage } from "./message.ts";

/** The marks by which a glance tells a begin from an end. */
const marks = { begin: "🔴", end: "🟢", test: "🔵" } as const;

/** Writes a message as a webhook of a format takes it. */
export const webhookBodies: Record<AlertFormat, (message: AlertMessage) => string> = {
  json: ({ event, answers: _answers, ...message }) =>
    JSON.stringify({ type: `alert.${event}`, connector: "pipedrive-planhat", ...message }),
  // Slack's own `mrkdwn`: an ampersand and angle brackets are the only characters that need another form.
  slack(message) {
    const { title, text, account } = message;
    const escaped = (part: string) => part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return JSON.stringify({
      text: `${marks[message.event]} *${escaped(title)}* (${escaped(account)})\n${escaped(`${text}${timesOf(message)}`)}`,
      unfurl_links: false,
    });
  },
  // A workflow of Teams takes a message with one Adaptive Card; 1.4 is the newest version that all its clients show.
  teams(message) {
    const { title, text, account, began_at: began, ended_at: ended } = message;
    const facts = [
      { title: "Account", value: account },
      ...(began === null ? [] : [{ title: "Began", value: began }]),
      ...(ended === null ? [] : [{ title: "Ended", value: ended }]),
    ];
    const content = {
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.4",
      body: [
        { type: "TextBlock", text: `${marks[message.event]} ${title}`, weight: "Bolder", size: "Medium", wrap: true },
        { type: "TextBlock", text, wrap: true },
        { type: "FactSet", facts },
      ],
    };
    const contentType = "application/vnd.microsoft.card.adaptive";
    return JSON.stringify({ type: "message", attachments: [{ contentType, contentUrl: null, content }] });
  },
};

/** Writes a message as an e-mail: the subject and a plain text. */
export function mailOf(message: AlertMessage): { subject: string; text: string } {
  const { title, text, account } = message;
  const ended = message.event === "end" ? "Over: " : "";
  return {
    subject: `[pipedrive-planhat] ${ended}${title} (${account})`,
    text: `${text}${timesOf(message)}\n\nAccount: ${account}\nSent by pipedrive-planhat.\n`,
  };
}

/**
 * Signs a JSON message as Standard Webhooks 1.0 describes, so that a receiver may check it with any of its libraries:
 * HMAC-SHA256 over id, time and body. `at` is in milliseconds since 1970.
 */
export function signatureHeaders(id: string, body: string, secret: string, at: number): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  // Their secrets are base64 behind a prefix; of any other text the bytes themselves are the key.
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

function timesOf({ began_at: began, ended_at: ended }: AlertMessage): string {
  if (began === null) return "";
  return ended === null ? `\nSince ${began}.` : `\nFrom ${began} to ${ended}.`;
}
