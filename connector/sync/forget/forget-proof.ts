import type { ForgottenPlace } from "../../database/forget/remove-person.ts";
import type { WordPlace } from "../../database/forget/search-words.ts";
import type { WrittenBackup } from "../../database/tables/backups.ts";

/** Records whose text still names the person: only people can tell what of it may stay. */
export interface LeftToPeople {
  /** Notes whose text holds the name, an address or a number. */
  notes: number[];
  /** Notes that are on the person and on nothing else. */
  notes_on_person: number[];
  deals: number[];
  organizations: number[];
  /** Other persons. */
  persons: number[];
  /** Rows and memories in which it is found too. */
  elsewhere: WordPlace[];
}

/** The proof of a forgetting: every place that was looked at, what was removed, and what is left to people. */
export interface ForgetProof {
  run: string;
  /** True if nothing is left that the connector can do. */
  done: boolean;
  persons: number[];
  /** The instant since which the person is forgotten; null if it was not. */
  known_since: string | null;
  remembered: { persons: number; addresses: number };
  /** Addresses that other persons have too, and that are not remembered therefore. */
  shared_addresses: number;
  places: ForgottenPlace[];
  planhat: {
    host: string | null;
    deleted: number;
    /** End users that are still to be deleted there. */
    waiting: { source_id: string; planhat_id: string | null }[];
  };
  rewritten: { tables: string[]; left: { table: string; because: string }[] };
  left: LeftToPeople;
  backups: WrittenBackup[];
}
