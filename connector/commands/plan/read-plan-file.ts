import { createReadStream, statSync } from "node:fs";
import { Failure } from "../../failure.ts";
import type { Json } from "../../mapping/value.ts";
import { type Line, readLines } from "../../protocol/read-lines.ts";
import { type PlanElement, type PlanHeader, planFormat, planSections, planVersion } from "../../sync/plan/kept-plan.ts";

/** Bytes of the largest accepted plan, and of its longest line. */
const largest = 4_000_000_000;
const longest = 20_000_000;

/** A complete plan in a file. */
export interface PlanFile {
  header: PlanHeader;
  /** Reads the plan's elements from the start. */
  elements: () => AsyncGenerator<PlanElement, void>;
}

/** Opens a plan file and reads it through once. Throws a Failure that names its fault in one sentence. */
export async function openPlanFile(file: string): Promise<PlanFile> {
  let header: PlanHeader | undefined;
  for await (const part of readParts(file)) header ??= "header" in part ? part.header : undefined;
  async function* elements() {
    for await (const part of readParts(file)) if (!("header" in part)) yield part;
  }
  return { header: header!, elements };
}

async function* readParts(file: string): AsyncGenerator<{ header: PlanHeader } | PlanElement, void> {
  refuseUnfit(file);
  let section = -1;
  let isWhole = false;
  try {
    for await (const lines of readLines(createReadStream(file), longest)) {
      for (const line of lines) {
        const text = textOf(file, line).trim();
        if (text === "") continue;
        if (isWhole) throw notAPlan(file, line.number, "something follows its end");
        if (section === -1) {
          yield { header: headerOf(file, text) };
          section = 0;
        } else if (text === `],"${planSections[section + 1]}":[`) section++;
        else if (text === "]}" && section === planSections.length - 1) isWhole = true;
        else {
          const value = parse(text.replace(/,$/, ""));
          if (value === undefined) throw notAPlan(file, line.number, "the line is no JSON object");
          yield { section: planSections[section]!, value };
        }
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof Failure || code === undefined) throw error;
    throw new Failure("usage", `The plan ${file} cannot be read (${code}).`, { cause: error });
  }
  if (section === -1) throw new Failure("usage", `${file} is empty: it holds no plan.`);
  if (!isWhole) {
    throw new Failure("usage", `The plan ${file} is cut off: its end is missing.`, { hint: again });
  }
}

const again = "Create it again: pipedrive-planhat plan --out <file>.";

function refuseUnfit(file: string): void {
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be read (${code})`;
    throw new Failure("usage", `The plan ${file} ${what}.`, {
      hint: "Name the file that was written by pipedrive-planhat plan --out <file>.",
    });
  }
  if (stats.isDirectory()) throw new Failure("usage", `The plan ${file} is a folder.`);
  if (!stats.isFile())
    throw new Failure("usage", `The plan ${file} is not a regular file, but a device, a pipe or a socket.`);
  if (stats.size > largest) throw new Failure("usage", `The plan ${file} has more than ${largest / 1e9} GB.`);
}

function textOf(file: string, line: Line): string {
  if ("fault" in line) throw notAPlan(file, line.number, line.fault);
  return line.bytes.toString();
}

function headerOf(file: string, text: string): PlanHeader {
  const begin = `,"${planSections[0]}":[`;
  const json = text.endsWith(begin) ? `${text.slice(0, -begin.length)}}` : text;
  const header = parse(json);
  if (header === undefined || header["format"] !== planFormat) {
    throw new Failure("usage", `${file} is not a plan of pipedrive-planhat.`, {
      hint: "Create one and leave it unchanged: pipedrive-planhat plan --out <file>.",
    });
  }
  if (header["version"] !== planVersion) {
    const written = `of form ${JSON.stringify(header["version"])}, by pipedrive-planhat ${String(header["connector"])}`;
    throw new Failure("usage", `The plan ${file} is ${written}; this version reads form ${planVersion}.`, {
      hint: again,
    });
  }
  if (!text.endsWith(begin)) throw notAPlan(file, 1, "the line does not end as it was written");
  return header as unknown as PlanHeader;
}

function parse(text: string): Record<string, Json> | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function notAPlan(file: string, line: number, why: string): Failure {
  return new Failure("usage", `The plan ${file} is not as it was written: line ${line}, ${why}.`, { hint: again });
}
