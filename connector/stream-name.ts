/** The kinds of Pipedrive record that have lists of their own, in the order in which they are read. */
export const listedStreams = ["deals", "organizations", "persons", "notes"] as const;

/** A kind of Pipedrive record that has a list of its own. */
export type ListedStream = (typeof listedStreams)[number];

/**
 * The kinds of Pipedrive record that sync, in the order in which they are read. The products of deals are listed by
 * their deals, and are read only where a mapping file asks for them.
 */
export const streamNames = [...listedStreams, "deal_products"] as const;

/** A kind of Pipedrive record. */
export type StreamName = (typeof streamNames)[number];

/** Returns true for the name of a stream. */
export function isStreamName(word: unknown): word is StreamName {
  return (streamNames as readonly unknown[]).includes(word);
}

/** A kind of record that has custom fields, and a list of fields in the account. */
export type FieldedStream = Exclude<ListedStream, "notes">;

/** True for a stream whose fields the account lists. */
export function isFieldedStream(name: StreamName): name is FieldedStream {
  return name !== "notes" && name !== "deal_products";
}

/** True for a stream that has a list of its own. */
export function isListedStream(name: StreamName): name is ListedStream {
  return name !== "deal_products";
}
