/** The four kinds of Pipedrive record that sync, in the order in which they are read. */
export const streamNames = ["deals", "organizations", "persons", "notes"] as const;

/** A kind of Pipedrive record. */
export type StreamName = (typeof streamNames)[number];

/** Returns true for the name of a stream. */
export function isStreamName(name: string): name is StreamName {
  return (streamNames as readonly string[]).includes(name);
}
