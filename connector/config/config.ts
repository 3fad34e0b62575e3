import type { JsonObject } from "../mapping/value.ts";
import type { AlertConfig } from "./alert-channels.ts";

/** The credentials of a private Pipedrive app (OAuth2). */
export interface OAuthCredentials {
  auth_type: "oauth2";
  client_id: string;
  client_secret: string;
  refresh_token: string;
}

/** The config document (contract, section 3), checked, with `${NAME}` replaced and paths made absolute. */
export interface Config extends AlertConfig {
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
  /** The bearer token that `POST /sync` of serve requires. */
  sync_token?: string;
  daily_token_budget?: number;
  follow_changes: boolean;
  /** The rows of a model that a run may harm without consent; undefined uses the default limits. */
  brake?: { share: number; rows: number } | "off";
  /** The days for which changes are kept: undefined uses the default, 0 keeps none. */
  history?: { keep_days: number };
  /** The secret key of the transform `hash`. */
  hash_key?: string;
  /** The license of a deal that is lost or deleted: unchanged, or ended. */
  when_lost: "keep" | "end";
}

/** A loaded config, with its secrets and notices. */
export interface LoadedConfig {
  config: Config;
  /** The document as in its file: without defaults, and with variables by name. */
  written: JsonObject;
  /** Every secret value in it, to be removed from all output. */
  secrets: string[];
  /** Notices to show at the start, such as a config file that others may read; one sentence each. */
  notices: string[];
}
