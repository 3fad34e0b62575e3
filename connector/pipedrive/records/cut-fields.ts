import { RecordScan } from "./record-scan.ts";
import { anyShape } from "./record-shape.ts";

const [comma, colon] = [44, 58];
const [open, close, separator] = [Buffer.from("{"), Buffer.from("}"), Buffer.from(",")];

/**
 * Returns the JSON text of an object with only these members, each as written, in the same order. `bytes` must be
 * exactly one JSON object.
 */
export function cutFields(bytes: Buffer, fields: ReadonlySet<string>): Buffer {
  const scan = new RecordScan(bytes, anyShape);
  const runs: Buffer[] = [];
  /** The start of the current run of kept members; -1 between runs. */
  let begin = -1;
  let end = 0;
  const endRun = () => {
    if (begin !== -1) runs.push(runs.length === 0 ? open : separator, bytes.subarray(begin, end));
    begin = -1;
  };
  scan.passes(open[0]!);
  if (bytes[scan.at] === close[0]) return bytes;
  do {
    const start = scan.at;
    scan.string();
    const written = bytes.toString("utf8", start + 1, scan.at - 1);
    const key = written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;
    scan.passes(colon);
    scan.value();
    if (!fields.has(key)) endRun();
    else {
      if (begin === -1) begin = start;
      end = scan.at;
    }
  } while (scan.passes(comma));
  endRun();
  return runs.length === 0 ? Buffer.from("{}") : Buffer.concat([...runs, close]);
}
