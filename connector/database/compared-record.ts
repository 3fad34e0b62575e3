import type { StreamName } from "../stream-name.ts";

/**
 * What a note of API v1 embeds of records and users that are known here themselves: their names when it was read. A
 * rename changes them and not the note, which no list shows again for it.
 */
const embedded = ["deal", "organization", "person", "user"];

/** The part of a record that says whether it is another one than before, as SQL; `record` is a column of jsonb. */
export function comparedRecord(stream: StreamName, record: string): string {
  return stream === "notes" ? `(${record} - '{${embedded.join(",")}}'::text[])` : record;
}
