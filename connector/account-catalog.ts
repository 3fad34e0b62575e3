import type { FieldedStream } from "./stream-name.ts";

/** An option of an enum or set field. Built-in fields have word ids ("open"), custom fields numbers. */
export interface FieldOption {
  id: number | string;
  label: string;
  /** True for an option that the account no longer has; its last label is saved so that old records still read. */
  gone?: boolean;
  /** The time when a run first saw that it is gone, RFC 3339. */
  goneSince?: string;
  /** Its earlier labels, oldest first. */
  former?: string[];
}

/** One field of a stream, as Pipedrive describes it (API v2 `GET /{entity}Fields`). */
export interface AccountField {
  /** The label in Pipedrive's screens. Labels are not unique. */
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
  /** True if records hold it only on request (`is_optional_response_field`). */
  optional?: true;
  options?: FieldOption[];
  /** Its earlier labels, oldest first. */
  former?: string[];
}

/** A pipeline of deals. */
export interface AccountPipeline {
  id: number;
  name: string;
  /** Its earlier names, oldest first. */
  former?: string[];
}

/** A stage of a pipeline. */
export interface AccountStage {
  id: number;
  name: string;
  pipelineId: number;
  /** Its earlier names, oldest first. */
  former?: string[];
}

/** A user of the Pipedrive account, who may own records. */
export interface AccountUser {
  id: number;
  name: string;
  email: string | null;
}

/** Definitions that the account no longer has, in their last known form. */
export interface GoneDefinitions {
  /** Custom fields. */
  fields: AccountCatalog["fields"];
  pipelines: AccountPipeline[];
  stages: AccountStage[];
}

/** A word of the mapping and its meaning: the ids of the fields, options, stages or pipelines with that label. */
export interface BoundWord {
  /** The group in which it was looked up: the options of a field, all pipelines … */
  of: string;
  word: string;
  ids: (number | string)[];
}

/**
 * The account's definitions, to which records refer by key or id. It is read at the start of a sync and saved in the
 * database, so that mapping needs no API. Notes and products of deals have no custom fields and no
 * field list.
 */
export interface AccountCatalog {
  /** The sub-domain of the account's pages, `acme` of https://acme.pipedrive.com; null if unknown. */
  companyDomain: string | null;
  fields: Record<FieldedStream, AccountField[]>;
  pipelines: AccountPipeline[];
  stages: AccountStage[];
  users: AccountUser[];
  /** Absent if no definition is known to be gone. */
  gone?: GoneDefinitions;
  /** The meanings of the mapping's words in the last run; absent before the first. */
  words?: BoundWord[];
  /** True if some of them waited for consent in that run, because another thing had the word. */
  wordsWait?: boolean;
  /**
   * Things that records refer to and no list of the account shows, such as a user who was removed, in the words of the
   * class KeptCatalog. They are no reason to read the lists again.
   */
  unlisted?: string[];
}
