import { modelNames } from "../../model-name.ts";
import type { PlannedPublication } from "../../sync/planned.ts";
import { counted } from "../../text/counted.ts";
import { shownValue } from "../terminal/describe-change.ts";
import { oneLine } from "../terminal/display-text.ts";
import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";

/** Twins that are shown in text. */
const mostTwins = 50;

/** Returns the publication to Planhat as lines of text: counts by model, and companies that Planhat seems to have. */
export function describePublication(publication: PlannedPublication | undefined): string[] {
  if (publication === undefined || toPublish(publication) === 0) return [];
  const { published, deleted, twins, unknown, computed } = publication;
  const rows = modelNames.flatMap((model) => {
    const { create, take_over, update, same } = published[model];
    const counts = [create, take_over, update, same, deleted[model]];
    return counts.every((count) => count === 0) ? [] : [[model, ...counts]];
  });
  return [
    "In Planhat:",
    ...table([["", "create", "take over", "update", "the same", "remove"], ...rows]),
    ...(computed.deals === 0
      ? []
      : [
          `The amounts of ${counted(computed.deals, "deal")} are computed by Planhat from ${counted(computed.lineItems, "line item")}, and not sent.`,
        ]),
    ...unknown.slice(0, mostTwins).map(({ model, planhat_id: id, source_id: sourceId, name }) => {
      const key = sourceId === null ? "without a source id" : `source id ${oneLine(sourceId)}`;
      return `${paint("?", "warning")} ${model} ${shownValue(name)} (${oneLine(id)}, ${key}): Planhat has it, and nothing here becomes it`;
    }),
    ...(unknown.length > mostTwins ? [`… and ${unknown.length - mostTwins} more; --json shows them.`] : []),
    ...twins.slice(0, mostTwins).map(({ sourceId, name, planhatId, planhatName }) => {
      const there = `${shownValue(planhatName)} (${oneLine(planhatId)})`;
      return `${paint("!", "warning")} company ${oneLine(sourceId)} ${shownValue(name)}: Planhat seems to have it already, as ${there}`;
    }),
    ...(twins.length > mostTwins ? [`… and ${twins.length - mostTwins} more twins; --json shows all.`] : []),
    ...(twins.length > 0
      ? [
          `${counted(twins.length, "company", "companies")} would be made beside one that looks the same. To have one taken over,`,
          "write the organization's id into its sourceId in Planhat, or its id into planhat_id of the row.",
        ]
      : []),
    "",
  ];
}

/** Returns the number of objects that a plan creates, takes over, updates or removes in Planhat. */
export function toPublish(publication: PlannedPublication | undefined): number {
  if (publication === undefined) return 0;
  return modelNames.reduce((sum, model) => {
    const { create, take_over, update } = publication.published[model];
    return sum + create + take_over + update + publication.deleted[model];
  }, 0);
}
