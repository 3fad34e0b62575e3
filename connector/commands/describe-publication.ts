import { counted } from "../counted.ts";
import { modelNames } from "../model-name.ts";
import type { PlannedPublication } from "../sync/planned.ts";
import { shown } from "./describe-change.ts";
import { oneLine } from "./display-text.ts";
import { paint } from "./paint.ts";
import { table } from "./table.ts";

/** How many twins people are shown. */
const mostTwins = 50;

/** What goes to Planhat, as lines for people: by model, and the companies that it seems to have already. */
export function describePublication(publication: PlannedPublication | undefined): string[] {
  if (publication === undefined || toPublish(publication) === 0) return [];
  const { published, deleted, twins } = publication;
  const rows = modelNames.flatMap((model) => {
    const { create, take_over, update, same } = published[model];
    const counts = [create, take_over, update, same, deleted[model]];
    return counts.every((count) => count === 0) ? [] : [[model, ...counts]];
  });
  return [
    "In Planhat:",
    ...table([["", "create", "take over", "update", "the same", "remove"], ...rows]),
    ...twins.slice(0, mostTwins).map(({ sourceId, name, planhatId, planhatName }) => {
      const there = `${shown(planhatName)} (${oneLine(planhatId)})`;
      return `${paint("!", "warning")} company ${oneLine(sourceId)} ${shown(name)}: Planhat seems to have it already, as ${there}`;
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

/** How many objects a plan creates, takes over, updates or removes in Planhat. */
export function toPublish(publication: PlannedPublication | undefined): number {
  if (publication === undefined) return 0;
  return modelNames.reduce((sum, model) => {
    const { create, take_over, update } = publication.published[model];
    return sum + create + take_over + update + publication.deleted[model];
  }, 0);
}
