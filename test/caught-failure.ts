import { Failure } from "../connector/failure.ts";

/** What is thrown, as text to compare: kind, message and hint of a Failure. Anything else is thrown on. */
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
