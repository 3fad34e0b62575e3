import type { CompiledField, CompiledStream } from "./compiled-mapping.ts";
import { sends } from "./direction.ts";

/** Returns the fields that may be sent to Pipedrive, in the order of the file. */
export function sendingFields({ models }: CompiledStream): CompiledField[] {
  return models.flatMap(({ fields }) => fields).filter(({ direction }) => sends(direction));
}

/** The term of `sendingTerms` that lets companies without an organization become one. */
export const creatingTerm = "create_in_pipedrive";

/**
 * Lists the writes to Pipedrive that the mapping allows, one text each: a field with its source, and the creation of
 * organizations. A mapping with an additional term allows more.
 */
export function sendingTerms(stream: CompiledStream): string[] {
  const terms = sendingFields(stream).map(({ field, sources }) => `${field} → ${sources[0] ?? ""}`);
  return [...new Set(sends(stream.direction) && stream.createInPipedrive ? [...terms, creatingTerm] : terms)];
}
