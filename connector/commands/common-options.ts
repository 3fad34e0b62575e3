import type { LogFormat, LogLevel } from "../logger.ts";

/** The options that every command takes (contract, section 2). */
export interface CommonOptions {
  /** The config file, as the user named it. */
  config: string;
  logLevel: LogLevel;
  logFormat: LogFormat;
}
