import type { StreamName } from "../stream-name.ts";
import type { SyncRequest } from "./run-context.ts";

/** Warns of records that were passed over because the token's user may not see them. */
export function warnNotPermitted({ onWarning }: SyncRequest, stream: StreamName, ids: readonly number[]): void {
  if (ids.length === 0) return;
  onWarning?.(
    `Pipedrive does not let the token's user see ${stream} ${ids.join(", ")}: what is known of them stays as it was. Use an administrator's API token.`,
  );
}
