import type { StoredRejection } from "../database/tables/rejections.ts";
import type { Json } from "../mapping/value.ts";
import type { ModelName } from "../model-name.ts";
import { dealOfOwnItem } from "../source-id.ts";
import type { StreamName } from "../stream-name.ts";

/** A rejection, under the names that scripts read (contract, section 7). */
export interface ListedRejection {
  id: string;
  stream: StreamName;
  record_id: number | null;
  model: ModelName | null;
  field: string | null;
  reason: string;
  value: Json;
  since: string;
  /** The time and the author of its dismissal; absent if it counts. */
  dismissed?: { at: string; by: string };
}

/** Returns, for an audit, the words for a rejected record or field. */
export function toldRejection({ reason, dismissed }: Pick<StoredRejection, "reason" | "dismissed">): string {
  return dismissed === null ? `rejected: ${reason}` : `rejected, and dismissed: ${reason}`;
}

/** Returns the record that a rejection tells of: of a line item that is made of its deal, the deal. */
export function toldRecord({ stream, recordId }: Pick<StoredRejection, "stream" | "recordId">): {
  stream: StreamName;
  recordId: number | null;
} {
  const dealId = recordId === null ? undefined : dealOfOwnItem(recordId);
  return stream === "deal_products" && dealId !== undefined
    ? { stream: "deals", recordId: dealId }
    : { stream, recordId };
}

/** Returns the record of a listed rejection in words: `deals 5`, or of another source `company 17`. */
export function rejectedRecordText({ stream, record_id: id, model, value }: ListedRejection): string {
  if (id === null && model !== null && typeof value === "string") return `${model} ${value}`;
  return `${stream} ${id ?? "without id"}${stream === "deals" && model === "lineitem" ? " (its line item)" : ""}`;
}

/** Returns a stored rejection in the form in which it is listed. */
export function listedRejection(stored: StoredRejection): ListedRejection {
  const { id, model, field, reason, value, since } = stored;
  const { dismissed } = stored;
  const { stream, recordId } = toldRecord(stored);
  return {
    id,
    stream,
    record_id: recordId,
    model,
    field,
    reason,
    value,
    since,
    ...(dismissed === null ? {} : { dismissed }),
  };
}
