import type { JsonObject } from "../mapping/value.ts";
import type { RejectedRecord, SourceRecord } from "../pipedrive/records/decode.ts";
import type { StreamName } from "../stream-name.ts";
import type { ObjectTarget } from "./destination-catalog.ts";
import type { LandedCounts } from "./incoming.ts";

/** Records of one stream from stdin since the last batch. */
export interface InputGroup {
  stream: StreamName;
  records: SourceRecord[];
  /** Records that break their schema or cannot be stored: saved complete, with the reason. */
  rejected: RejectedRecord[];
  /** Ids that the source marks as deleted, by a mark of its own and perhaps without the record. */
  deleted: Set<number>;
  /** The ids received, by generation of the stream; empty if generations are not counted. */
  generations: Map<number, number[]>;
}

/** A record of any source that becomes an object of Planhat. */
export interface ObjectRecord {
  data: JsonObject;
  /** The record's own JSON text. */
  text: string;
  /** The counts in which it is landed until it is rejected. */
  counts: readonly LandedCounts[];
}

/** Records of one stream of objects since the last batch, in their order. */
export interface ObjectGroup extends ObjectTarget {
  records: ObjectRecord[];
}

/** A generation of a stream that is complete: landed records of other generations no longer exist. */
export interface WholeGeneration {
  stream: StreamName;
  generation: number;
  /** True to act even if the generation has no records: the source's word alone is enough. */
  evenIfEmpty: boolean;
}

/** The input from stdin to be committed together. */
export interface InputBatch {
  groups: InputGroup[];
  objects: ObjectGroup[];
  whole: WholeGeneration[];
  /** Return the lines with the source's states once the batch is committed, in their order. */
  states: (() => string)[];
}
