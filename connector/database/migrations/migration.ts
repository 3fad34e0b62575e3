/** One step of the schema's history. Steps are only added: a released step never changes. */
export interface Migration {
  /** Its place in the order: 1, 2, 3 … */
  number: number;
  /** Its purpose in kebab-case words: the rest of its file's name. */
  name: string;
  /** The statements, run in one transaction. They never drop or rename anything in the `planhat` schema. */
  sql: string;
}
