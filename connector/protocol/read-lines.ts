import { isUtf8 } from "node:buffer";

/**
 * A line of the input with its number, counted from 1: its UTF-8 without the line end, or the fault that makes it
 * unreadable.
 */
export type Line = { number: number; bytes: Buffer } | { number: number; fault: string };

/** Bytes of the longest line that is read: above this, Airbyte itself says that a record may not load. */
export const longestLine = 20_000_000;

const lineFeed = 0x0a;

/**
 * Yields the lines of a byte stream, as many at a time as have come. A line above `most` bytes is skipped without being
 * stored, so that memory stays bounded. That, and bytes that are not UTF-8, is reported as the line's fault.
 */
export async function* readLines(
  input: AsyncIterable<Buffer | string>,
  most = longestLine,
): AsyncGenerator<Line[], void> {
  let number = 1;
  /** The beginning of an unfinished line; dropped when it gets too long. */
  let kept: Buffer[] = [];
  let length = 0;
  const finish = (rest: Buffer): Line[] => {
    const bytes = length + rest.length;
    const lines = bytes > most ? [tooLong(number, most)] : linesOf(Buffer.concat([...kept, rest]), number, most);
    // PowerShell and Windows editors begin a text with a byte order mark, which JSON does not allow.
    const [begin] = lines;
    if (number === 1 && begin !== undefined && "bytes" in begin) begin.bytes = withoutMark(begin.bytes);
    kept = [];
    length = 0;
    number += lines.length;
    return lines;
  };
  for await (const piece of input) {
    const chunk = typeof piece === "string" ? Buffer.from(piece) : piece;
    const first = chunk.indexOf(lineFeed);
    const last = chunk.lastIndexOf(lineFeed);
    if (first !== -1) {
      const lines = finish(chunk.subarray(0, first));
      if (last > first) {
        const whole = linesOf(chunk.subarray(first + 1, last), number, most);
        number += whole.length;
        lines.push(...whole);
      }
      yield lines;
    }
    const rest = chunk.subarray(last + 1);
    length += rest.length;
    if (length > most) kept = [];
    else if (rest.length > 0) kept.push(rest);
  }
  if (length > 0) yield finish(Buffer.alloc(0));
}

const mark = Buffer.from("\uFEFF");

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, mark.length).equals(mark) ? bytes.subarray(mark.length) : bytes;
}

/** Splits the bytes of whole lines. */
function linesOf(bytes: Buffer, first: number, most: number): Line[] {
  const areText = isUtf8(bytes);
  const lines: Line[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const end = bytes.indexOf(lineFeed, start);
    const line = bytes.subarray(start, end === -1 ? bytes.length : end);
    const number = first + lines.length;
    if (line.length > most) lines.push(tooLong(number, most));
    else if (areText || isUtf8(line)) lines.push({ number, bytes: line });
    else lines.push({ number, fault: "it is not UTF-8" });
    if (end === -1) break;
    start = end + 1;
  }
  return lines;
}

function tooLong(number: number, most: number): Line {
  return { number, fault: `it is longer than ${most.toLocaleString("en")} bytes` };
}
