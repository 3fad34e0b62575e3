import type { Failure } from "../failure.ts";
import type { PlanhatClient } from "../planhat/client.ts";
import type { CustomFieldNames } from "../planhat/custom-fields.ts";

/** A Planhat tenant that rows are published to. */
export interface PlanhatConnection {
  client: PlanhatClient;
  /** Its custom fields, or why they could not be read: then nothing is published. */
  customFields: CustomFieldNames | Failure;
}
