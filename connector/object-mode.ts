/** The modes in which a stream's records become objects of a model: upsert, insert only, update only. */
export const objectModes = ["append_dedup", "append", "update"] as const;

/** One of these modes. */
export type ObjectMode = (typeof objectModes)[number];
