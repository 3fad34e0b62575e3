import { dayOf } from "../day.ts";
import { rejected, shown } from "../outcome.ts";
import { eachElement } from "./each-element.ts";
import type { Transform } from "./transform.ts";

/** `date`: the UTC day of a day or an instant. */
export const date: Transform = {
  name: "date",
  description:
    "The day, `YYYY-MM-DD`, of a date or of an instant (its day in UTC). A day that does not exist is refused.",
  examples: [
    { input: "2026-01-31", output: "2026-01-31" },
    { input: "2026-01-31T23:30:00-02:00", output: "2026-02-01" },
    { input: "2026-01-31 10:00:00", output: "2026-01-31" },
    { input: "0000-00-00", output: { refused: '"0000-00-00" is not a valid date (YYYY-MM-DD)' } },
    { input: "2026-02-30", output: { refused: '"2026-02-30" is not a valid date (YYYY-MM-DD)' } },
    { input: null, output: null },
    { input: undefined, output: undefined },
  ],
  compile: () => ({
    apply: ({ value }) =>
      eachElement(
        value,
        (element) =>
          (typeof element === "string" ? dayOf(element) : undefined) ??
          rejected(`${shown(element)} is not a valid date (YYYY-MM-DD)`),
      ),
  }),
  withoutInverse: "many instants share a day",
};
