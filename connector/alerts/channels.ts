import { createHash } from "node:crypto";
import { type AlertChannel, type AlertConfig, alertChannels } from "../config/alert-channels.ts";

/** A channel with what the database knows it by, and the name by which people do. */
export interface NamedChannel {
  channel: AlertChannel;
  /** A hash of its address. */
  key: string;
  /** Nothing secret: `slack (hooks.slack.com)`, `email (ops@acme.example)`. */
  name: string;
}

/** Returns the channels of a config. */
export function namedChannels(config: AlertConfig): NamedChannel[] {
  return alertChannels(config).map((channel) => {
    const address = channel.kind === "webhook" ? channel.url : channel.to.join(",").toLowerCase();
    const key = createHash("sha256").update(`${channel.kind}\n${address}`).digest("hex").slice(0, 32);
    return { channel, key, name: nameOf(channel) };
  });
}

/** Returns the account's host, by which messages of several connectors are told apart. */
export function accountHost(companyUrl: string): string {
  const text = /^[a-z]+:\/\//i.test(companyUrl) ? companyUrl : `https://${companyUrl}`;
  return URL.canParse(text) ? new URL(text).host : companyUrl;
}

function nameOf(channel: AlertChannel): string {
  if (channel.kind === "email") return `email (${channel.to.join(", ")})`;
  return `${channel.format} (${new URL(channel.url).host})`;
}
