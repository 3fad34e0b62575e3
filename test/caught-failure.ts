import { Failure } from "../connector/failure.ts";

/** Returns a thrown Failure for comparison: kind, message and hint. Rethrows any other error. */
export async function caughtFailure(
  work: Promise<unknown> | (() => unknown),
): Promise<{ kind: string; message: string; hint: string | undefined }> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: error.kind, message: error.message, hint: error.hint };
  }
  throw new Error("Nothing was thrown.");
}
