import { Failure } from "../../connector/failure.ts";

/** Returns the Failure of `work`; throws if it ends otherwise. */
export async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}
