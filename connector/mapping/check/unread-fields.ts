import { type StreamName, streamNames } from "../../stream-name.ts";
import type { FieldReference, KeysByStream } from "../compiled-mapping.ts";
import { recordFields } from "../evaluate/record-fields.ts";

/** Keys that are read along with another: labels that came with a record, and the user of a note. */
const companions: Readonly<Record<string, string>> = { label_ids: "labels", labels: "label_ids", user_id: "user" };

/**
 * Returns the documented keys of each stream's records, `custom_fields` among them, that none of the references reads.
 * An undocumented key may be a custom field in the form of API v1 and is never among them.
 */
export function unreadFields(reads: readonly FieldReference[]): KeysByStream {
  const unread = (stream: StreamName): string[] => {
    const own = reads.filter((read) => read.stream === stream);
    const read = own.filter(({ custom }) => !custom).map(({ key }) => key);
    const kept = new Set(read.flatMap((key) => [key, companions[key] ?? key]));
    if (own.some(({ custom }) => custom)) kept.add("custom_fields");
    // In API v1 a part stands beside its field (`<key>_currency`).
    const isPart = (key: string) => read.some((whole) => key.startsWith(`${whole}_`));
    return [...Object.keys(recordFields[stream]), "custom_fields"].filter((key) => !kept.has(key) && !isPart(key));
  };
  return Object.fromEntries(streamNames.map((stream) => [stream, unread(stream)])) as Record<StreamName, string[]>;
}
