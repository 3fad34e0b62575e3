import type { CompiledField, CompiledStream } from "./compiled-mapping.ts";
import { sends } from "./direction.ts";

/** The fields that may be sent to Pipedrive, in the order of the file. */
export function sendingFields({ models }: CompiledStream): CompiledField[] {
  return models.flatMap(({ fields }) => fields).filter(({ direction }) => sends(direction));
}

/** That companies without an organization may become one, among `sendingTerms`. */
export const creatingTerm = "create_in_pipedrive";

/**
 * What the mapping lets the connector do in Pipedrive, one text each: a field that it may write and from where, and that
 * it may create organizations. A mapping with a term more than another is the wider one.
 */
export function sendingTerms(stream: CompiledStream): string[] {
  const terms = sendingFields(stream).map(({ field, sources }) => `${field} → ${sources[0] ?? ""}`);
  return [...new Set(sends(stream.direction) && stream.createInPipedrive ? [...terms, creatingTerm] : terms)];
}
