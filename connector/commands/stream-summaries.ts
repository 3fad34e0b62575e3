import type { CompiledMapping, Direction } from "../mapping/compiled-mapping.ts";
import type { ModelName } from "../model-name.ts";
import { type StreamName, streamNames } from "../stream-name.ts";

/** What a mapping makes of one stream, in short. */
export interface StreamSummary {
  stream: StreamName;
  direction: Direction;
  /** The models that its records may become, in the order of the file, with the number of mapped fields. */
  models: { model: ModelName; fields: number }[];
}

/** What a mapping makes of each stream; one without a file has direction `none` and no model. */
export function streamSummaries(mapping: CompiledMapping): StreamSummary[] {
  return streamNames.map((stream) => {
    const { direction, models } = mapping[stream];
    return { stream, direction, models: models.map(({ model, fields }) => ({ model, fields: fields.length })) };
  });
}
