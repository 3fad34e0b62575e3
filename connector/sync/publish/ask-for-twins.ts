import { askConsent, tellHeld } from "../consent.ts";
import type { Twin } from "../planned.ts";
import type { Run, RunRequest } from "../run-context.ts";

/**
 * Asks for consent to create companies that Planhat seems to have. Returns the source ids of those that wait; none in a
 * dry run, which shows the result with consent.
 */
export async function askForTwins(
  run: Run<RunRequest>,
  host: string,
  twins: readonly Twin[],
): Promise<ReadonlySet<string>> {
  const terms = twins.map(({ sourceId }) => sourceId);
  const missing = await askConsent(run, { kind: "twins", scope: run.tenant!.id, terms });
  const what = `companies to make in Planhat (${host}) beside one of the same name or domain (twins)`;
  tellHeld(run, "twins", [{ what, count: missing.length, remedy: howToMeetTwins }]);
  return new Set(run.request.database.rehearsal ? [] : missing);
}

const howToMeetTwins =
  "`pipedrive-planhat plan` lists them. To have one taken over, write the organization's id into its sourceId in Planhat; `pipedrive-planhat sync --yes` makes a second company of each that is left.";
