import type { CompiledField, CompiledMapping, FieldReference } from "../../mapping/compiled-mapping.ts";
import { receives, sends } from "../../mapping/direction.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { type ModelName, modelNames, tableOf } from "../../model-name.ts";
import { packageVersion } from "../../package-root.ts";
import { models } from "../../planhat/models.ts";
import { streamNames } from "../../stream-name.ts";
import type { LineagePlace } from "../run-context.ts";
import type { ModelCounts } from "../summary.ts";

/** The moment of a run that an event tells. */
export interface RunMoment {
  type: "START" | "COMPLETE" | "FAIL";
  run: string;
  /** An instant in RFC 3339. */
  at: string;
  /** The counts of a run that ended. */
  models?: Record<ModelName, ModelCounts>;
  /** The kind of a failure. Its text may quote a value, so it is not told. */
  failure?: string;
}

interface Dataset {
  namespace: string;
  name: string;
}

/** A column, and the columns from which it is made. */
type Columns = Record<string, { inputFields: (Dataset & { field: string })[] }>;

const spec = "https://openlineage.io/spec";
const repository = "https://github.com/pipedrive-planhat/pipedrive-planhat";

/** Returns an event of OpenLineage about a run, with the lineage of columns by the mapping. It holds no value. */
export function lineageEvent(place: LineagePlace, mapping: CompiledMapping, moment: RunMoment): JsonObject {
  const { type, run, at, models: counts, failure } = moment;
  const producer = `${repository}/tree/v${packageVersion()}`;
  const facet = (schema: string, content: object) => ({
    _producer: producer,
    _schemaURL: `${spec}/${schema}`,
    ...content,
  });
  const ofRecords = (name: string): Dataset => ({ namespace: place.pipedrive, name });
  const ofRows = (model: ModelName): Dataset => {
    const { namespace, prefix } = place.database;
    return { namespace, name: `${prefix}planhat.${tableOf[model]}` };
  };
  const received = new Map<ModelName, Columns>();
  const sent: Columns = {};
  for (const stream of streamNames) {
    for (const { model, fields, lineItem = [] } of mapping[stream].models) {
      const made: [ModelName, readonly CompiledField[]][] = [
        [model, fields],
        ...(lineItem.length > 0 ? [["lineitem", lineItem] as [ModelName, CompiledField[]]] : []),
      ];
      for (const [of, entries] of made) {
        const columns = received.get(of) ?? {};
        for (const { field, direction, reads, inverse } of entries) {
          const column = columnOf(of, field);
          if (receives(direction))
            add(
              columns,
              column,
              reads.map((one) => ({ ...ofRecords(one.stream), field: keyOf(one) })),
            );
          if (sends(direction) && inverse !== undefined) add(sent, keyOf(inverse), [{ ...ofRows(of), field: column }]);
        }
        if (receives(mapping[stream].direction)) received.set(of, columns);
      }
    }
  }
  const lineageOf = (fields: Columns) => ({
    columnLineage: facet("facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet", { fields }),
  });
  const outputs = modelNames.flatMap((model) => {
    const columns = received.get(model);
    if (columns === undefined) return [];
    const { created = 0, updated = 0 } = counts?.[model] ?? {};
    const statistics = facet(
      "facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
      {
        rowCount: created + updated,
      },
    );
    const told = counts === undefined ? {} : { outputFacets: { outputStatistics: statistics } };
    return [{ ...ofRows(model), facets: lineageOf(columns), ...told }];
  });
  const inputs = streamNames.filter((stream) => receives(mapping[stream].direction)).map(ofRecords);
  const isSent = Object.keys(sent).length > 0;
  const error = facet("facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet", {
    message: `The run failed: ${failure}. \`pipedrive-planhat runs ${run.slice(0, 8)}\` tells why.`,
    programmingLanguage: "TypeScript",
  });
  return {
    eventType: type,
    eventTime: at,
    run: { runId: run, ...(failure === undefined ? {} : { facets: { errorMessage: error } }) },
    job: { namespace: place.pipedrive, name: "pipedrive-planhat" },
    inputs: [...inputs, ...(isSent ? [ofRows("company")] : [])],
    outputs: [...outputs, ...(isSent ? [{ ...ofRecords("organizations"), facets: lineageOf(sent) }] : [])],
    producer,
    schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  } as unknown as JsonObject;
}

function add(columns: Columns, column: string, inputs: Columns[string]["inputFields"]): void {
  const there = columns[column]?.inputFields ?? [];
  const isNew = (one: Dataset & { field: string }) =>
    !there.some(({ name, field }) => name === one.name && field === one.field);
  columns[column] = { inputFields: [...there, ...inputs.filter(isNew)] };
}

function keyOf({ key, custom }: Pick<FieldReference, "key" | "custom">): string {
  return custom ? `custom_fields.${key}` : key;
}

function columnOf(model: ModelName, field: string): string {
  return field.startsWith("custom.") ? field : (models[model].get(field)?.column ?? field);
}
