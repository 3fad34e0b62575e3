import type { JsonObject } from "../mapping/value.ts";
import type { PropertyNames } from "../property-names.ts";
import type { AlertConfig } from "./alert-channels.ts";

/** The credentials of a private Pipedrive app (OAuth2). */
export interface OAuthCredentials {
  auth_type: "oauth2";
  client_id: string;
  client_secret: string;
  refresh_token: string;
}

/** A person who may sign in to the console of serve. */
export interface ConsoleUser {
  name: string;
  /** In plain text or as a scrypt hash; absent for a person who comes only by the proxy's sign-on. */
  password?: string;
  role: "viewer" | "operator" | "editor";
}

/** The console's settings. */
export interface ConsoleConfig {
  users?: ConsoleUser[];
  /** The path under which the console is reached; `/console` by default. */
  base_path?: string;
  /** Further host names under which browsers reach it: a proxy's. */
  hosts?: string[];
  /** The header in which a proxy names the person who signed in there, and the proxy's addresses. */
  trusted_header?: string;
  trusted_proxies?: string[];
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
  planhat?: { api_token: string; api_url: string; names?: PropertyNames };
  schedule?: string;
  webhook?: { public_url: string; username: string; password?: string };
  console?: ConsoleConfig;
  /** The collector of OpenLineage's events of runs. */
  lineage?: { url: string; api_key?: string };
  /** The bearer token that `POST /sync` of serve requires. */
  sync_token?: string;
  daily_token_budget?: number;
  follow_changes: boolean;
  /** The rows of a model that a run may harm without consent; undefined uses the default limits. */
  brake?: { share: number; rows: number } | "off";
  /** The days for which changes are kept: undefined uses the default, 0 keeps none. */
  history?: { keep_days: number };
  /** The time for which values are kept beyond rows and changes: `90d`, or `never`, the default. */
  retention?: { rejected?: string; conflicts?: string; deleted_records?: string; kept_rows?: "never" };
  /** The records of which everything is kept; of the others only ids, references, states and times. */
  landing: "full" | "eligible";
  /** The secret key of the transform `hash`. */
  hash_key?: string;
  /** The license or line items of a deal that is lost or deleted: unchanged, or ended. */
  when_lost: "keep" | "end";
  /** The row of a product that is removed from its deal: unchanged, or ended. */
  when_removed: "keep" | "end";
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
