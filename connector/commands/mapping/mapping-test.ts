import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { AccountCatalog } from "../../account-catalog.ts";
import { readMappingFiles } from "../../config/read-mapping-files.ts";
import { Failure } from "../../failure.ts";
import { type MappingCase, parseCases } from "../../mapping/check/case-file.ts";
import type { MappingFile } from "../../mapping/check/check-mapping.ts";
import { recordByLabel } from "../../mapping/check/record-by-label.ts";
import { type Report, reportTo } from "../../mapping/language/report.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { decode } from "../../pipedrive/records/decode.ts";
import { recordSchema } from "../../pipedrive/records/record-schema.ts";
import { type Problem, renderProblems } from "../../problem.ts";
import { writeLine, writeMessage } from "../../protocol/standard-output.ts";
import { caseDifferences, runCase } from "../../sync/inspect/run-case.ts";
import { refuseOther } from "../../sync/runs/one-account.ts";
import { counted } from "../../text/counted.ts";
import type { CommonOptions } from "../common-options.ts";
import { mappingLoader } from "../opening/load-mapping.ts";
import { openAccount } from "../opening/with-account.ts";
import { readKept } from "../opening/with-database.ts";
import { withFailure } from "../terminal/failure-json.ts";
import { paint } from "../terminal/paint.ts";
import { reportFailure } from "../terminal/report-failure.ts";

/** A case that was run. */
interface CaseVerdict {
  file: string;
  line: number;
  name: string;
  passed: boolean;
  /** The differences between the row and the expected one; empty if it passed. */
  differences: string[];
}

/**
 * Runs the cases in the `tests` folder of the mappings: each maps a record and compares the row. Returns 0 if all pass,
 * otherwise 1. Throws a Failure of kind `usage` for errors in the files.
 */
export async function mappingTest(options: CommonOptions & { json?: true }): Promise<number> {
  const account = await openAccount(options);
  const { config, logger } = account;
  const files = readTestFiles(join(config.mappings, "tests"));
  const kept = await readKept(
    config.database,
    (message) => logger.warn(message),
    () => undefined,
  );
  const { mapping, catalog } = await mappingLoader(
    config,
    kept.catalog,
    () => account,
    (asked) => refuseOther(kept.own, asked, config.database),
  )();
  const prepared = prepare(files, catalog);
  const verdicts = prepared.map(({ file, one, record }): CaseVerdict => {
    const differences = caseDifferences(one, runCase(mapping, one, record));
    return { file, line: one.line, name: one.name, passed: differences.length === 0, differences };
  });
  const passed = verdicts.filter((verdict) => verdict.passed).length;
  const failed = verdicts.length - passed;
  const failure = failed === 0 ? undefined : new Failure("run", `${passed} passed, ${failed} failed`);
  if (options.json) await writeMessage(withFailure({ passed, failed, cases: verdicts }, failure));
  else {
    for (const line of verdicts.flatMap(describeVerdict)) await writeLine(line);
    await writeLine(`\n${passed} passed, ${failed} failed`);
  }
  return failure === undefined ? 0 : reportFailure(failure, { isShown: options.json !== true });
}

function readTestFiles(folder: string): MappingFile[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  if (!names.some((name) => /\.ya?ml$/i.test(name))) {
    throw new Failure(
      "usage",
      `There are no tests: ${folder} ${existsSync(folder) ? "has no YAML file" : "does not exist"}.`,
      {
        hint: "docs/mapping.md shows how to write one, in section Tests.",
      },
    );
  }
  return readMappingFiles(folder);
}

/** A case with its record in the API's form. */
interface PreparedCase {
  file: string;
  one: MappingCase;
  record: JsonObject;
}

function prepare(files: readonly MappingFile[], catalog: AccountCatalog | undefined): PreparedCase[] {
  const problems: Problem[] = [];
  const prepared = files.flatMap(({ name, text }) => {
    const report = reportTo(problems, name);
    return (parseCases(text, report) ?? []).flatMap((one) => {
      const record = recordOf(one, one.record, catalog, report);
      const around = aroundOf(one, catalog, report);
      return record === undefined ? [] : [{ file: name, one: { ...one, ...around }, record }];
    });
  });
  if (problems.length === 0) return prepared;
  const sources = new Map(files.map(({ name, text }) => [name, text]));
  throw new Failure(
    "usage",
    `The tests have ${counted(problems.length, "problem")}.\n\n${renderProblems(problems, sources)}`,
  );
}

/** Returns the record as it would land; undefined if it could not, which is reported. A missing id becomes 1. */
function recordOf(
  one: MappingCase,
  written: JsonObject,
  catalog: AccountCatalog | undefined,
  report: Report,
): JsonObject | undefined {
  const labelled = recordByLabel(one.stream, { id: 1, ...written }, catalog);
  if ("fault" in labelled) {
    report.error(one.recordPlace, labelled.fault, labelled.hint);
    return undefined;
  }
  const body = { data: labelled.record };
  const { records, rejected } = decode(one.stream, { body, text: JSON.stringify(body) });
  const record = records[0]?.record;
  // Report every value that Pipedrive's API never sends to the case's author.
  const fault = rejected[0]?.reason ?? (record === undefined ? undefined : recordSchema(one.stream).problemOf(record));
  if (fault === undefined) return record;
  report.error(one.recordPlace, `Pipedrive has no such record: ${fault}.`);
  return undefined;
}

function aroundOf(one: MappingCase, catalog: AccountCatalog | undefined, report: Report) {
  const around = { organization: one.organization, person: one.person };
  for (const [key, stream] of [
    ["organization", "organizations"],
    ["person", "persons"],
  ] as const) {
    const written = one[key];
    if (written !== undefined) around[key] = recordOf({ ...one, stream }, written, catalog, report);
  }
  return around;
}

function describeVerdict({ passed, name, file, line, differences }: CaseVerdict): string[] {
  if (passed) return [`${paint("passed", "good")}  ${name}`];
  return [
    `${paint("FAILED", "bad")}  ${name} (${file}:${line})`,
    ...differences.map((difference) => `          ${difference}`),
  ];
}
