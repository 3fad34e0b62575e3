import { once } from "node:events";
import { withoutSecrets } from "../secrets.ts";

/**
 * Writes one line to stdout and waits while the reader is slower than we are, so that memory does not grow. A reader
 * that has gone away (EPIPE) ends the process quietly, as it does for every Unix filter.
 */
export async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** Writes one JSON document as a line, without secrets. */
export async function writeMessage(message: object): Promise<void> {
  await writeLine(withoutSecrets(JSON.stringify(message)));
}
