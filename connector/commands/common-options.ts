import type { LogFormat, LogLevel } from "../logger.ts";

/** The options of every command (contract, section 2). */
export interface CommonOptions {
  /** The config file as the user named it. */
  config: string;
  logLevel: LogLevel;
  logFormat: LogFormat;
}
