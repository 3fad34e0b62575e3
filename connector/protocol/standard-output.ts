import { once } from "node:events";
import { withoutSecrets } from "../secrets.ts";

/** 128 plus SIGPIPE, as shells count a filter whose reader has gone. */
const readerGone = 141;

let guarded = false;

let onReaderGone = (): void => process.exit(readerGone);

/** Says what happens when the reader of stdout has gone away, in place of the end of the process. */
export function whenReaderGoes(act: () => void): void {
  onReaderGone = act;
}

/** A reader that has gone away (EPIPE) ends the process quietly, as it does every Unix filter. */
function guard(): void {
  if (guarded) return;
  guarded = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return onReaderGone();
    process.stderr.write(`Error: stdout cannot be written to (${error.code ?? error.message}).\n`);
    process.exit(1);
  });
}

/**
 * Writes one line to stdout (several, when they are joined already) and waits while the reader is slower than we are,
 * so that memory does not grow.
 */
export async function writeLine(line: string): Promise<void> {
  await writeText(`${line}\n`);
}

/** Writes a part of a line, and waits likewise. */
export async function writeText(text: string): Promise<void> {
  guard();
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Writes whole lines, and waits until they have been handed over: the bytes may be used again then. */
export async function writeLines(lines: Uint8Array): Promise<void> {
  guard();
  await new Promise<void>((resolve) => process.stdout.write(lines, () => resolve()));
}

/** Writes one JSON document as a line, without secrets. */
export async function writeMessage(message: object): Promise<void> {
  await writeLine(withoutSecrets(JSON.stringify(message)));
}

/**
 * Writes a message of a protocol as it is. Where secrets must not be shown, its maker removes them: a record is data,
 * and must not change because it holds the same characters as a secret.
 */
export async function emit(message: object): Promise<void> {
  await writeLine(JSON.stringify(message));
}
