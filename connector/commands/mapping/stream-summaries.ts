import type { CompiledMapping, Direction } from "../../mapping/compiled-mapping.ts";
import type { ModelName } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";

/** A short summary of one stream's mapping. */
export interface StreamSummary {
  stream: StreamName;
  direction: Direction;
  /** The models that its records may become, in the order of the file, with the number of mapped fields of each. */
  models: { model: ModelName; fields: number }[];
}

/** Returns a summary of each stream's mapping; one without a file has direction `none` and no model. */
export function streamSummaries(mapping: CompiledMapping): StreamSummary[] {
  return streamNames.map((stream) => {
    const { direction, models } = mapping[stream];
    return { stream, direction, models: models.map(({ model, fields }) => ({ model, fields: fields.length })) };
  });
}
