import { readDuration } from "./duration.ts";

/** The conditions that alerts report, in the order in which they are reported. */
export const alertConditions = [
  "failed",
  "held",
  "rejections",
  "stale",
  "conflicts",
  "budget",
  "nothing_read",
  "webhook",
] as const;
export type AlertCondition = (typeof alertConditions)[number];

/** The message formats of a webhook. */
export type AlertFormat = "json" | "slack" | "teams";

/** A server that relays e-mail. */
export interface MailServer {
  host: string;
  port: number;
  username?: string;
  password?: string;
  from: string;
}

/** The limits of the conditions that have any, as a channel sets them. */
export interface AlertLimits {
  /**
   * New rejections of a day, as a count or as a share of the records received; if both are set, both must be reached.
   */
  rejections: { count?: number; share?: number };
  /** Milliseconds without a successful sync. */
  stale: { after: number };
  /** New conflicts of a day. */
  conflicts: { count: number };
  /** A part of the day's API tokens. */
  budget: { share: number };
}

/** An entry of `on` in a config file: a condition, or one with its limits. */
export type WrittenCondition = AlertCondition | Partial<Record<AlertCondition, Record<string, unknown> | null>>;

/** An entry of `alerts` in the config. */
export interface WrittenAlert {
  url?: string;
  email?: string;
  format?: AlertFormat;
  secret?: string;
  on?: WrittenCondition[];
  smtp?: MailServer;
}

/** The part of a config with the alerts. */
export interface AlertConfig {
  /** Channels that receive a message when a problem begins, and when it is over. */
  alerts?: WrittenAlert[];
  /** The default server of alerts by e-mail. */
  smtp?: MailServer;
}

/** A destination of messages, and the conditions it receives. */
export type AlertChannel = {
  conditions: ReadonlySet<AlertCondition>;
  limits: AlertLimits;
} & (
  | { kind: "webhook"; url: string; format: AlertFormat; secret?: string }
  | { kind: "email"; to: string[]; smtp: MailServer }
);

/** The default limits of a channel. */
const usualLimits: AlertLimits = {
  rejections: { count: 1 },
  stale: { after: 86_400_000 },
  conflicts: { count: 1 },
  budget: { share: 0.8 },
};

/** Returns the channels of a checked config. */
export function alertChannels({ alerts = [], smtp }: AlertConfig): AlertChannel[] {
  return alerts.map((alert): AlertChannel => {
    const told = readConditions(alert.on);
    const { url, email, format = "json", secret } = alert;
    if (url !== undefined)
      return { ...told, kind: "webhook", url, format, ...(secret === undefined ? {} : { secret }) };
    return { ...told, kind: "email", to: addressesOf(email!), smtp: alert.smtp ?? smtp! };
  });
}

/** Splits a list of e-mail addresses. */
export function addressesOf(email: string): string[] {
  return email
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function readConditions(on: readonly WrittenCondition[] | undefined): Pick<AlertChannel, "conditions" | "limits"> {
  const limits = structuredClone(usualLimits);
  if (on === undefined || on.length === 0) return { conditions: new Set(alertConditions), limits };
  const conditions = new Set<AlertCondition>();
  for (const entry of on) {
    const [[condition, given]] = (typeof entry === "string" ? [[entry, {}]] : Object.entries(entry)) as [
      [AlertCondition, Record<string, unknown> | null],
    ];
    conditions.add(condition);
    if (given === null || Object.keys(given).length === 0) continue;
    if (condition === "rejections") limits.rejections = given;
    else if (condition === "stale") limits.stale = { after: readDuration(given["after"] as string)! };
    else if (condition === "conflicts") limits.conflicts = given as AlertLimits["conflicts"];
    else if (condition === "budget") limits.budget = given as AlertLimits["budget"];
  }
  return { conditions, limits };
}
