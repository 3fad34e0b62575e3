import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { type ModelName, modelNames, revenueKindOf } from "../../model-name.ts";
import type { CustomFieldNames } from "../../planhat/custom-fields.ts";
import { objectKey, objectSchema } from "../../planhat/object-schema.ts";
import { connectorConfig } from "../../protocol/airbyte.ts";
import { destinationCatalog } from "../../protocol/destination-catalog.ts";
import { emit } from "../../protocol/standard-output.ts";
import { streamNames } from "../../stream-name.ts";
import type { CommonOptions } from "../common-options.ts";
import { loadMapping } from "../opening/load-mapping.ts";
import { openAccount } from "../opening/with-account.ts";
import { airbyteVerb } from "./airbyte-verb.ts";

/**
 * Prints DESTINATION_CATALOG: the models of Planhat as objects that a source can fill, with the custom fields of the
 * tenant, or without its API those of the mapping. Asks Pipedrive for nothing. Returns the exit status.
 */
export async function discoverDestination(options: CommonOptions): Promise<number> {
  return airbyteVerb(async (signal) => {
    const { config } = await openAccount(options, signal, {
      onConfigChanged: (changed) => void emit(connectorConfig(changed)),
    });
    const mapping = loadMapping(config, undefined, () => {});
    const custom = { ...mappedCustom(mapping) };
    if (config.planhat !== undefined) {
      const { createPlanhatClient } = await import("../../planhat/client.ts");
      const { readCustomFieldNames } = await import("../../planhat/custom-fields.ts");
      Object.assign(custom, await readCustomFieldNames(createPlanhatClient(config.planhat, { signal })));
    }
    const { kind } = mapping.deals;
    const models = modelNames.filter((model) => kind === undefined || [undefined, kind].includes(revenueKindOf(model)));
    await emit(destinationCatalog(models, objectKey, (model, isNew) => objectSchema(model, custom[model], isNew)));
    return 0;
  });
}

/** Returns the custom fields that the mapping fills, by model. */
function mappedCustom(mapping: CompiledMapping): CustomFieldNames {
  const mapped = streamNames.flatMap((stream) => mapping[stream].models);
  const namesOf = (model: ModelName) =>
    mapped
      .flatMap((one) => (one.model === model ? one.fields : []))
      .flatMap(({ field }) => (field.startsWith("custom.") ? [field.slice("custom.".length)] : []));
  return Object.fromEntries(modelNames.map((model) => [model, new Set(namesOf(model))])) as unknown as CustomFieldNames;
}
