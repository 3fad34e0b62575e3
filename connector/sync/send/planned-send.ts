import type { FieldSend } from "../decide/decide-send.ts";
import type { FieldChange } from "../decision.ts";
import type { Run, RunRequest } from "../run-context.ts";
import type { Sending } from "./sending.ts";

/** Records, for a plan, an organization that a sync changes or creates, and counts it if consent was given. */
export function noteSend(
  run: Run<RunRequest>,
  { consented }: Sending,
  sourceId: string | null,
  fields: readonly FieldSend[],
): void {
  const changes = fields.map(({ field, from, to }): [string, FieldChange] => [field, { from, to }]);
  run.request.onSend?.({ model: "company", source_id: sourceId, action: "send", fields: Object.fromEntries(changes) });
  if (!consented) return;
  if (sourceId === null) run.summary.sent.organizations.created++;
  else run.summary.sent.organizations.updated++;
}
