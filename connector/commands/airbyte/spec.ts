import { destinationSpecification } from "../../config/destination-specification.ts";
import { readSpecification } from "../../config/specification.ts";
import { emit } from "../../protocol/standard-output.ts";

/** Prints the SPEC message (Airbyte protocol 0.18). Returns the exit status. */
export async function spec(): Promise<number> {
  await emit({ type: "SPEC", spec: readSpecification() });
  return 0;
}

/** Prints the SPEC message of the destination. Returns the exit status. */
export async function destinationSpec(): Promise<number> {
  await emit({ type: "SPEC", spec: destinationSpecification() });
  return 0;
}
