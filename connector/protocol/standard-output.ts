import { once } from "node:events";
import { withoutSecrets } from "../secrets.ts";

/** The exit status of a filter whose reader has gone, as in a shell: 128 plus SIGPIPE. */
const readerGone = 141;

let guarded = false;
let written = false;

let onReaderGone = (): void => process.exit(readerGone);

/** Sets the reaction to a lost reader of stdout; by default the process exits. */
export function whenReaderGoes(act: () => void): void {
  onReaderGone = act;
}

/** Ends the process quietly when the reader has gone (EPIPE), like every Unix filter. */
function guard(): void {
  written = true;
  if (guarded) return;
  guarded = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return onReaderGone();
    process.stderr.write(`Error: stdout cannot be written to (${error.code ?? error.message}).\n`);
    process.exit(1);
  });
}

/**
 * Writes one line to stdout (several, if joined already) and waits while the reader is slower, so that memory does not
 * grow.
 */
export async function writeLine(line: string): Promise<void> {
  await writeText(`${line}\n`);
}

/** Returns true if anything was written to stdout. */
export function hasWritten(): boolean {
  return written;
}

/** Writes a short text without waiting, because the process ends. */
export function writeAtOnce(text: string): void {
  guard();
  process.stdout.write(text);
}

/** Writes a part of a line, and waits for a slow reader too. */
export async function writeText(text: string): Promise<void> {
  guard();
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Writes whole lines, and waits until they are handed over: then the bytes may be reused. */
export async function writeLines(lines: Uint8Array): Promise<void> {
  guard();
  await new Promise<void>((resolve) => process.stdout.write(lines, () => resolve()));
}

/** Writes one JSON document as a line, without secrets. */
export async function writeMessage(message: object): Promise<void> {
  await writeLine(withoutSecrets(JSON.stringify(message)));
}

/**
 * Writes a message of a protocol unchanged. The code that creates it removes secrets where they must not show: a record
 * is data, and must not change because it holds the same characters as a secret.
 */
export async function emit(message: object): Promise<void> {
  await writeLine(JSON.stringify(message));
}
