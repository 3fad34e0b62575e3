import { readSpecification } from "../../config/specification.ts";
import { emit } from "../../protocol/standard-output.ts";

/** Prints the SPEC message (Airbyte protocol 0.18). Returns the exit status. */
export async function spec(): Promise<number> {
  await emit({ type: "SPEC", spec: readSpecification() });
  return 0;
}
