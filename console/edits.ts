import type { Problem } from "../connector/problem.ts";
import { post } from "./acts.ts";

/** A change of a value in a YAML file: set at a path, or removed where there is no value. */
export interface Edit {
  file: string;
  /** `-` at the end appends to a list, `+` puts the value first. */
  path: (string | number)[];
  value?: unknown;
}

/** A change that is asked for: single values, or whole files. */
export interface EditContent {
  edits?: Edit[];
  texts?: { file: string; text: string }[];
}

/** One row that a change would write. */
export interface EffectChange {
  model: string;
  source_id: string;
  name?: string | null;
  action: string;
  fields: Readonly<Record<string, { from?: unknown; to?: unknown }>>;
}

/** The effect of a change on the rows, counted from the landing alone. */
export interface Effect {
  models: Readonly<Record<string, Readonly<Record<string, number>>>>;
  rejections: number;
  changes: EffectChange[];
  /** Rows that stay and are not updated any more, by the reason of their deal. */
  kept: Readonly<Record<string, number>>;
  /** The work that the brake would stop. */
  held: { what: string; count: number; remedy: string }[];
  /** The models whose rows are published to Planhat. */
  published: string[];
  /** Fields that would be sent to Pipedrive and to which nobody has agreed. */
  to_agree: string[];
}

/** A change before it is saved: the files as they would be, their problems, the effect on the rows. */
export interface Proposed {
  files: { file: string; before: string; after: string; hash: string; writable: boolean }[];
  problems: Problem[];
  effect: Effect | null;
}

/** A saved change: the run that mapped the rows again, how it ended, and whether `serve` has to be started again. */
export interface Saved {
  run: string | null;
  status: string | null;
  restart: boolean;
}

/** Returns what a change would do; nothing is written. */
export function propose(content: EditContent): Promise<Proposed> {
  return post<Proposed>("edit/propose", content);
}

/** Saves a change; it is refused where a file changed since it was read. */
export function save(content: EditContent, hashes: Readonly<Record<string, string>>, yes: boolean): Promise<Saved> {
  return post("edit/save", { ...content, hashes, ...(yes ? { yes } : {}) });
}
