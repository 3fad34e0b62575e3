import { TextDecoder } from "node:util";
import { Failure } from "../../failure.ts";

/** Bytes of the longest accepted statement. */
const longest = 16 * 1024 * 1024;

const example = 'pipedrive-planhat query "select name, city from planhat.companies limit 10"';

/** Reads the statement: the argument, or stdin if there is none or it is `-`. Throws a Failure of kind `usage`. */
export async function readStatement(argument: string | undefined, signal: AbortSignal): Promise<string> {
  if (argument !== undefined && argument !== "-") return argument;
  if (process.stdin.isTTY) {
    throw new Failure("usage", "There is no statement: neither as an argument nor on stdin.", { hint: example });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = () => process.stdin.destroy();
  signal.addEventListener("abort", stop);
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > longest) throw new Failure("usage", "The statement on stdin is longer than 16 MB.");
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Failure("usage", "The statement on stdin is not UTF-8.");
  }
}
