import { readSpecification } from "../config/specification.ts";

/** Prints the SPEC message (Airbyte protocol 0.18). Returns the exit status. */
export async function spec(): Promise<number> {
  process.stdout.write(`${JSON.stringify({ type: "SPEC", spec: readSpecification() })}\n`);
  return 0;
}
