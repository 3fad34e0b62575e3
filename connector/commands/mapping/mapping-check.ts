import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { Failure } from "../../failure.ts";
import { checkMapping } from "../../mapping/check/check-mapping.ts";
import type { CompiledMapping, Direction } from "../../mapping/compiled-mapping.ts";
import type { ModelName } from "../../model-name.ts";
import { modelCatalog } from "../../planhat/models.ts";
import { type Problem, renderProblems } from "../../problem.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import type { StreamName } from "../../stream-name.ts";
import { isListedStream, streamNames } from "../../stream-name.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { askAccount, openAccount } from "../opening/with-account.ts";
import { keptOwner } from "../opening/with-database.ts";
import { describeUnmapped } from "../terminal/describe-unmapped.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { paint } from "../terminal/paint.ts";
import { reportFailure } from "../terminal/report-failure.ts";
import { type Cell, table } from "../terminal/table.ts";
import { lookAtLanding } from "./look-at-landing.ts";
import { lookAtModels, lookAtPlanhat } from "./look-at-planhat.ts";

/**
 * Prints every problem of all mapping files. Checks them against the account if it can be reached, the landed records
 * if there are any, and Planhat if its API is configured. Returns 2 if one problem is an error, otherwise 0.
 */
export async function mappingCheck(options: CommonOptions & { json?: true }): Promise<number> {
  const { config, client } = await openAccount(options);
  const files = readMappingFiles(config.mappings);
  const landing = await lookAtLanding(config.database, async (kept) => {
    const asked = await askAccount(client, kept);
    const known = asked instanceof Failure ? {} : { catalog: asked.catalog };
    return { asked, ...checkMapping(files, { ...known, models: modelCatalog, hashKey: config.hash_key }) };
  });
  const { asked, problems, mapping, lineage } = landing.checked;
  if (!(asked instanceof Failure)) refuseOther(await keptOwner(config.database), asked.account, config.database);
  const verdicts = [await lookAtPlanhat(config.planhat, lineage)];
  // One sentence about a tenant that does not answer is enough.
  if (verdicts[0]?.note === undefined) verdicts.push(await lookAtModels(config.planhat, lineage));
  const all = [...problems, ...landing.warnings, ...verdicts.flatMap((one) => one.problems)].sort(
    byPlace(files.map(({ name }) => name)),
  );
  const streams = mapping === undefined ? [] : streamSummaries(mapping);
  const notes = [
    asked instanceof Failure
      ? `Not checked against the account: ${asked.message} Labels of fields and names of pipelines were taken on trust.`
      : `Checked against the account ${asked.account.companyName}.`,
    ...(landing.note === undefined ? [] : [landing.note]),
    ...verdicts.flatMap(({ note }) => note ?? []),
  ];
  const failure = all.some(({ severity }) => severity === "error") ? new Failure("usage", verdict(all)) : undefined;
  if (options.json) {
    const { unmapped } = landing;
    const checked = !(asked instanceof Failure);
    const document = { problems: all, streams, unmapped, checked_against_account: checked, notes };
    await writeMessage(withFailure(document, failure));
  } else {
    const text = renderProblems(all, new Map(files.map((file) => [file.name, file.text])), (word, severity) =>
      paint(word, severity === "error" ? "bad" : "warning"),
    );
    for (const line of text === "" ? [] : [text, ""]) await writeLine(line);
    const lines =
      streams.length === 0
        ? []
        : [...table([["stream", "direction", "model", "fields"], ...streams.flatMap(rowsOf)]), ""];
    for (const line of [...lines, ...notes, ...describeUnmapped(landing.unmapped), verdict(all)]) await writeLine(line);
  }
  return failure === undefined ? 0 : reportFailure(failure, { isShown: options.json !== true });
}

function rowsOf({ stream, direction, models }: StreamSummary): Cell[][] {
  if (models.length === 0) return [[stream, { cell: direction, style: "quiet" }]];
  return models.map(({ model, fields }) => [stream, direction, model, fields]);
}

function byPlace(files: readonly string[]): (one: Problem, other: Problem) => number {
  return (one, other) =>
    files.indexOf(one.file) - files.indexOf(other.file) || one.line - other.line || one.column - other.column;
}

function verdict(problems: readonly Problem[]): string {
  const count = (severity: Problem["severity"]) => {
    const found = problems.filter((problem) => problem.severity === severity).length;
    return found === 0 ? `no ${severity}s` : counted(found, severity);
  };
  return `The mapping has ${count("error")} and ${count("warning")}.`;
}

/** A short summary of one stream's mapping. */
export interface StreamSummary {
  stream: StreamName;
  direction: Direction;
  /** The models that its records may become, in the order of the file, with the number of mapped fields of each. */
  models: { model: ModelName; fields: number }[];
}

/** Returns a summary of each stream's mapping; one without a file has direction `none` and no model. */
export function streamSummaries(mapping: CompiledMapping): StreamSummary[] {
  const shown = streamNames.filter((stream) => isListedStream(stream) || mapping[stream].direction !== "none");
  return shown.map((stream) => {
    const { direction, models } = mapping[stream];
    return { stream, direction, models: models.map(({ model, fields }) => ({ model, fields: fields.length })) };
  });
}
