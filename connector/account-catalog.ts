import type { StreamName } from "./stream-name.ts";

/** An option of an enum or set field. Built-in fields have word ids ("open"), custom fields numbers. */
export interface FieldOption {
  id: number | string;
  label: string;
  /** True for an option that the account no longer has: its last known label, kept so that old records still read. */
  gone?: boolean;
  /** When a run saw first that it is gone, RFC 3339. */
  goneSince?: string;
  /** The labels that it bore before, the oldest first. */
  former?: string[];
}

/** One field of a stream, as Pipedrive describes it (API v2 `GET /{entity}Fields`). */
export interface AccountField {
  /** What people see. Labels are not unique. */
  label: string;
  /**
   * The key in the record: a word for built-in fields, 40 hexadecimal digits inside `custom_fields` for custom ones.
   */
  key: string;
  /**
   * Pipedrive's field_type: varchar, text, double, monetary, enum, set, date, daterange, address, org, people, user …
   */
  type: string;
  custom: boolean;
  /** Records hold it only where it is asked for (`is_optional_response_field`). */
  optional?: true;
  options?: FieldOption[];
  /** The labels that it bore before, the oldest first. */
  former?: string[];
}

/** A pipeline of deals. */
export interface AccountPipeline {
  id: number;
  name: string;
  /** The names that it bore before, the oldest first. */
  former?: string[];
}

/** A stage of a pipeline. */
export interface AccountStage {
  id: number;
  name: string;
  pipelineId: number;
  /** The names that it bore before, the oldest first. */
  former?: string[];
}

/** A user of the Pipedrive account, who may own records. */
export interface AccountUser {
  id: number;
  name: string;
  email: string | null;
}

/** What the account had once and has no more, as it was when it was last seen. */
export interface GoneDefinitions {
  /** Custom fields. */
  fields: AccountCatalog["fields"];
  pipelines: AccountPipeline[];
  stages: AccountStage[];
}

/** A word of the mapping and what it means: the ids of the fields, options, stages or pipelines that bore it. */
export interface BoundWord {
  /** Among what it was looked for: the options of a field, all pipelines … */
  of: string;
  word: string;
  ids: (number | string)[];
}

/**
 * What the account defines and records refer to by key or id. It is read at the start of a sync and kept in the
 * database, so that mapping needs no API. Notes have no custom fields and no field list.
 */
export interface AccountCatalog {
  /** The sub-domain of the account's pages, `acme` of https://acme.pipedrive.com; null where it is not known. */
  companyDomain: string | null;
  fields: Record<Exclude<StreamName, "notes">, AccountField[]>;
  pipelines: AccountPipeline[];
  stages: AccountStage[];
  users: AccountUser[];
  /** Absent where nothing is gone that anybody saw. */
  gone?: GoneDefinitions;
  /** What the words of the mapping meant in the last run; absent before the first. */
  words?: BoundWord[];
  /** True when some of them waited for consent then, because something else bore them. */
  wordsWait?: boolean;
}
