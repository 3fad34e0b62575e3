import type { ModelName } from "../model-name.ts";
import type { CompiledStream } from "./compiled-mapping.ts";

/** Returns the models of the rows that a stream makes, each once; the line items of deals among them. */
export function modelsMade({ models }: Pick<CompiledStream, "models">): ModelName[] {
  const made = models.flatMap(({ model, lineItem }) =>
    lineItem === undefined ? [model] : [model, "lineitem" as const],
  );
  return [...new Set(made)];
}
