import type { StreamName } from "./stream-name.ts";

/** An option of an enum or set field. Built-in fields have word ids ("open"), custom fields numbers. */
export interface FieldOption {
  id: number | string;
  label: string;
  /** True for an option that the account no longer has: its last known label, kept so that old records still read. */
  gone?: boolean;
}

/** One field of a stream, as Pipedrive describes it (API v2 `GET /{entity}Fields`). */
export interface AccountField {
  /** What people see. Labels are not unique. */
  label: string;
  /** The key in the record: a word for built-in fields, 40 hexadecimal digits inside `custom_fields` for custom ones. */
  key: string;
  /** Pipedrive's field_type: varchar, text, double, monetary, enum, set, date, daterange, address, org, people, user … */
  type: string;
  custom: boolean;
  /** Records hold it only where it is asked for (`is_optional_response_field`). */
  optional?: true;
  options?: FieldOption[];
}

/** A pipeline of deals. */
export interface AccountPipeline {
  id: number;
  name: string;
}

/** A stage of a pipeline. */
export interface AccountStage {
  id: number;
  name: string;
  pipelineId: number;
}

/** A user of the Pipedrive account, who may own records. */
export interface AccountUser {
  id: number;
  name: string;
  email: string | null;
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
}
