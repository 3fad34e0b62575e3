import type { ConsentKind, Held } from "../database/consents.ts";
import type { Database, Transaction } from "../database/database.ts";
import type { RunHistory } from "../database/history/run-history.ts";
import type { StartedBy } from "../database/runs.ts";
import type { Failure } from "../failure.ts";
import type { CompiledMapping } from "../mapping/compiled-mapping.ts";
import type { Budget, Usage } from "../pipedrive/budget.ts";
import type { Client } from "../pipedrive/client.ts";
import type { PlanhatClient } from "../planhat/client.ts";
import type { CustomFieldNames } from "../planhat/custom-fields.ts";
import type { StreamName } from "../stream-name.ts";
import type { BrakeLimits, MappingChange, RowBrake } from "./brake-terms.ts";
import type { Decision } from "./decision.ts";
import type { PlannedChange, PlannedPublication, PlannedSend } from "./planned.ts";
import type { Summary } from "./summary.ts";

/** What a run is told of its way, for the progress line. */
export interface Progress {
  stage: "read" | "settle";
  stream?: StreamName;
  /** Records read or settled in the stage so far. */
  records: number;
}

/** What every run needs. The database is locked for it by the caller. */
export interface RunRequest {
  database: Database;
  budget: Budget;
  mapping: CompiledMapping;
  signal: AbortSignal;
  /** Who started it, for the list of runs. */
  startedBy?: StartedBy;
  /** How long (days) changes are kept; 0: they are not. */
  keepDays?: number;
  /** What the budget had used before this run was prepared; nothing, where it was made for this run alone. */
  usageBefore?: Usage;
  onProgress?: (progress: Progress) => void;
  /** Told, in a sentence, of what the run passes over. */
  onWarning?: (message: string) => void;
  /** Told of every decision about a row. */
  onDecisions?: OnDecisions;
  /** Planhat's API, where the rows are published too. */
  planhat?: PlanhatConnection;
  /** Given with `--yes`: what the run needs consent for is agreed to. */
  agreement?: Agreement;
  /** Stops the run before it harms too much, unless somebody has agreed; left out: nothing does. */
  brake?: BrakeRequest;
  /** Where companies' changes may go to Pipedrive. */
  sending?: SendingConnection;
  /** Told by a rehearsal of what a sync would send. */
  onSend?: (send: PlannedSend) => void;
  /** Told of changes of companies that come from Planhat, in the transaction that stores them. */
  onEdits?: (transaction: Transaction, changes: readonly PlannedChange[]) => Promise<void>;
  /** Where a rehearsal counts what a sync would do in Planhat. */
  publication?: PlannedPublication;
  /** Called when all rows are stored, before anything is sent or published. What it throws ends the run. */
  beforeOutside?: BeforeOutside;
}

/** Takes a run whose rows are stored, and what sends and publishes for a run like it. */
export type BeforeOutside = (run: Run<RunRequest>, goOutside: (run: Run<RunRequest>) => Promise<void>) => Promise<void>;

/** Everything one run of sync needs. */
export interface SyncRequest extends RunRequest {
  client: Client;
  /** Fetch All again, whatever the bookmarks say. */
  full: boolean;
  /** Walk through the whole lists, for what no other list shows: deletions, and notes that were moved. */
  sweep?: boolean;
  /** Only these organizations, fresh; empty for all. */
  companies: readonly number[];
  followChanges: boolean;
  startDate: string | undefined;
}

/** A run's summary, and what ended it early. */
export interface SyncOutcome {
  summary: Summary;
  failure?: unknown;
}

/** What a run carries along: its request, its id, and its counts. */
export interface Run<Request extends RunRequest = SyncRequest> {
  request: Request;
  id: string;
  summary: Summary;
  rejections: number;
  /** Whether any rejection was dismissed before it. */
  anyDismissed?: boolean;
  /** Where its changes are kept. */
  history: RunHistory;
  /**
   * When companies were changed in Planhat that this run has read back, by organization; their rows say when they were
   * read.
   */
  changedInPlanhat: Map<number, string>;
  /** What waits for consent, of each kind that the run has looked at. */
  held: Map<ConsentKind, Held[]>;
  /** The Planhat tenant, once it is known. */
  tenant?: Tenant;
  /** Whether rows change because the mapping did, once that is known. */
  mappingChange?: { found: MappingChange | undefined };
  /** Counts the rows that the run harms. */
  brake?: RowBrake | undefined;
  /** The brake has stopped it. */
  isHeld?: boolean;
  /** What was pending is settled, all of it. */
  isSettled?: boolean;
  /** What was to be published is, all of it. */
  isPublished?: boolean;
}

/** Takes the decisions about rows of one stream, once they are carried out in the given transaction. */
export type OnDecisions = (transaction: Transaction, decisions: readonly Decision[]) => void | Promise<void>;

/** Somebody's word that everything of a new kind that a run needs may be done, now and from now on (`--yes`). */
export interface Agreement {
  /** Who said so. */
  by: string;
}

/** What the brake needs of a run. A run that is left without one, or that somebody agreed to, is not stopped. */
export interface BrakeRequest {
  limits: BrakeLimits;
  /** Given with `--yes`: this run may go on, and no later one. */
  agreement?: Agreement;
  /** A run that is stopped where one was before tells what was counted then: a service is stopped again and again. */
  countsOnce?: true;
}

/** The Planhat tenant of a run. */
export interface Tenant {
  id: string;
  /** What is written down of published objects is of another tenant. */
  isOther: boolean;
}

/** What sending needs beside the run. */
export interface SendingConnection {
  client: Client;
  /** Tells people what is not sent, in sentences. */
  warn: (message: string) => void;
}

/** A Planhat tenant that rows are published to. */
export interface PlanhatConnection {
  client: PlanhatClient;
  /** Its custom fields, or why they could not be read: then nothing is published. */
  customFields: CustomFieldNames | Failure;
}

/** A sync of records that are known to have changed; `full` and `companies` are not looked at. */
export interface EventsRequest extends SyncRequest {
  changed: readonly ChangedRecord[];
  /** Settle their deals even if they are as they were. */
  everyDeal?: boolean;
}

/** A record that Pipedrive says has changed. */
export interface ChangedRecord {
  stream: StreamName;
  id: number;
  /** Pipedrive says that it was deleted, or merged into another one. */
  deleted: boolean;
}
