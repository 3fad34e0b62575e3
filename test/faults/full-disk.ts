import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * How a full disk behaves: most take what overwrites a file and refuse what makes it longer; one that writes everything
 * to a new place (copy on write, a quota, thin provisioning) refuses `every` write.
 */
export type FullDisk = "growing" | "every";

const real = fs.writeSync;

/**
 * From the `after`-th of the writes that it would refuse, every one fails as on a full disk: those of the embedded database,
 * and of whatever else writes synchronously to a file. Returns what gives the disk room again.
 */
export function fillDisk(kind: FullDisk, after: number): { makeRoom(): void; refused(): number; counted(): number } {
  let counted = 0;
  let refused = 0;
  fs.writeSync = ((file: number, buffer: unknown, offset: unknown, length: number, position: unknown) => {
    const isOutput = file <= 2;
    const grows = typeof position !== "number" || position + length > fs.fstatSync(file).size;
    if (!isOutput && (kind === "every" || grows) && ++counted > after) {
      refused++;
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
    }
    return real(file, buffer as Uint8Array, offset as number, length, position as number);
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
  return {
    makeRoom() {
      fs.writeSync = real;
      syncBuiltinESMExports();
    },
    refused: () => refused,
    counted: () => counted,
  };
}

// Loaded before the bin (node --import), it fills the disk as the environment says.
const asked = process.env["FULL_DISK"]?.split(" ");
if (asked !== undefined) fillDisk(asked[0] as FullDisk, Number(asked[1]));
