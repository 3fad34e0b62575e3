import { Failure } from "../../failure.ts";
import type { BrakedModel, BrakeLimits } from "../brake-terms.ts";

/** Thrown to roll back a transaction that would harm more than a run may. */
export class LinePassed extends Error {
  override readonly name = "LinePassed";

  constructor(readonly braked: BrakedModel) {
    super(`The brake stops at ${braked.count} of ${braked.total} rows of ${braked.model}.`);
  }
}

/** The next step, in the words of every remedy of the brake. */
export const howToGoOn =
  "`pipedrive-planhat plan` shows them; `pipedrive-planhat sync --yes` lets one run pass. A corrected mapping needs no --yes.";

/** The failure of a run that the brake stopped. */
export class HeldByBrake extends Failure {
  constructor(what: readonly string[], { share, rows }: BrakeLimits) {
    const line = `more than ${rows} and more than ${Number((share * 100).toFixed(2))} % of them wait for --yes`;
    super("run", `The brake stopped this run before it would harm ${what.join(" and ")}: ${line}.`, {
      hint: `Harm is a value that becomes empty, a row that moves or goes, a value that changes only because the mapping did. Committed work is kept, and the rest waits. ${howToGoOn}`,
      remedy: "change",
    });
  }
}
