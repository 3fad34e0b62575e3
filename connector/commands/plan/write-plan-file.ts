import { randomUUID } from "node:crypto";
import { accessSync, constants, createWriteStream, renameSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import { Readable as ReadableStream } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../failure.ts";
import { withoutSecrets } from "../../secrets.ts";
import { type PlanElement, type PlanHeader, planSections } from "../../sync/plan/kept-plan.ts";

/** Throws a Failure if no plan can be written to the file, before anything is fetched for it. */
export function refuseUnwritable(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    const what = stats.isDirectory() ? "is a folder" : "is not a regular file, but a device, a pipe or a socket";
    throw new Failure("usage", `The plan cannot be saved in ${file}: it ${what}.`);
  }
  const folder = dirname(resolve(file));
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory() !== true)
    throw new Failure("usage", `The plan cannot be saved in ${file}: there is no folder ${folder}.`);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new Failure("usage", `The plan cannot be saved in ${file}: this user may not write into ${folder}.`);
  }
}

/**
 * Writes a plan as one JSON document with one list element per line, so that it can be read again in little memory. The
 * file appears when it is complete. Only its owner may read it, because it contains personal data.
 */
export async function writePlanFile(
  file: string,
  header: PlanHeader,
  elements: AsyncIterable<PlanElement>,
): Promise<void> {
  const begun = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await pipeline(textOf(header, elements), createWriteStream(begun, { mode: 0o600, flags: "wx" }));
    renameSync(begun, file);
  } catch (error) {
    rmSync(begun, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof Failure) throw error;
    throw new Failure("run", `The plan could not be saved in ${file} (${code}).`, { cause: error });
  }
}

function textOf(header: PlanHeader, elements: AsyncIterable<PlanElement>): Readable {
  async function* parts() {
    const head = withoutSecrets(JSON.stringify(header));
    let section = 0;
    let separator = "";
    yield `${head.slice(0, -1)},"${planSections[0]}":[\n`;
    for await (const element of elements) {
      while (planSections[section] !== element.section) {
        section++;
        yield `${separator === "" ? "" : "\n"}],"${planSections[section]}":[\n`;
        separator = "";
      }
      yield separator + JSON.stringify(element.value);
      separator = ",\n";
    }
    while (++section < planSections.length) {
      yield `${separator === "" ? "" : "\n"}],"${planSections[section]}":[\n`;
      separator = "";
    }
    yield `${separator === "" ? "" : "\n"}]}\n`;
  }
  return ReadableStream.from(parts());
}
