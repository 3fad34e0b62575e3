import type { Database, Transaction } from "../database/database.ts";
import type { Retention } from "../database/history/retention.ts";
import type { RunHistory } from "../database/history/run-history.ts";
import type { ConsentKind, Held } from "../database/tables/consents.ts";
import type { Forgotten } from "../database/tables/forgotten.ts";
import type { StartedBy } from "../database/tables/runs.ts";
import type { Failure } from "../failure.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import type { JsonObject } from "../mapping/value.ts";
import type { Budget, Usage } from "../pipedrive/client/budget.ts";
import type { Client } from "../pipedrive/client/client.ts";
import type { SourceRecord } from "../pipedrive/records/decode.ts";
import type { PlanhatClient } from "../planhat/client.ts";
import type { CustomFieldNames } from "../planhat/custom-fields.ts";
import type { StreamName } from "../stream-name.ts";
import type { BrakeLimits, MappingChange, RowBrake } from "./brake-terms.ts";
import type { Decision } from "./decision.ts";
import type { PlannedChange, PlannedPublication, PlannedSend } from "./planned.ts";
import type { Summary } from "./summary.ts";

/** The progress of a run, for the progress line. */
export interface Progress {
  stage: "read" | "apply";
  stream?: StreamName;
  /** Records read or applied in the stage so far. */
  records: number;
  /** Records that the stage will have, about; absent if that is not known. */
  total?: number;
}

/** The inputs of every run. The caller has locked the database. */
export interface RunRequest {
  database: Database;
  budget: Budget;
  mapping: CompiledMapping;
  signal: AbortSignal;
  /** The starter, for the list of runs. */
  startedBy?: StartedBy;
  /** Days for which changes are stored; 0: not at all. */
  keepDays?: number;
  /** Days for which values are kept beyond rows and changes; absent: for ever. */
  retention?: Retention;
  /** The extent of the landing; full by default. */
  landing?: LandingExtent;
  /** The budget's usage before this run was prepared; none if the budget was created for this run alone. */
  usageBefore?: Usage;
  onProgress?: (progress: Progress) => void;
  /** Called with one sentence for each thing the run skips. */
  onWarning?: (message: string) => void;
  /** Called with every decision about a row. */
  onDecisions?: OnDecisions;
  /** Planhat's API, if the rows are published too. */
  planhat?: PlanhatConnection;
  /** The consent of `--yes` to everything new that the run needs. */
  agreement?: Agreement;
  /** Stops the run before it does too much harm, unless consent is given; absent: no limit. */
  brake?: BrakeRequest;
  /** The connection over which companies' changes may go to Pipedrive. */
  sending?: SendingConnection;
  /** Called in a dry run with each organization that a sync would send. */
  onSend?: (send: PlannedSend) => void;
  /** Called with changes of companies that come from Planhat, inside the transaction that stores them. */
  onEdits?: (transaction: Transaction, changes: readonly PlannedChange[]) => Promise<void>;
  /** The counts of a dry run's publication to Planhat. */
  publication?: PlannedPublication;
  /** The saved account catalog with which the mapping was compiled; absent if it has just been read. */
  keptCatalog?: RenewableCatalog;
  /** The collector of events of OpenLineage, told when the run begins and ends; absent: nobody is told. */
  lineage?: { place: LineagePlace; send(event: JsonObject): Promise<void> };
  /** Called when all rows are stored, before anything is sent or published. An error of it ends the run. */
  beforeOutside?: BeforeOutside;
}

/**
 * The extent of the landing: every record whole, or only those that deals bring which may sync. Of the others ids,
 * references, states and times are kept.
 */
export type LandingExtent = "full" | "eligible";

/** The names by which OpenLineage knows both sides. */
export interface LineagePlace {
  /** The namespace of Pipedrive's records: `pipedrive://acme.pipedrive.com`. */
  pipedrive: string;
  /** The namespace of the database, and what precedes `planhat.companies` in the name of a table. */
  database: { namespace: string; prefix: string };
}

/** A saved account catalog, which a record may show to be outdated. */
export interface RenewableCatalog {
  /** Looks into records that are new or have changed for things that the catalog lacks. */
  look(stream: StreamName, records: readonly SourceRecord[]): void;
  /** Reads the account again if a record showed the need, and returns the mapping compiled against it. */
  renewed(): Promise<CompiledMapping | undefined>;
}

/** Receives a run whose rows are stored, and the function that sends and publishes for such a run. */
export type BeforeOutside = (run: Run<RunRequest>, goOutside: (run: Run<RunRequest>) => Promise<void>) => Promise<void>;

/** The inputs of a run of sync. */
export interface SyncRequest extends RunRequest {
  client: Client;
  /** True for Fetch All, whatever the bookmarks say. */
  full: boolean;
  /**
   * True to walk through the whole lists, for changes that no other list shows: deletions, and notes that were moved.
   */
  sweep?: boolean;
  /** The only organizations to fetch; empty for all. */
  companies: readonly number[];
  /** The conflicts of these companies of which the other side's value is taken. */
  taking?: readonly string[];
  followChanges: boolean;
  startDate: string | undefined;
}

/** A run's summary, and the failure that ended it early. */
export interface SyncOutcome {
  summary: Summary;
  failure?: unknown;
}

/** The state of a run: its request, its id, and its counts. */
export interface Run<Request extends RunRequest = SyncRequest> {
  request: Request;
  id: string;
  summary: Summary;
  rejections: number;
  /** True if any rejection was dismissed before it. */
  anyDismissed?: boolean;
  /** The memory of forgotten persons, if there are any. */
  forgotten?: Forgotten;
  /** True if any landed copy was lean when it began. */
  anyLean?: boolean;
  /** The whole copies that this run landed, if it looks only at those when it thins the landing. */
  arrived?: Map<StreamName, Set<number>>;
  /** Deals that this run leaves pending, because it cannot read what they bring. */
  waiting?: ReadonlySet<number>;
  /** The recipient of its changes. */
  history: RunHistory;
  /**
   * The times of changes in Planhat of companies that this run has read back, by organization; their rows have the time
   * of reading.
   */
  changedInPlanhat: Map<number, string>;
  /** The work that waits for consent, for each kind that the run has checked. */
  held: Map<ConsentKind, Held[]>;
  /** The Planhat tenant, once it is known. */
  tenant?: Tenant;
  /** The change of the mapping that causes changes of rows, if any, once it is known. */
  mappingChange?: { found: MappingChange | undefined };
  /** Counts the rows that the run harms. */
  brake?: RowBrake | undefined;
  /** True if the brake has stopped it. */
  isHeld?: boolean;
  /** Rows that the brake stopped in an earlier run, and the only organizations that this run applies meanwhile. */
  besideHeld?: { held: readonly Held[]; organizations: readonly number[] };
  /** True if all pending entries are applied. */
  isApplied?: boolean;
  /** True if everything to be published is published. */
  isPublished?: boolean;
}

/** Called with the decisions about rows of one stream, after they were executed in the given transaction. */
export type OnDecisions = (transaction: Transaction, decisions: readonly Decision[]) => void | Promise<void>;

/** The consent that everything new that a run needs may be done, now and in later runs (`--yes`). */
export interface Agreement {
  /** The user who gave it. */
  by: string;
  /** The only kinds to which it was given; undefined: to everything. */
  kinds?: readonly ConsentKind[];
}

/** The brake's settings for a run. A run without them, or with consent, is not stopped. */
export interface BrakeRequest {
  limits: BrakeLimits;
  /** The consent of `--yes` to this run alone. */
  agreement?: Agreement;
  /**
   * True if a run that is stopped after another one reports the earlier count: a service is stopped again and again.
   */
  countsOnce?: true;
}

/** The Planhat tenant of a run. */
export interface Tenant {
  id: string;
  /** True if the stored state of published objects belongs to another tenant. */
  isOther: boolean;
}

/** The inputs of sending besides the run. */
export interface SendingConnection {
  client: Client;
  /** Called with a sentence for each thing that is not sent. */
  warn: (message: string) => void;
}

/** A Planhat tenant to which rows are published. */
export interface PlanhatConnection {
  client: PlanhatClient;
  /** Its custom fields, or the failure of reading them: then nothing is published. */
  customFields: CustomFieldNames | Failure;
}

/** A sync of records that are known to have changed; `full` and `companies` are ignored. */
export interface EventsRequest extends SyncRequest {
  changed: readonly ChangedRecord[];
}

/** A record that has changed according to Pipedrive. */
export interface ChangedRecord {
  stream: StreamName;
  id: number;
  /** True if Pipedrive reports it as deleted, or merged into another one. */
  deleted: boolean;
}
