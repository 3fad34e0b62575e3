import { isLoopback } from "../loopback.ts";
import type { Json, JsonObject } from "../mapping/value.ts";
import { didYouMean, nearestWord } from "../text/nearest-word.ts";
import { addressesOf, alertConditions } from "./alert-channels.ts";
import { readDuration } from "./duration.ts";

/** A fault in the alerts of a config, at a path of keys. */
export interface AlertProblem {
  path: string[];
  message: string;
  hint?: string;
}

/** The limits of each condition of `on`; each returns the fault of a value, if there is one. */
const limitsOf: Readonly<Record<string, Record<string, (value: Json) => string | undefined>>> = {
  rejections: { count: wrongCount, share: wrongShare },
  stale: { after: wrongLength },
  conflicts: { count: wrongCount },
  budget: { share: wrongShare },
};

/**
 * Returns the faults of `alerts` and `smtp` that a JSON Schema cannot express in the form that Airbyte's interface
 * accepts.
 */
export function alertProblems({ alerts, smtp }: JsonObject): AlertProblem[] {
  const found: AlertProblem[] = isObject(smtp) ? smtpProblems(smtp, ["smtp"]) : [];
  if (!Array.isArray(alerts)) return found;
  const seen = new Set<string>();
  for (const [index, alert] of alerts.entries()) {
    const path = ["alerts", String(index)];
    if (!isObject(alert)) continue;
    found.push(...channelProblems(alert, path, isObject(smtp)));
    if (isObject(alert["smtp"])) found.push(...smtpProblems(alert["smtp"], [...path, "smtp"]));
    const { on } = alert;
    if (Array.isArray(on)) {
      for (const [place, entry] of on.entries())
        found.push(...conditionProblems(entry, [...path, "on", String(place)]));
    }
    const to = alert["url"] ?? alert["email"];
    if (typeof to !== "string") continue;
    if (seen.has(to)) {
      found.push({
        path,
        message: "This channel is given twice.",
        hint: "Write all its conditions into one `on`.",
      });
    }
    seen.add(to);
  }
  return found;
}

function channelProblems(alert: JsonObject, path: string[], hasServer: boolean): AlertProblem[] {
  const { url, email, format, secret } = alert;
  if ((url === undefined) === (email === undefined)) {
    const message = url === undefined ? "This alert has no `url` and no `email`." : "Give either `url` or `email`.";
    return [{ path, message, hint: "Write one entry for each place that messages go to." }];
  }
  const found: AlertProblem[] = [];
  if (typeof url === "string") found.push(...urlProblems(url, format, [...path, "url"]));
  if (typeof email === "string") {
    const wrong = addressesOf(email).find((one) => !/^[^\s@<>]+@[^\s@<>]+$/.test(one));
    if (wrong !== undefined || addressesOf(email).length === 0) {
      found.push({
        path: [...path, "email"],
        message: "This is no e-mail address.",
        hint: "Write ops@acme.example, without a name; commas stand between several.",
      });
    }
    if (!hasServer && alert["smtp"] === undefined) {
      found.push({
        path: [...path, "email"],
        message: "An alert by e-mail needs `smtp`.",
        hint: "Write smtp: {host: smtp.acme.example, username: …, password: ${SMTP_PASSWORD}, from: sync@acme.example}.",
      });
    }
    if (format !== undefined) found.push({ path: [...path, "format"], message: "`format` is for a `url` only." });
  } else if (alert["smtp"] !== undefined) {
    found.push({ path: [...path, "smtp"], message: "`smtp` is for an `email` only." });
  }
  if (secret !== undefined && (typeof email === "string" || (format !== undefined && format !== "json"))) {
    found.push({
      path: [...path, "secret"],
      message: "Only JSON messages are signed: `secret` is for a `url` of format json.",
    });
  }
  return found;
}

function urlProblems(url: string, format: Json | undefined, path: string[]): AlertProblem[] {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isAllowed =
    address?.protocol === "https:" || (address?.protocol === "http:" && isLoopback(address.hostname) === true);
  if (address === undefined || !isAllowed) {
    return [{ path, message: "`url` must be an https:// address; plain http is for this machine only." }];
  }
  const { hostname, pathname } = address;
  if (address.username !== "" || address.password !== "") {
    return [{ path, message: "`url` must not hold a user and a password.", hint: "Sign messages with `secret`." }];
  }
  if (
    /(^|\.)webhook\.office\.com$/.test(hostname) ||
    (hostname === "outlook.office.com" && /^\/webhook/.test(pathname))
  ) {
    return [
      {
        path,
        message: "`url` is an Office 365 connector, which Microsoft has retired.",
        hint: "In Teams: Workflows > Send webhook alerts to a channel. Write its address, with format: teams.",
      },
    ];
  }
  if (hostname === "hooks.slack.com" && format !== "slack") {
    return [{ path, message: "`url` is one of Slack, which takes its own messages only.", hint: "Add format: slack." }];
  }
  return [];
}

function smtpProblems({ username, password }: JsonObject, path: string[]): AlertProblem[] {
  if ((username === undefined) === (password === undefined)) return [];
  const lacking = username === undefined ? "username" : "password";
  return [{ path, message: `\`smtp\` lacks \`${lacking}\`: a login needs both.` }];
}

function conditionProblems(entry: Json, path: string[]): AlertProblem[] {
  if (!isObject(entry)) return [];
  const [name, ...more] = Object.keys(entry);
  if (name === undefined || more.length > 0) {
    return [{ path, message: "An entry of `on` is one condition.", hint: "Write it as {stale: {after: 24h}}." }];
  }
  if (!(alertConditions as readonly string[]).includes(name)) {
    const near = nearestWord(name, alertConditions);
    const hint = near === undefined ? `Conditions: ${alertConditions.join(", ")}.` : didYouMean(name, near);
    return [{ path: [...path, name], message: `There is no condition \`${name}\`.`, hint }];
  }
  const limits = limitsOf[name];
  const given = entry[name];
  if (given === null) return [];
  if (limits === undefined || !isObject(given)) {
    const hint = limits === undefined ? `Write ${name} alone: it has no limits.` : exampleOf(name);
    return [{ path: [...path, name], message: `The limits of \`${name}\` cannot be read.`, hint }];
  }
  return Object.entries(given).flatMap(([limit, value]): AlertProblem[] => {
    const here = [...path, name, limit];
    const wrong = limits[limit];
    if (wrong === undefined)
      return [{ path: here, message: `\`${name}\` has no \`${limit}\`.`, hint: exampleOf(name) }];
    const reason = wrong(value);
    return reason === undefined
      ? []
      : [{ path: here, message: `\`${limit}\` must be ${reason}.`, hint: exampleOf(name) }];
  });
}

const examples: Readonly<Record<string, string>> = {
  rejections: "{rejections: {count: 10}} or {rejections: {share: 0.05}}",
  stale: "{stale: {after: 6h}}",
  conflicts: "{conflicts: {count: 5}}",
  budget: "{budget: {share: 0.8}}",
};

function exampleOf(condition: string): string {
  return `Write it as ${examples[condition]}.`;
}

function wrongCount(value: Json): string | undefined {
  return Number.isInteger(value) && Number(value) >= 1 ? undefined : "a whole number from 1 on";
}

function wrongShare(value: Json): string | undefined {
  return typeof value === "number" && value > 0 && value <= 1 ? undefined : "a part between 0 and 1, such as 0.05";
}

function wrongLength(value: Json): string | undefined {
  return typeof value === "string" && readDuration(value) !== undefined
    ? undefined
    : "a time in minutes, hours or days, such as 90m, 24h or 2d";
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
