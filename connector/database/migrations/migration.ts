/** One step of the schema's history. Steps are only ever added: what one says never changes once it is released. */
export interface Migration {
  /** Its place in the order: 1, 2, 3 … */
  number: number;
  /** What it does, as kebab-case words: the rest of its file's name. */
  name: string;
  /** The statements, run in one transaction. They never drop or rename anything in the `planhat` schema. */
  sql: string;
}
