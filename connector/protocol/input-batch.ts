import type { RejectedRecord, SourceRecord } from "../pipedrive/decode.ts";
import type { StreamName } from "../stream-name.ts";

/** Records of one stream that came in on stdin since the last batch. */
export interface InputGroup {
  stream: StreamName;
  records: SourceRecord[];
  /** Records that break their schema or cannot be stored: kept whole, with the reason. */
  rejected: RejectedRecord[];
  /** Ids that the source says are deleted, with a mark of its own and perhaps without the record. */
  deleted: Set<number>;
  /** The ids that came, by the generation of the stream that they came in; empty where none is counted. */
  generations: Map<number, number[]>;
}

/** A stream of which everything has come in a generation: what is landed of another one is not there any more. */
export interface WholeGeneration {
  stream: StreamName;
  generation: number;
  /** Also when no record came in it: the source's word alone is enough. */
  evenIfEmpty: boolean;
}

/** What came in on stdin and is to be committed together. */
export interface InputBatch {
  groups: InputGroup[];
  whole: WholeGeneration[];
  /** The lines by which the source's states are given back once the batch is committed, in their order. */
  states: string[];
}
