import type { JsonObject } from "../mapping/value.ts";

/** How the connector signs in to Pipedrive with an app of its own (OAuth2). */
export interface OAuthCredentials {
  auth_type: "oauth2";
  client_id: string;
  client_secret: string;
  refresh_token: string;
}

/** The config document (contract, section 3), checked, with `${NAME}` replaced and paths made absolute. */
export interface Config {
  company_url: string;
  api_token?: string;
  credentials?: OAuthCredentials;
  /** The folder of the mapping files, absolute. */
  mappings: string;
  /** An absolute folder, or a postgres:// URL. */
  database: string;
  start_date?: string;
  planhat?: { api_token: string; api_url: string };
  schedule?: string;
  webhook?: { public_url: string; username: string; password?: string };
  /** What `POST /sync` of serve wants as a bearer token. */
  sync_token?: string;
  daily_token_budget?: number;
  follow_changes: boolean;
  /** How many rows of a model a run may harm without anybody's word; undefined: as many as is usual. */
  brake?: { share: number; rows: number } | "off";
  /** How long (days) changes are kept; undefined: as long as is usual; 0: not at all. */
  history?: { keep_days: number };
  /** What becomes of the license of a deal that is lost or deleted. */
  when_lost: "keep" | "end";
}

/** A config as loaded: with what must never be shown, and what must be shown first. */
export interface LoadedConfig {
  config: Config;
  /** The document as its file has it: no defaults, and variables still by name. */
  written: JsonObject;
  /** Every secret value in it, to be removed from whatever is printed. */
  secrets: string[];
  /** What people should know at the start, such as a config file that others may read; one sentence each. */
  notices: string[];
}
