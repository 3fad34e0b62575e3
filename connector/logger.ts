import type { Logger } from "winston";
import { withoutSecrets } from "./secrets.ts";
import { terminalText } from "./text/terminal-text.ts";

/** The log levels, from least to most. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The formats of a log line: text, or one JSON object a line. */
export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/**
 * Creates a logger that writes every level to stderr, because stdout belongs to results; secrets are removed from each
 * line.
 */
export async function createLogger(level: LogLevel, format: LogFormat): Promise<Logger> {
  const winston = (await import("winston")).default;
  const finished = Symbol.for("message");
  const line = winston.format((info) => {
    const { level: severity, message, timestamp, ...rest } = info;
    const text =
      format === "json"
        ? JSON.stringify({ time: timestamp, level: severity, message, ...rest })
        : textLine(`${String(timestamp).slice(11, 19)} ${severity.padEnd(5)} ${String(message)}${details(rest)}`);
    return { ...info, [finished]: withoutSecrets(text) };
  });
  return winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), line()),
    transports: [new winston.transports.Console({ stderrLevels: [...logLevels] })],
  });
}

/** Indents a message's further lines: none may look like a log line of its own, whatever a record holds. */
function textLine(text: string): string {
  return terminalText(text).replaceAll("\n", "\n    ");
}

function details(rest: Record<string, unknown>): string {
  const parts = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
